"""Send each day's summary once, and again where that failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import date
from typing import Final

from common.errors import SettingsError
from common.redact import redact
from services.summary.message import read_summary
from services.summary.schedule import due_day
from services.summary.transport import NotSent, PerhapsSent, send_email, send_webhook
from services.workers import Worker
from store import Site
from store.summaries import Channel, claim, note_failed, note_sent

log = logging.getLogger("fittingroom.summary")

_EVERY_S: Final = 30.0
#: Longer than a mail server and a webhook may take to time out.
_LIMIT_S: Final = 180.0
_SENDERS: Final = {"email": send_email, "webhook": send_webhook}


def channels(site: Site) -> list[Channel]:
    """List how summaries are sent."""
    settings = site.settings.summary
    found: list[Channel] = ["email"] if settings.email else []
    return [*found, "webhook"] if settings.webhook else found


def send_summary(
    site: Site, day: date, channel: Channel, now: float, again: bool = False
) -> str | None:
    """Send a day's summary by one channel, unless it was sent or has to wait.

    Returns:
        What became of it, `sent` or why it was not; None where nothing was to be sent.
    """
    number = claim(site, day, channel, now, again)
    if number is None:
        return None
    with site.store.read() as session:
        summary = read_summary(session, site, day, now)
    try:
        _SENDERS[channel](summary, site.settings.summary, now)
    except PerhapsSent as error:
        return f"perhaps sent, and not repeated: {redact(str(error))}"
    except (NotSent, SettingsError) as error:
        why = redact(str(error))
        with site.store.write() as session:
            note_failed(session, day, channel, number, now, why)
        return f"not sent: {why}"
    with site.store.write() as session:
        note_sent(session, day, channel, number, now)
    return "sent"


class Summaries:
    """Sends summaries in a server, when the shop has closed."""

    def __init__(self, site: Site, clock: Callable[[], float] = time.time) -> None:
        """Prepare; nothing is sent before the worker starts."""
        self._site, self._clock = site, clock
        #: Sends what is due; the server starts it.
        self.worker = Worker("summary", self.step, _EVERY_S, _LIMIT_S)

    def step(self) -> None:
        """Send what is due."""
        now = self._clock()
        day = due_day(self._site.settings, now)
        if day is None:
            return
        for channel in channels(self._site):
            if outcome := send_summary(self._site, day, channel, now):
                level = logging.INFO if outcome == "sent" else logging.ERROR
                log.log(level, "summary of %s by %s: %s", day, channel, outcome)
