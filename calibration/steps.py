"""The state of a camera's calibration, one line a step, for page and command."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.camera import Camera
from calibration.confirmation import describe_shape
from calibration.reach import gate_warnings


@dataclass(frozen=True)
class Step:
    """A step of the calibration.

    Attributes:
        name: Names it in addresses.
        title: For people.
        needed: Whether the camera is of no use without it.
        done: Whether it is done.
        said: What came out, or what is missing.
        warning: What will go wrong although the step is done; empty if nothing.
    """

    name: str
    title: str
    needed: bool
    done: bool
    said: str
    warning: str = ""


def steps_of(camera: Camera) -> list[Step]:
    """List a camera's steps in the order in which they are best done."""
    return [
        _masks(camera),
        _picture(camera),
        _gates(camera),
        _lens(camera),
        _floor(camera),
        _colour(camera),
    ]


def _masks(camera: Camera) -> Step:
    count = len(camera.masks)
    said = f"{count} {'mask' if count == 1 else 'masks'}"
    confirmed = camera.confirmed
    if camera.masks_confirmed and confirmed and confirmed.width and confirmed.height:
        said += f", confirmed by {confirmed.by} on {confirmed.date[:10]} for pictures of "
        said += f"{describe_shape(confirmed.width, confirmed.height)}."
    elif confirmed:
        said += f"; {camera.confirmation_problem}. Until they are confirmed again, the camera "
        said += "is not used."
    else:
        said += "; they are not confirmed, so the camera is not used."
    warning = " ".join(gate_warnings(camera))
    return Step("masks", "Masks", True, camera.masks_confirmed, said, warning)


def _picture(camera: Camera) -> Step:
    seen = camera.picture
    said = "Not checked yet."
    if seen:
        said = f"{seen.width}×{seen.height}, {seen.fps:g} pictures a second, {seen.date}."
    return Step("picture", "Picture", False, seen is not None, said)


def _gates(camera: Camera) -> Step:
    rooms = sorted({room for gate in camera.gates for room in gate.rooms})
    said = "No gate yet: people are not counted."
    if camera.gates:
        count = len(camera.gates)
        said = f"{count} {'gate' if count == 1 else 'gates'} to {', '.join(rooms)}."
    warning = " ".join(gate_warnings(camera))
    return Step("gate", "Gate", True, bool(camera.gates), said, warning)


def _lens(camera: Camera) -> Step:
    lens = camera.lens
    said = "Not measured; straight lines are taken as the picture shows them."
    if lens:
        said = f"{lens.views} views, error {lens.residual * 1000:.2f} ‰ of the width, "
        said += f"focal length certain to {lens.doubt:.1%}, {lens.date}."
    return Step("lens", "Lens", False, lens is not None, said)


def _floor(camera: Camera) -> Step:
    floor = camera.floor
    said = "Not measured; how many metres away a person stands is not known."
    if floor:
        error = "unproven" if floor.residual_m is None else f"{floor.residual_m * 100:.1f} cm"
        said = f"{floor.points} points, error {error}, {floor.date}."
    return Step("floor", "Floor", False, floor is not None, said)


def _colour(camera: Camera) -> Step:
    colour = camera.colour
    said = "Not corrected."
    if colour:
        said = f"By {colour.by}: ΔE {colour.error_before:.1f} before, {colour.error_after:.1f} "
        said += f"after, {colour.date}."
    return Step("colour", "Colour", False, colour is not None, said)
