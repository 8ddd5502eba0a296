from __future__ import annotations

from datetime import date, datetime

import pytest

from common.errors import SettingsError
from common.settings import Settings
from common.settings_file import parse_settings
from services.summary.schedule import due_day

OPEN = parse_settings('[shop]\nopening_hours = "Mo-Fr 10:00-20:00; Sa 10:00-01:00"', "test")


@pytest.mark.parametrize(
    ("settings", "moment", "day"),
    [
        (OPEN, datetime(2026, 5, 29, 20, 14), date(2026, 5, 28)),
        (OPEN, datetime(2026, 5, 29, 20, 15), date(2026, 5, 29)),
        (OPEN, datetime(2026, 5, 31, 1, 14), None),  # Friday is over for too long
        (OPEN, datetime(2026, 5, 31, 1, 15), date(2026, 5, 30)),  # closed after midnight
        (OPEN, datetime(2026, 5, 31, 23, 0), date(2026, 5, 30)),  # Sunday is closed
        (OPEN, datetime(2026, 6, 1, 12, 0), None),  # too long ago
        (Settings(), datetime(2026, 5, 29, 21, 59), date(2026, 5, 28)),
        (Settings(), datetime(2026, 5, 29, 22, 0), date(2026, 5, 29)),
    ],
)
def test_the_day_that_is_due(settings: Settings, moment: datetime, day: date | None) -> None:
    assert due_day(settings, moment.timestamp()) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('email = ["nobody"]', "summary.email"),
        ('email = ["a@b.c"]', "needs summary.smtp"),
        ('smtp = "smtp://user:p4ss@mail.example.com"', "summary.smtp"),
        ('webhook = "file:///etc/passwd"', "summary.webhook"),
        ('webhook = "https://reports.example.com:99999/day"', "summary.webhook.* port"),
        ('smtp = "smtp://mail.example.com:99999"', "summary.smtp.* port"),
    ],
)
def test_wrong_settings_are_refused(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse_settings(f"[summary]\n{text}", "test")
