from __future__ import annotations

import csv
import io
import json

from services.insights.estimates import Estimate
from services.insights.tables import ArticleCell, as_csv, as_json

ROWS = [
    {"article": ArticleCell("=T1", "Tee", "red", ""), "stay": Estimate(6.0, 5.0, None, 9)},
    {"article": ArticleCell("T2", "Tee", "blue", ""), "stay": None},
]


def test_a_csv_has_columns_for_the_interval() -> None:
    one, two = csv.DictReader(io.StringIO(as_csv(ROWS)))
    assert (one["stay"], one["stay_low"], one["stay_high"]) == ("6.0", "5.0", "")
    assert (two["stay"], two["stay_low"], two["article_number"]) == ("", "", "T2")
    assert one["article_number"] == "'=T1"  # no formula


def test_json_has_objects() -> None:
    one, two = json.loads(as_json(ROWS))
    assert one["stay"] == {"value": 6.0, "low": 5.0, "high": None, "of": 9}
    assert one["article"]["title"] == "Tee"
    assert two["stay"] is None
