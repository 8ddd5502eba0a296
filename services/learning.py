"""Use what a shop learns: wrong labels out, new views in, probabilities corrected by camera."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.recalibration import Recalibration, fit_recalibration
from store import Session, Site, learning
from store.catalogue import load_embeddings
from store.match_outcomes import MatchOutcome, match_outcomes


def remove_wrong_views(site: Site, now: float) -> int:
    """Delete learned views that are more similar to another article; returns how many.

    Views of each embedder are compared with what that one has embedded, so that those from before
    an update are checked too, and articles that wait to be embedded are no hindrance.
    """
    with site.store.read() as session:
        known = {m: load_embeddings(session, m) for m in learning.learned_models(session)}
    if not known:
        return 0
    with site.store.write() as session:
        return sum(
            learning.remove_disagreeing(session, model, gallery, now)
            for model, gallery in known.items()
        )


def fit_camera(session: Session, camera: str, model: str) -> Recalibration | None:
    """Fit the correction of a camera's match probability; None while too little is known.

    Args:
        session: A session of the shop.
        camera: The camera's name.
        model: The embedder's short name.
    """
    return fit_outcomes(match_outcomes(session, camera, model))


def fit_outcomes(known: Sequence[MatchOutcome]) -> Recalibration | None:
    """Fit the correction by matches of one camera; None while they are too few."""
    probabilities = np.array([outcome.probability for outcome in known], np.float64)
    return fit_recalibration(probabilities, np.array([o.correct for o in known], bool))


def use_learned_views(site: Site, now: float) -> bool:
    """Let cameras load the views that were learned since they last loaded the gallery.

    Returns:
        Whether there are any.
    """
    with site.store.write() as session:
        return bool(learning.announce_new(session, now))
