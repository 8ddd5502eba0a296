"""cameras' passwords that older versions wrote to the journal are masked."""

from __future__ import annotations

from alembic import op

from store.scrub import mask_journal


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; `store.migrate` then cleans the files of what was masked."""
    mask_journal(op.get_bind())


def downgrade() -> None:
    """Take back: the tables are the same, and what was masked stays masked."""
