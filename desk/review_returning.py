"""Cases that come back by themselves: the application says something new since its applicant was asked."""

from datetime import datetime

from sqlalchemy import Engine, select

from desk import audit, review_store, state
from desk.review import Book, Rule
from desk.review_outbox import LENDING
from desk.review_store import Key, subject
from desk.review_tables import review_case
from rules import review
from rules.refusal import Refused
from rules.review_actions import Moment
from rules.review_case import State


def return_informed(engine: Engine, source: str, book: Book, rule: Rule, now: datetime) -> int:
    """Let the cases wait again whose information has come; how many do. What lending closed meanwhile is left alone."""
    awaited = select(review_case.c.application_id).where(
        review_case.c.source == source, review_case.c.state == State.ASKED.value, review_case.c.asked_hash.is_not(None)
    )
    with state.reading(engine) as connection:
        asked = connection.execute(awaited.order_by(review_case.c.asked_at)).scalars().all()
    return sum(_return(engine, (source, each), book, Moment(now, rule.review)) for each in asked)


def _return(engine: Engine, key: Key, book: Book, moment: Moment) -> bool:
    try:
        seen = book.evidence(key[1])
    except Refused:  # lending does not know the application any more
        return False
    if not seen.open:
        return False
    with engine.begin() as connection:
        before, round_, _number = review_store.load(connection, key, lock=True)
        after = review.informed(before, seen.hash, moment)
        if after is None:
            return False
        review_store.save(connection, key, before, after, round_)
        payload: dict[str, audit.Json] = {"version": after.version, "evidence_hash": seen.hash}
        audit.append(connection, audit.Event(moment.now, LENDING, "case.informed", subject(key), payload))
    return True
