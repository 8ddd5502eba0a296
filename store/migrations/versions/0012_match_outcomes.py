"""what a garment was matched by: camera, embedder, nearest article, probability."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('camera', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('model', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('base_probability', sa.Double(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('nearest_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_visit_item_nearest_id_colourway'), 'colourway',
                                    ['nearest_id'], ['id'])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_visit_item_nearest_id_colourway'), type_='foreignkey')
        batch_op.drop_column('nearest_id')
        batch_op.drop_column('base_probability')
        batch_op.drop_column('model')
        batch_op.drop_column('camera')
