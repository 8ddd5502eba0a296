from __future__ import annotations

import pytest

from common.crossing import Crossing
from tests.services.watching.test_playback import TEE, crossing
from vision.walkscript import judge, verdict

GOOD = [
    crossing(1, "entry"),
    crossing(5, "exit"),
    crossing(9, "entry", TEE, TEE),
    crossing(15, "exit", TEE),
]


@pytest.mark.parametrize(
    ("seen", "wanted", "said"),
    [
        ([], "open", ""),
        (GOOD[:2], "open", ""),
        (GOOD, "pass", "Detected at gate."),
        ([crossing(1, "exit")], "fail", "Detected as coming out"),
        ([crossing(1, "entry", TEE)], "fail", "1 garment was detected instead of 0"),
        ([*GOOD[:2], crossing(9, "entry", TEE)], "fail", "1 garment was detected instead of 2"),
        ([*GOOD, crossing(20, "exit")], "fail", "1 more crossings"),
    ],
)
def test_what_was_walked_is_judged(seen: list[Crossing], wanted: str, said: str) -> None:
    steps = judge(seen)
    assert verdict(steps) == wanted
    assert said in " ".join(step.said for step in steps)
