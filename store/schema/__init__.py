"""The tables: catalogue, looks, visits, requests, journal.

Times are seconds since the epoch from an injected clock; money is in its currency's minor units
(ISO 4217).
"""

from store.schema.access import Account, Audit, KnownDevice, Login, Screen, Throttle
from store.schema.base import Base
from store.schema.cameras import CameraStatus
from store.schema.catalogue import (
    Article,
    Colourway,
    Look,
    LookItem,
    Picture,
    Sale,
    Stock,
    Variant,
    Vector,
    View,
)
from store.schema.visits import (
    Feedback,
    GarmentView,
    JournalEntry,
    Request,
    TakeAlong,
    Visit,
    VisitItem,
)

__all__ = [
    "Account",
    "Article",
    "Audit",
    "Base",
    "CameraStatus",
    "Colourway",
    "Feedback",
    "GarmentView",
    "JournalEntry",
    "KnownDevice",
    "Login",
    "Look",
    "LookItem",
    "Picture",
    "Request",
    "Sale",
    "Screen",
    "Stock",
    "TakeAlong",
    "Throttle",
    "Variant",
    "Vector",
    "View",
    "Visit",
    "VisitItem",
]
