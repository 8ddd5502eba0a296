from __future__ import annotations

import pytest

from services.insights.columns import write_interval, write_value
from services.insights.estimates import Estimate


@pytest.mark.parametrize(
    ("value", "kind", "text", "interval"),
    [
        (Estimate(0.234, 0.18, 0.294, 90), "share", "23 %", "18–29 %"),
        (Estimate(412.3, 360, 480, 300), "count", "412", "360–480"),
        (Estimate(7, 7, 7, 7), "count", "7", ""),
        (Estimate(95.2, 80, None, 7), "seconds", "95 s", ""),
        (Estimate(6.25, 5, 8, 30), "minutes", "6.2 min", "5.0–8.0 min"),
        (None, "share", "–", ""),
        ("", "text", "–", ""),
        (3, "count", "3", ""),
        (2.5, "mean", "2.5", ""),
        (Estimate(5.97, 5, 7, 6), "count", "6", "5–7"),
        (Estimate(0.002, 0.0, 0.004, 900), "share", "0.2 %", "0–0.4 %"),
    ],
)
def test_values_are_written_for_people(value: object, kind: str, text: str, interval: str) -> None:
    assert (write_value(value, kind), write_interval(value, kind)) == (text, interval)
