"""Merging a colourway into another one, with everything that refers to it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from store.schema import Article, Base, Colourway, Feedback, LookItem, Picture, Vector

#: How many values one statement may list.
_MANY: Final = 500


def merge_colourways(session: Session, old: int, new: int) -> None:
    """Let everything that refers to one colourway refer to another, and delete the first."""
    pictures = select(Picture.id).where(Picture.colourway_id == old)
    session.execute(delete(Vector).where(Vector.picture_id.in_(pictures)))
    session.execute(delete(Picture).where(Picture.colourway_id == old))
    both = select(LookItem.look_id).where(LookItem.colourway_id == new).scalar_subquery()
    session.execute(
        delete(LookItem).where(LookItem.colourway_id == old, LookItem.look_id.in_(both))
    )
    _drop_double_feedback(session, old, new)
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if any(key.column is Colourway.__table__.c.id for key in column.foreign_keys):
                session.execute(update(table).where(column == old).values({column.name: new}))
    session.execute(delete(Colourway).where(Colourway.id == old))
    session.expire_all()


def _drop_double_feedback(session: Session, old: int, new: int) -> None:
    """Delete feedback on one colourway that would repeat what is noted of the other."""
    named = (Feedback.visit_id, Feedback.outfit, Feedback.kind)
    noted = {tuple(r) for r in session.execute(select(*named).where(Feedback.colourway_id == new))}
    rows = session.execute(select(Feedback.id, *named).where(Feedback.colourway_id == old))
    double = [number for number, *name in rows if tuple(name) in noted]
    for start in range(0, len(double), _MANY):
        part = double[start : start + _MANY]
        session.execute(delete(Feedback).where(Feedback.id.in_(part)))


def drop_empty_articles(session: Session) -> None:
    """Delete articles that have no colourway left."""
    has_colours = exists().where(Colourway.article_id == Article.id)
    session.execute(
        delete(Article).where(~has_colours), execution_options={"synchronize_session": "fetch"}
    )
