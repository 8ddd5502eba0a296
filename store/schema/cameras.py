"""The table of the cameras' states."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from store.schema.base import Base


class CameraStatus(Base):
    """The current state of a camera, and the process that watches it.

    Attributes:
        camera: Its name.
        state: One of `store.cameras.STATES`.
        cause: Why, as a word for programs; empty if not known.
        message: What happened and what to do.
        since: When state or cause became what they are.
        moved: It was moved, and has not been seen where it was since. Outlives other states.
        owner: Token of the process that watches it; empty while none does.
        host: Where that process runs.
        pid: Its process id.
        heartbeat: Counts up while that process lives and its frames are processed.
        heartbeat_at: When it did so last.
        frame_at: When the newest frame came.
        fps: Frames that came in a second, lately.
    """

    __tablename__ = "camera_status"
    camera: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    cause: Mapped[str] = mapped_column(default="")
    message: Mapped[str] = mapped_column(default="")
    since: Mapped[float]
    moved: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = mapped_column(default="")
    host: Mapped[str] = mapped_column(default="")
    pid: Mapped[int | None]
    heartbeat: Mapped[int] = mapped_column(default=0)
    heartbeat_at: Mapped[float | None]
    frame_at: Mapped[float | None]
    fps: Mapped[float | None]
