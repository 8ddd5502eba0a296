from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from models.embedders.mobilenet import MobileNetEmbedder
from models.engine import Engine
from models.errors import ModelError


@pytest.mark.integration
def test_nothing_phones_home() -> None:
    code = "import sys, models.engine; print(sys.modules['openvino_telemetry'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"


def test_weights_that_are_none_are_one_clear_error() -> None:
    with pytest.raises(ModelError, match=r"x\.onnx: not a model that OpenVINO can run"):
        Engine(b"nothing of the sort", 1, "x.onnx", exact=True)


@pytest.mark.integration
def test_a_signal_is_survived_after_models_are_dropped() -> None:
    code = """
import signal
from models.engine import Engine
from models.manifest import WEIGHTS
handled = []
signal.signal(signal.SIGUSR1, lambda *_: handled.append(True))
weights = (WEIGHTS / "stylist-query.onnx").read_bytes()
first, second = (Engine(weights, 1, "stylist-query.onnx", exact=True) for _ in range(2))
del first, second
signal.raise_signal(signal.SIGUSR1)
print(handled)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[True]"), done.stderr


def test_threads_do_not_mix_up_their_answers() -> None:
    embedder = MobileNetEmbedder(threads=1)
    crops = [np.full((80, 60, 3), shade, np.uint8) for shade in (20, 90, 160, 230)]
    alone = [embedder.embed([crop]).embeddings[0] for crop in crops]
    wrong: list[int] = []

    def ask(number: int) -> None:
        for _ in range(5):
            if not np.allclose(
                embedder.embed([crops[number]]).embeddings[0], alone[number], atol=1e-5
            ):
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(crops))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
