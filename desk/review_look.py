"""What the served process does for review by itself: opens cases, closes them, and sends decisions to lending."""

import logging
from datetime import datetime

from sqlalchemy import Engine

from desk import audit, blind_draw, lending, refresh, review_opening, review_outbox, review_returning, review_source
from desk.review import Rule
from loanbook import books
from loanbook.evidence import ReviewBook
from loanbook.live_book import LiveBook
from rules import policy
from rules.calendar import business_date
from rules.review_actions import Moment
from rules.settings import Settings

log = logging.getLogger("loanboard.review")


def look(settings: Settings, engine: Engine, now: datetime) -> None:
    """Bring the cases up to the loan database as it is now, and send what is due to lending's address."""
    if books.url(settings) is None:
        return
    read, source, rule = refresh.source(settings), review_source.of(settings), in_force(settings, now)
    book = LiveBook(read.url, read.schema)
    try:
        reader = ReviewBook(book)
        known = review_opening.known(engine, source)
        new = reader.open_applications(known)
        opened = review_opening.open_cases(engine, source, new, rule, now)
        waiting = review_opening.undecided(engine, source)
        closed = review_opening.close_cases(engine, source, reader.statuses(waiting), now)
        returned = review_returning.return_informed(engine, source, reader, rule, now)
        seed, versions = blind_draw.seed(audit.keeper(settings)), policy.load(settings.policy_path)
        drawn = blind_draw.look(engine, source, seed, versions, reader, now)
    finally:
        book.close()
    if opened or closed or returned or drawn:
        done = {"opened": opened, "closed": closed, "returned": returned, "drawn": drawn}
        log.info("cases looked after", extra=done)
    if settings.lending_url is not None:
        post, moment = lending.posting(settings.lending_url), Moment(now, rule.review)
        review_outbox.push(engine, source, post, moment)


def in_force(settings: Settings, now: datetime) -> Rule:
    """What the policy says of review today."""
    version = policy.in_force(policy.load(settings.policy_path), business_date(now))
    return Rule(version.review, version.effective_from)
