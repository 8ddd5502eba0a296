"""which learned views are of one garment, and how probable their label is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('view', schema=None) as batch_op:
        batch_op.add_column(sa.Column('garment', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('trust', sa.Double(), nullable=False, server_default='0'))


def downgrade() -> None:
    """Undo."""
    # The older program uses all learned views at once.
    op.execute("DELETE FROM view WHERE source <> 'held' AND trust < 0.7")
    with op.batch_alter_table('view', schema=None) as batch_op:
        batch_op.drop_column('trust')
        batch_op.drop_column('garment')
