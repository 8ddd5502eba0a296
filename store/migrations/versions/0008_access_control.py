"""names without regard to case, known devices, back-off after failures, the audit log."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def _fold(name: str) -> str:
    for _ in range(2):
        name = unicodedata.normalize('NFKC', name).casefold()
    return ' '.join(name.split())


def _fill_keys() -> None:
    """Fold every name; of names that fold alike, the later ones get a number."""
    account = sa.table('account', sa.column('id', sa.Integer), sa.column('name', sa.String),
                       sa.column('key', sa.String))
    connection = op.get_bind()
    taken: set[str] = set()
    for row in connection.execute(sa.select(account.c.id, account.c.name).order_by(account.c.id)):
        key, number = _fold(row.name), 1
        while key in taken:
            number += 1
            key = f'{_fold(row.name)} #{number}'
        taken.add(key)
        connection.execute(account.update().where(account.c.id == row.id).values(key=key))


def upgrade() -> None:
    """Apply."""
    op.add_column('account', sa.Column('key', sa.String(), nullable=True))
    _fill_keys()
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.alter_column('key', existing_type=sa.String(), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_account_key'), ['key'])

    with op.batch_alter_table('login', schema=None) as batch_op:
        for name in ('since', 'seen_at'):
            batch_op.add_column(sa.Column(name, sa.Double(), nullable=False, server_default='0'))
        for name in ('address', 'device'):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=''))

    op.create_table('known_device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_known_device_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_device')),
    sa.UniqueConstraint('token_hash', 'account_id', name=op.f('uq_known_device_token_hash'))
    )
    op.create_index(op.f('ix_known_device_account_id'), 'known_device', ['account_id'])

    op.create_table('throttle',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.Double(), nullable=False),
    sa.Column('until', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_throttle')),
    sa.UniqueConstraint('subject', name=op.f('uq_throttle_subject'))
    )
    op.create_index(op.f('ix_throttle_last_at'), 'throttle', ['last_at'])

    op.create_table('audit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('time', sa.Double(), nullable=False),
    sa.Column('event', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('device', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_index(op.f('ix_audit_time'), 'audit', ['time'])


def downgrade() -> None:
    """Undo."""
    for table in ('audit', 'throttle', 'known_device'):
        op.drop_table(table)
    with op.batch_alter_table('login', schema=None) as batch_op:
        for name in ('device', 'address', 'seen_at', 'since'):
            batch_op.drop_column(name)
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_account_key'), type_='unique')
        batch_op.drop_column('key')
