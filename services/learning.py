"""Keep what the gallery learned in order: wrong labels out, new views into use."""

from __future__ import annotations

from store import Site, learning
from store.catalogue import load_embeddings


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


def use_learned_views(site: Site, now: float) -> bool:
    """Let cameras load the views that were learned since they last loaded the gallery.

    Returns:
        Whether there are any.
    """
    with site.store.write() as session:
        return bool(learning.announce_new(session, now))
