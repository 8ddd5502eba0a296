"""Use what a shop learns: wrong labels out, new views in, probabilities corrected by camera."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.recalibration import Recalibration, fit_recalibration
from store import Session, Site, learning
from store.catalogue import load_embeddings
from store.learning import Checked
from store.match_outcomes import MatchOutcome, match_outcomes


def check_learned_views(site: Site, now: float) -> Checked:
    """Check the labels of learned views: what is wrong is deleted, what is doubtful waits.

    Views of each embedder are compared with what that one has embedded, so that those from before
    an update are checked too, and articles that wait to be embedded are no hindrance.
    """
    found = []
    with site.store.read() as session:
        models = learning.learned_models(session)
    for model in models:
        with site.store.read() as session:
            pictures = load_embeddings(session, model, learned=False)
            labels = learning.compute_labels(session, model, pictures)
        with site.store.write() as session:  # after what takes long
            found.append(learning.save_labels(session, labels, now))
    return Checked(
        sum(one.wrong for one in found),
        sum(one.doubtful for one in found),
        sum(one.spare for one in found),
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
