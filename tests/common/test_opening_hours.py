from __future__ import annotations

from datetime import date, datetime

import pytest

from common.errors import SettingsError
from common.opening_hours import Hours
from common.settings_file import parse_settings

FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, n) for n in (27, 28, 29))


@pytest.mark.parametrize(
    ("text", "day", "closes"),
    [
        ("Mo-Sa 10:00-20:00", FRIDAY, datetime(2026, 11, 27, 20)),
        ("Mo-Sa 10:00-20:00", SUNDAY, None),
        ("Mo-Fr 09:00-12:00,14:00-18:00", FRIDAY, datetime(2026, 11, 27, 18)),
        ("Fr 18:00-02:00", FRIDAY, datetime(2026, 11, 28, 2)),  # after midnight
        ("Fr 18:00-02:00", SATURDAY, None),
        ("24/7", FRIDAY, datetime(2026, 11, 28)),
        ("Mo-Sa 10:00-20:00; PH off", date(2026, 12, 25), None),
    ],
)
def test_a_shop_closes(text: str, day: date, closes: datetime | None) -> None:
    hours = Hours(text, "DE")
    assert hours.closes(day) == closes
    assert hours.is_open_on(day) == (closes is not None)


@pytest.mark.parametrize("text", ["always", "Mo 25:00-26:90", "Mo-Sa 10:00-"])
def test_what_is_no_opening_hours_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="shop.opening_hours.*Mo-Sa 10:00-20:00"):
        parse_settings(f'[shop]\nopening_hours = "{text}"', "test")


@pytest.mark.parametrize("country", ["Germany", "XX"])
def test_a_country_is_a_code(country: str) -> None:
    with pytest.raises(SettingsError, match="shop.country"):
        parse_settings(f'[shop]\ncountry = "{country}"', "test")
