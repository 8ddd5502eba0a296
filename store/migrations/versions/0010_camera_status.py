"""what every camera does now, which process watches it, and whether it was moved."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

#: States in which a camera looks where it did when it was calibrated.
_IN_PLACE = ('running', 'blurred', 'colour')


def upgrade() -> None:
    """Apply; every camera begins with what it reported last, however long ago."""
    table = op.create_table('camera_status',
    sa.Column('camera', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('message', sa.String(), nullable=False),
    sa.Column('since', sa.Double(), nullable=False),
    sa.Column('moved', sa.Boolean(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('host', sa.String(), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=True),
    sa.Column('heartbeat', sa.Integer(), nullable=False),
    sa.Column('heartbeat_at', sa.Double(), nullable=True),
    sa.Column('frame_at', sa.Double(), nullable=True),
    sa.Column('fps', sa.Double(), nullable=True),
    sa.PrimaryKeyConstraint('camera', name=op.f('pk_camera_status'))
    )
    rows = _newest_states()
    if rows:
        op.bulk_insert(table, rows)


def _newest_states() -> list[dict[str, object]]:
    found = op.get_bind().execute(
        sa.text("SELECT time, payload FROM journal WHERE kind = 'camera.state' ORDER BY id")
    )
    rows: dict[str, dict[str, object]] = {}
    for time, payload in found:
        told = json.loads(payload) if isinstance(payload, str) else payload
        name, state = told.get('camera'), told.get('state')
        if not name or not state:
            continue
        moved = bool(rows.get(name, {}).get('moved'))
        moved = True if state == 'moved' else False if state in _IN_PLACE else moved
        rows[name] = {
            'camera': name, 'state': state, 'cause': '', 'message': told.get('problem') or '',
            'since': time, 'moved': moved, 'owner': '', 'host': '', 'pid': None, 'heartbeat': 0,
            'heartbeat_at': None, 'frame_at': None, 'fps': None,
        }
    return list(rows.values())


def downgrade() -> None:
    """Undo; the journal still holds every change of a state."""
    op.drop_table('camera_status')
