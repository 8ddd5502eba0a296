"""accounts, logins, paired screens, lists to take along; wishes for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.alter_column('colourway_id', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('taken_by', sa.String(), nullable=False, server_default=''))

    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('secret', sa.String(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('name', name=op.f('uq_account_name'))
    )
    op.create_table('login',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_login_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_login_token_hash'))
    )
    with op.batch_alter_table('login', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_account_id'), ['account_id'], unique=False)

    op.create_table('screen',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('room', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=True),
    sa.Column('asked_at', sa.Double(), nullable=False),
    sa.Column('paired_at', sa.Double(), nullable=True),
    sa.Column('paired_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_screen')),
    sa.UniqueConstraint('code', name=op.f('uq_screen_code')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_screen_token_hash'))
    )
    op.create_table('take_along',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('skus', sa.JSON(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_take_along')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_take_along_token_hash'))
    )
    with op.batch_alter_table('take_along', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_take_along_expires_at'), ['expires_at'], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table('take_along')
    op.drop_table('screen')
    op.drop_table('login')
    op.drop_table('account')
    op.execute("DELETE FROM request WHERE colourway_id IS NULL")
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.drop_column('taken_by')
        batch_op.alter_column('colourway_id', existing_type=sa.Integer(), nullable=False)
