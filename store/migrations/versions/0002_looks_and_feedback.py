"""looks have an origin and a state; feedback and sales."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('look', schema=None) as batch_op:
        batch_op.add_column(sa.Column('origin', sa.String(), nullable=False, server_default='stylist'))
        batch_op.add_column(sa.Column('state', sa.String(), nullable=False, server_default='open'))
        batch_op.add_column(sa.Column('score', sa.Double(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('title', sa.String(), nullable=False, server_default=''))
        batch_op.create_index(batch_op.f('ix_look_origin'), ['origin'], unique=False)
        batch_op.create_index(batch_op.f('ix_look_state'), ['state'], unique=False)

    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('size', sa.String(), nullable=False, server_default=''))

    op.create_table('feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('time', sa.Double(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('outfit', sa.String(), nullable=False),
    sa.Column('colourway_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('propensity', sa.Double(), nullable=False),
    sa.Column('features', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['colourway_id'], ['colourway.id'], name=op.f('fk_feedback_colourway_id_colourway')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_feedback_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback')),
    sa.UniqueConstraint('visit_id', 'outfit', 'kind', 'colourway_id', name=op.f('uq_feedback_visit_id'))
    )
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_feedback_time'), ['time'], unique=False)
        batch_op.create_index(batch_op.f('ix_feedback_visit_id'), ['visit_id'], unique=False)

    op.create_table('sale',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('time', sa.Double(), nullable=False),
    sa.Column('receipt', sa.String(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_sale_variant_id_variant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sale')),
    sa.UniqueConstraint('receipt', 'variant_id', name=op.f('uq_sale_receipt'))
    )
    with op.batch_alter_table('sale', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sale_time'), ['time'], unique=False)
        batch_op.create_index(batch_op.f('ix_sale_variant_id'), ['variant_id'], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table('sale')
    op.drop_table('feedback')
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.drop_column('size')
    with op.batch_alter_table('look', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_look_state'))
        batch_op.drop_index(batch_op.f('ix_look_origin'))
        batch_op.drop_column('title')
        batch_op.drop_column('score')
        batch_op.drop_column('state')
        batch_op.drop_column('origin')
