"""Run exported weights with OpenVINO on the CPU.

Chosen by measurement (`docs/explanation/experiments.md`): on CPUs with bfloat16 it takes two
thirds of ONNX Runtime's time, on others the same. One runtime serves all models, because two thread
pools in one process compete.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

# OpenVINO sends usage telemetry on import; it also works without its telemetry package.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino  # noqa: E402


@cache
def _core() -> openvino.Core:
    """Return the process's only OpenVINO core, with its CPU plugin loaded.

    The plugin sets up a signal stack for the thread that loads it, and frees that stack with
    the last model of the core: with a core for each model, the next signal after that kills
    the process (observed with 2026.4, also for `SIGCHLD`). So there is one core that is never
    released, and a short-lived thread loads the plugin.
    """
    with ThreadPoolExecutor(max_workers=1) as loader:
        core = openvino.Core()
        loader.submit(core.get_property, "CPU", "FULL_DEVICE_NAME").result()
    return core


class Engine:
    """A loaded model; safe to call from several threads."""

    def __init__(self, weights: bytes, threads: int, name: str, exact: bool) -> None:
        """Load an ONNX model.

        Args:
            weights: The file's content.
            threads: Number of CPU threads.
            name: The file's name, for errors.
            exact: Compute in float32, so that results agree between machines; otherwise in
                the fastest precision of the CPU.

        Raises:
            ModelError: These are not weights that OpenVINO can run.
        """
        settings: dict[str, Any] = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        if exact:
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        try:
            self._compiled = _compile(weights, settings)
        except Exception as error:  # OpenVINO raises plain RuntimeError and types of its own
            reason = str(error).strip().splitlines()[-1]
            raise ModelError(f"{name}: not a model that OpenVINO can run ({reason}).") from error
        self._request = self._compiled.create_infer_request()
        self._lock = threading.Lock()
        #: The inputs' names.
        self.inputs = tuple(port.any_name for port in self._compiled.inputs)
        #: Shapes of the inputs and outputs; None where a side varies.
        self.input_shapes = tuple(map(_shape_of, self._compiled.inputs))
        self.shapes = tuple(map(_shape_of, self._compiled.outputs))

    def run(self, given: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Run the model; returns its outputs in order."""
        with self._lock:
            found = self._request.infer(dict(given), share_outputs=False)
            return [np.array(found[port], np.float32) for port in self._compiled.outputs]


def _compile(weights: bytes, settings: dict[str, Any]) -> openvino.CompiledModel:
    return _core().compile_model(_core().read_model(weights), "CPU", settings)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn logits along axis 1 into probabilities."""
    odds = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(odds / odds.sum(1, keepdims=True), np.float32)


def _shape_of(port: Any) -> tuple[int | None, ...]:
    return tuple(side.get_length() if side.is_static else None for side in port.partial_shape)
