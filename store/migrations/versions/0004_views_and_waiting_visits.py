"""views that cameras saw of articles; visits that wait for a room; shelves; the journal by kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('colourway_id', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('camera', sa.String(), nullable=False),
    sa.Column('time', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['colourway_id'], ['colourway.id'], name=op.f('fk_view_colourway_id_colourway')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_view'))
    )
    with op.batch_alter_table('view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_view_colourway_id'), ['colourway_id'], unique=False)

    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_journal_kind'), ['kind'], unique=False)

    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rooms', sa.JSON(), nullable=False, server_default='[]'))

    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shelf', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    """Undo."""
    # Before, a visit always had a room: one that nobody has claimed ends.
    op.execute("UPDATE visit SET closed_at = touched_at WHERE room = '' AND closed_at IS NULL")
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.drop_column('shelf')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_column('rooms')
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_journal_kind'))
    op.drop_table('view')
