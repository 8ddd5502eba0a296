"""cells of pictures and of views, which a model of before did not tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for table in ('vector', 'view'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('cells', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Undo."""
    for table in ('view', 'vector'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('cells')
