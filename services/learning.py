"""Keep what the gallery learned in order: wrong labels out, new views into use."""

from __future__ import annotations

from models.manifest import load_manifest
from store import Site, learning
from store.catalogue import load_gallery


def remove_wrong_views(site: Site, now: float) -> int:
    """Delete learned views that are more similar to another article; returns how many.

    Raises:
        StoreError: Articles are not embedded.
    """
    entry = load_manifest().embedder
    model = entry.sha256[:12]
    with site.store.read() as session:
        if not learning.list_learned(session):
            return 0
        gallery = load_gallery(session, model, entry.local_features)
    with site.store.write() as session:
        return learning.remove_disagreeing(session, model, gallery, now)


def use_learned_views(site: Site, now: float) -> bool:
    """Let cameras load the views that were learned since they last loaded the gallery.

    Returns:
        Whether there are any.
    """
    with site.store.write() as session:
        return bool(learning.announce_new(session, now))
