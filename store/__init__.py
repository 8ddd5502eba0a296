"""The shop: articles, stock, looks, visits, requests and the journal of events."""

from sqlalchemy.orm import Session

from store.database import Store, open_store
from store.errors import DatabaseUnavailable, StoreError
from store.migrate import create_or_upgrade
from store.site import Site, init_site, open_site

__all__ = [
    "DatabaseUnavailable",
    "Session",
    "Site",
    "Store",
    "StoreError",
    "create_or_upgrade",
    "init_site",
    "open_site",
    "open_store",
]
