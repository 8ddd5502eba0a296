"""Variants of garments and requests; declined requests; unsure categories; 14-digit GTINs."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

#: What staff tapped before declining was a state of its own.
SORRY = 'Sorry, not in stock'


def upgrade() -> None:
    """Apply."""
    for table in ('visit_item', 'request'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('variant_id', sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f'fk_{table}_variant_id_variant'), 'variant', ['variant_id'], ['id']
            )
        op.execute(
            f"UPDATE {table} SET variant_id = (SELECT MIN(variant.id) FROM variant "
            f"WHERE variant.colourway_id = {table}.colourway_id AND variant.size = {table}.size) "
            "WHERE size != ''"
        )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('size')
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reason', sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('category_certain', sa.Boolean(), nullable=False, server_default=sa.true())
        )
    _decline_what_was_not_in_stock()
    _rewrite_lists(lambda sku: {'sku': sku, 'exact': False})
    _rewrite_gtins(_padded)


def downgrade() -> None:
    """Undo."""
    op.execute(f"UPDATE request SET answer = '{SORRY}' WHERE state = 'declined' AND answer = ''")
    op.execute("UPDATE request SET state = 'done' WHERE state = 'declined'")
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.drop_column('reason')
    with op.batch_alter_table('visit_item', schema=None) as batch_op:
        batch_op.drop_column('category_certain')
    for table in ('visit_item', 'request'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('size', sa.String(), nullable=False, server_default=''))
        op.execute(
            f"UPDATE {table} SET size = (SELECT variant.size FROM variant "
            f"WHERE variant.id = {table}.variant_id) WHERE variant_id IS NOT NULL"
        )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(
                batch_op.f(f'fk_{table}_variant_id_variant'), type_='foreignkey'
            )
            batch_op.drop_column('variant_id')
    _rewrite_lists(lambda entry: entry['sku'] if isinstance(entry, dict) else entry)
    _rewrite_gtins(_as_printed)


def _decline_what_was_not_in_stock() -> None:
    """Tell requests that were refused from those that were delivered.

    They end when staff said so; that an article which never came was tried on is forgotten.
    """
    connection = op.get_bind()
    said: dict[int, float] = {}
    answers = connection.execute(
        sa.text("SELECT time, payload FROM journal WHERE kind = 'request.answered' ORDER BY id")
    )
    for time, payload in answers:
        told = json.loads(payload) if isinstance(payload, str) else payload
        if told.get('answer') == SORRY:
            said[told['request']] = time
    refused = connection.execute(
        sa.text(
            "SELECT id, visit_id, colourway_id, taken_at, done_at FROM request "
            "WHERE answer = :sorry AND state IN ('answered', 'done', 'cancelled')"
        ),
        {'sorry': SORRY},
    ).all()
    for row in refused:
        connection.execute(
            sa.text(
                "DELETE FROM feedback WHERE kind = 'tried' AND visit_id = :visit "
                "AND colourway_id = :colourway AND time = :time"
            ),
            {'visit': row.visit_id, 'colourway': row.colourway_id, 'time': row.done_at},
        )
        ended = said.get(row.id, row.done_at if row.done_at is not None else row.taken_at)
        connection.execute(
            sa.text(
                "UPDATE request SET state = 'declined', reason = 'out_of_stock', answer = '', "
                "done_at = :ended WHERE id = :id"
            ),
            {'ended': ended, 'id': row.id},
        )


def _rewrite_lists(change: Any) -> None:
    connection = op.get_bind()
    table = sa.table('take_along', sa.column('id', sa.Integer), sa.column('skus', sa.JSON))
    for row in connection.execute(sa.select(table.c.id, table.c.skus)).all():
        entries = [change(entry) for entry in row.skus]
        connection.execute(table.update().where(table.c.id == row.id).values(skus=entries))


def _rewrite_gtins(change: Any) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, gtin FROM variant WHERE gtin != ''")).all()
    changed = [{'id': r.id, 'gtin': change(r.gtin)} for r in rows if r.gtin.isdigit()]
    if changed:
        connection.execute(sa.text("UPDATE variant SET gtin = :gtin WHERE id = :id"), changed)


def _padded(gtin: str) -> str:
    return gtin.zfill(14)


def _as_printed(gtin: str) -> str:
    """Return a GTIN in the shortest form that bar codes have."""
    digits = gtin.lstrip('0')
    return digits.zfill(next(length for length in (8, 12, 13, 14) if length >= len(digits)))
