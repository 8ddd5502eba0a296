"""first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('article',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('brand', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('product_type', sa.String(), nullable=False),
    sa.Column('google_category', sa.String(), nullable=False),
    sa.Column('gender', sa.String(), nullable=False),
    sa.Column('age_group', sa.String(), nullable=False),
    sa.Column('material', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article')),
    sa.UniqueConstraint('code', name=op.f('uq_article_code'))
    )
    with op.batch_alter_table('article', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_category'), ['category'], unique=False)

    op.create_table('journal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('time', sa.Double(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('room', sa.String(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal')),
    sa.UniqueConstraint('key', name=op.f('uq_journal_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_journal_room'), ['room'], unique=False)

    op.create_table('look',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_look')),
    sa.UniqueConstraint('code', name=op.f('uq_look_code'))
    )
    op.create_table('visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('room', sa.String(), nullable=False),
    sa.Column('opened_at', sa.Double(), nullable=False),
    sa.Column('touched_at', sa.Double(), nullable=False),
    sa.Column('closed_at', sa.Double(), nullable=True),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ix_visit_room_closed_at', ['room', 'closed_at'], unique=False)

    op.create_table('colourway',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('sku', sa.String(), nullable=False),
    sa.Column('colour', sa.String(), nullable=False),
    sa.Column('pattern', sa.String(), nullable=False),
    sa.Column('lab', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], name=op.f('fk_colourway_article_id_article')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_colourway')),
    sa.UniqueConstraint('article_id', 'key', name=op.f('uq_colourway_article_id')),
    sa.UniqueConstraint('sku', name=op.f('uq_colourway_sku'))
    )
    with op.batch_alter_table('colourway', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_colourway_article_id'), ['article_id'], unique=False)

    op.create_table('look_item',
    sa.Column('look_id', sa.Integer(), nullable=False),
    sa.Column('colourway_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['colourway_id'], ['colourway.id'], name=op.f('fk_look_item_colourway_id_colourway')),
    sa.ForeignKeyConstraint(['look_id'], ['look.id'], name=op.f('fk_look_item_look_id_look')),
    sa.PrimaryKeyConstraint('look_id', 'colourway_id', name=op.f('pk_look_item'))
    )
    with op.batch_alter_table('look_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_look_item_colourway_id'), ['colourway_id'], unique=False)

    op.create_table('picture',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('colourway_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('link', sa.String(), nullable=False),
    sa.Column('file', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['colourway_id'], ['colourway.id'], name=op.f('fk_picture_colourway_id_colourway')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture')),
    sa.UniqueConstraint('colourway_id', 'position', name=op.f('uq_picture_colourway_id'))
    )
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_picture_colourway_id'), ['colourway_id'], unique=False)

    op.create_table('request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('room', sa.String(), nullable=False),
    sa.Column('colourway_id', sa.Integer(), nullable=False),
    sa.Column('size', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('opened_at', sa.Double(), nullable=False),
    sa.Column('taken_at', sa.Double(), nullable=True),
    sa.Column('done_at', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['colourway_id'], ['colourway.id'], name=op.f('fk_request_colourway_id_colourway')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_request_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request'))
    )
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_request_visit_id'), ['visit_id'], unique=False)

    op.create_table('variant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('colourway_id', sa.Integer(), nullable=False),
    sa.Column('sku', sa.String(), nullable=False),
    sa.Column('gtin', sa.String(), nullable=False),
    sa.Column('size', sa.String(), nullable=False),
    sa.Column('price', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['colourway_id'], ['colourway.id'], name=op.f('fk_variant_colourway_id_colourway')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variant')),
    sa.UniqueConstraint('sku', name=op.f('uq_variant_sku'))
    )
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_variant_colourway_id'), ['colourway_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_variant_gtin'), ['gtin'], unique=False)

    op.create_table('visit_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('colourway_id', sa.Integer(), nullable=True),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('candidates', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['colourway_id'], ['colourway.id'], name=op.f('fk_visit_item_colourway_id_colourway')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_item_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_item'))
    )
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_item_visit_id'), ['visit_id'], unique=False)

    op.create_table('stock',
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('available', sa.Boolean(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_stock_variant_id_variant')),
    sa.PrimaryKeyConstraint('variant_id', name=op.f('pk_stock'))
    )
    op.create_table('vector',
    sa.Column('picture_id', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['picture_id'], ['picture.id'], name=op.f('fk_vector_picture_id_picture')),
    sa.PrimaryKeyConstraint('picture_id', 'model', name=op.f('pk_vector'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('vector')
    op.drop_table('stock')
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_item_visit_id'))

    op.drop_table('visit_item')
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_variant_gtin'))
        batch_op.drop_index(batch_op.f('ix_variant_colourway_id'))

    op.drop_table('variant')
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_request_visit_id'))
        batch_op.drop_index(batch_op.f('ix_request_state'))

    op.drop_table('request')
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_picture_colourway_id'))

    op.drop_table('picture')
    with op.batch_alter_table('look_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_look_item_colourway_id'))

    op.drop_table('look_item')
    with op.batch_alter_table('colourway', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_colourway_article_id'))

    op.drop_table('colourway')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_room_closed_at')

    op.drop_table('visit')
    op.drop_table('look')
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_journal_room'))

    op.drop_table('journal')
    with op.batch_alter_table('article', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_article_category'))

    op.drop_table('article')
