"""visits whose end nobody saw, hidden behind the next one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hidden_at', sa.Double(), nullable=True))


def downgrade() -> None:
    """Undo."""
    # The older program would show a hidden visit: its end was not seen.
    op.execute("UPDATE visit SET closed_at = hidden_at WHERE hidden_at IS NOT NULL AND closed_at IS NULL")
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_column('hidden_at')
