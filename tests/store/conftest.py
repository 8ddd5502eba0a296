"""A real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """A real PostgreSQL with pgvector."""
    pgserver: Any = pytest.importorskip("pgserver", reason="pgserver is not installed")
    folder = tempfile.mkdtemp()  # short: a socket's path has a limit
    server = pgserver.get_server(folder)
    engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
