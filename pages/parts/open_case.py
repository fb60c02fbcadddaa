"""The open case, of Review queue: the application as it is now, and what the snapshot says beside it."""

from dataclasses import replace
from functools import partial

import pandas as pd

from components import access, view
from components.review import similar_panel
from components.review.desk import review_desk
from components.review.opened import Opened
from components.review.seen import Seen
from components.view import View
from desk import blind, review, review_queue
from pages.parts import reading
from queries import case, case_similar
from queries.case import Applicant
from queries.case_similar import Similar
from queries.read import Statement
from rules.case_similar import Asked
from rules.filters import Selection, opening, resolve
from rules.review_case import State

PAGE = "review_queue"
_SIMILAR = f"{PAGE} similar"  # read beside the case, which it doesn't stop


def opened(number: str) -> Opened | None:
    """The case of an application with all that is seen of it now; None where there is none.

    To whoever is to decide it again unseeing: as it stood before it was decided.
    """
    desk, person = review_desk(), access.require(PAGE)
    now = desk.now()
    waiting = review_queue.found(desk.engine, desk.source, number, now)
    if waiting is None:
        return None
    if blind.is_hidden(desk.engine, waiting.case, person.email):
        found = blind.unseeing(desk.engine, waiting.case, person.email, desk.book)
        shown = replace(waiting, state=State.WAITING, decisions=0, decided_at=None, delivery=None)
        return Opened(waiting.case, shown, found.case, person, found.seen, found.at, desk.rule)
    stands, seen = review.read(desk.engine, waiting.case), desk.book.seen(waiting.case[1])
    return Opened(waiting.case, waiting, stands, person, seen, now, desk.rule)


def seen(shown: View, found: Opened) -> Seen | None:
    """The case with what the snapshot says beside it; None where that can't be read, and a state says why."""
    rates = _rates(shown)
    live = Seen(shown, found, {}, rates)
    frames = reading.frames(PAGE, shown, _asked(live, rates))
    return None if frames is None else Seen(shown, found, frames, rates)


def similar(live: Seen) -> similar_panel.Read | None:
    """Reads the past applications that are most like the case, once they are asked for.

    None for whoever is to decide it again unseeing: the case itself is one of them by now.
    """
    desk, opened = review_desk(), live.opened
    return None if blind.is_hidden(desk.engine, opened.key, opened.person.email) else partial(_similar, live)


def _rates(shown: View) -> Selection:
    """By which default rates are told: those that the pages open with, over the whole book."""
    book, rule = shown.book, shown.policy
    usual = opening(
        book, period=rule.display.opening_period, definition=rule.default.definition, horizon=rule.default.horizon
    )
    return resolve(usual, book, rule.default.final_days_after_last_due)


def _asked(live: Seen, rates: Selection) -> dict[str, Statement]:
    facts, evidence = live.facts, live.opened.seen.evidence
    applicant = Applicant(
        member_id=evidence.member_id, referred=evidence.referred_by_id is not None, product=evidence.product,
        device_hashes=facts.device_hashes, address_hashes=facts.address_hashes,
    )  # fmt: skip
    return case.asked(applicant, rates, live.shown.book)


def _similar(live: Seen, like: Asked) -> pd.DataFrame | None:
    shown, product = view.current(), live.opened.seen.evidence.product
    wanted = Similar(like, product, shown.policy.case.similar, live.rates.definition)
    found = reading.frames(_SIMILAR, shown, {"similar": case_similar.nearest(wanted)})
    return None if found is None else found["similar"]
