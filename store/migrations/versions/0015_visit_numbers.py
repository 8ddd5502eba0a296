"""numbers of visits are never used twice, which PostgreSQL holds anyway."""

from __future__ import annotations

from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == 'sqlite':
        with op.batch_alter_table('visit', recreate='always', table_kwargs={'sqlite_autoincrement': True}):
            pass


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == 'sqlite':
        with op.batch_alter_table('visit', recreate='always', table_kwargs={'sqlite_autoincrement': False}):
            pass
