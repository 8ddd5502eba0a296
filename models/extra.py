"""Check for the packages of the extra `train` before work that needs them begins."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from models.errors import ModelError

#: Import names of what `fittingroom[train]` installs and a running shop does without.
TRAINING_PACKAGES: Final = (
    "torch",
    "torchvision",
    "ultralytics",
    "onnx",
    "onnxscript",
    "onnxslim",
    "safetensors",
    "sklearn",
)


def require_training_extra(what: str) -> None:
    """Raise one clear error if the packages of the extra `train` are not installed.

    Args:
        what: What needs them, as the subject of a sentence.

    Raises:
        ModelError: At least one package is missing.
    """
    missing = [name for name in TRAINING_PACKAGES if find_spec(name) is None]
    if missing:
        raise ModelError(
            f"{what} needs the training extra: pip install 'fittingroom[train]' "
            f"(not installed: {', '.join(missing)})."
        )
