"""an index of the journal by kind and time: what happened lately is asked for every few seconds."""

from __future__ import annotations

from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_kind')
        batch_op.create_index('ix_journal_kind_time', ['kind', 'time'], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_kind_time')
        batch_op.create_index('ix_journal_kind', ['kind'], unique=False)
