"""What views need of the server that they belong to: `current`, as Flask has `current_app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from flask import current_app
from werkzeug.local import LocalProxy

from services.cameras.sessions import Sessions
from services.insights.book import ReportBook
from services.outfits.recommend import Recommender
from store import Site
from store.login import Doorkeeper
from web.health import Health
from web.hub import Hub

#: The name of the application's extension that holds the context.
EXTENSION: Final = "fittingroom"


@dataclass(frozen=True)
class Context:
    """The parts of one server.

    Attributes:
        site: The site that it serves.
        now: Returns seconds since the epoch.
        hub: Follows the journal for live pages.
        recommender: Suggests outfits.
        sessions: Cameras that are being calibrated.
        doorkeeper: Checks names and PINs.
        health: Looks at the parts.
        reports: Figures of periods.
    """

    site: Site
    now: Callable[[], float]
    hub: Hub
    recommender: Recommender
    sessions: Sessions
    doorkeeper: Doorkeeper
    health: Health
    reports: ReportBook

    @property
    def shop(self) -> str:
        """The shop's name."""
        return self.site.settings.shop.name


#: The context of the application that answers the request.
current = cast(Context, LocalProxy(lambda: current_app.extensions[EXTENSION]))
