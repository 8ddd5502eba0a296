"""views learned from confirmed garments; the embeddings of garments that are in rooms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('garment_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('cells', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['visit_item.id'], name=op.f('fk_garment_view_item_id_visit_item'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_garment_view'))
    )
    with op.batch_alter_table('garment_view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_garment_view_item_id'), ['item_id'], unique=False)

    with op.batch_alter_table('view', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.String(), nullable=False, server_default='held'))
        batch_op.add_column(sa.Column('item_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_view_item_id'), ['item_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_view_item_id_visit_item'), 'visit_item',
                                    ['item_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('probability', sa.Double(), nullable=False, server_default='0'))


def downgrade() -> None:
    """Undo."""
    # The older program does not tell learned views from those that were held up to a camera.
    op.execute("DELETE FROM view WHERE source <> 'held'")
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.drop_column('probability')
    with op.batch_alter_table('view', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_view_item_id_visit_item'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_view_item_id'))
        batch_op.drop_column('item_id')
        batch_op.drop_column('source')
    op.drop_table('garment_view')
