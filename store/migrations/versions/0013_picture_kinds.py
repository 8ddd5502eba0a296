"""what a picture shows, and whether it is embedded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('parsed_by', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('used', sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    """Undo."""
    # The older program embeds whole pictures, and every picture; it embeds those without a vector.
    op.execute("DELETE FROM vector WHERE picture_id IN (SELECT id FROM picture WHERE kind = 'worn')")
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.drop_column('used')
        batch_op.drop_column('parsed_by')
        batch_op.drop_column('kind')
