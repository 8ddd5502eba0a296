"""Running exported weights: OpenVINO on the processor.

Chosen by measurement (`models/weights/README.md`): on processors with bfloat16 it takes two
thirds of ONNX Runtime's time, on others as long. One runtime serves all models, since two
thread pools in a process fight.
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

# OpenVINO tells its makers of every import. It does without the package that does so, and a
# shop's cameras tell nobody anything.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino  # noqa: E402


@cache
def _core() -> openvino.Core:
    """Return the process's only OpenVINO core, with its processor plugin loaded.

    The plugin gives the thread that loads it a stack for signal handlers, and frees that
    stack when the last model of its core is dropped: with a core for each model, the next
    signal after such a drop kills the process (seen with 2026.4, `SIGCHLD` among them). So
    there is one core, it is never dropped, and a thread that ends at once loads the plugin.
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
            threads: How many processor threads it may use.
            name: The file's name, for the error.
            exact: Compute in float32 everywhere, so that results agree between machines;
                otherwise in what the processor is quickest at.

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
            model = _core().read_model(weights)
            self._compiled = _core().compile_model(model, "CPU", settings)
        except Exception as error:  # OpenVINO raises plain RuntimeError and types of its own
            reason = str(error).strip().splitlines()[-1]
            raise ModelError(f"{name}: not a model that OpenVINO can run ({reason}).") from error
        self._request = self._compiled.create_infer_request()
        self._lock = threading.Lock()
        #: The inputs' names.
        self.inputs = tuple(port.any_name for port in self._compiled.inputs)
        #: The outputs' shapes; None where a side varies.
        self.shapes = tuple(
            tuple(side.get_length() if side.is_static else None for side in port.partial_shape)
            for port in self._compiled.outputs
        )

    def run(self, given: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Run the model; returns its outputs in order."""
        with self._lock:
            found = self._request.infer(dict(given), share_outputs=False)
            return [np.array(found[port], np.float32) for port in self._compiled.outputs]
