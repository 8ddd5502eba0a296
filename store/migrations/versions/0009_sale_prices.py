"""Sale prices with their time; prices in the minor units of their own currency."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

# ISO 4217: currencies whose unit has not 100 parts. Prices were in hundredths of any of them.
WHOLE = ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND',
         'VUV', 'XAF', 'XOF', 'XPF')
THOUSANDTHS = ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
LARGEST = 2**31 - 1


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.alter_column('price', existing_type=sa.Integer(), type_=sa.BigInteger(),
                              existing_nullable=True)
        batch_op.add_column(sa.Column('sale_price', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('sale_from', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('sale_until', sa.Double(), nullable=True))
    op.execute(f"UPDATE variant SET price = price / 100 WHERE currency IN {WHOLE}")
    op.execute(f"UPDATE variant SET price = price * 10 WHERE currency IN {THOUSANDTHS}")


def downgrade() -> None:
    """Undo."""
    op.execute(f"UPDATE variant SET price = price * 100 WHERE currency IN {WHOLE}")
    op.execute(f"UPDATE variant SET price = price / 10 WHERE currency IN {THOUSANDTHS}")
    # The older tables hold no price that is larger.
    op.execute(f"UPDATE variant SET price = NULL WHERE price > {LARGEST}")
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.drop_column('sale_until')
        batch_op.drop_column('sale_from')
        batch_op.drop_column('sale_price')
        batch_op.alter_column('price', existing_type=sa.BigInteger(), type_=sa.Integer(),
                              existing_nullable=True)
