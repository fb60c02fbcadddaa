"""How well is decided, of the review queue."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from functools import partial

import pandas as pd
import pyarrow as pa

from components import access
from components.language import _
from components.review import quality_board, quality_choices, quality_frames, queue_words
from components.review.desk import review_desk
from components.review.quality import Quality
from components.review.quality_choices import BEFORE, OURS, Chosen
from components.review.quality_deadlines import columns
from components.view import View
from desk import blind, policy_versions, review_quality, rights, staff
from desk.review_store import Key
from desk.staff import Staff
from pages.parts import reading
from queries import review_outcomes
from rules.calendar import BUSINESS_ZONE, business_date
from rules.refusal import Refused
from rules.review_quality import of_officer

PAGE = "review_queue"


def draw(shown: View) -> None:
    """The part: what was decided here from the state database, before and repaid from the snapshot."""
    person, desk = access.require(PAGE), review_desk()
    now, rule = desk.now(), shown.policy.review
    hidden = blind.hidden_from(desk.engine, desk.source, person.email)
    ours = review_quality.decided_ever(desk.engine, desk.source)
    opening = OURS if ours >= quality_choices.ENOUGH else BEFORE
    sees_all = rights.may(person.role, "see_officers")
    officers = _officers(person, sees_all=sees_all)
    last = {OURS: business_date(now), BEFORE: shown.book.as_of}
    chosen = quality_choices.chosen(last, officers, opening)
    since = datetime.combine(chosen.first, time(), BUSINESS_ZONE).astimezone(UTC)
    granted = review_quality.granted(desk.engine, desk.source, hidden)
    default = shown.policy.default
    frames = reading.frames(PAGE, shown, review_outcomes.asked(since, default.definition, default.horizon, granted))
    if frames is None:
        return
    work = review_quality.work(desk.engine, desk.source, since, now, hidden)
    if chosen.ours:
        every = quality_frames.made(work, rule)
        cases = quality_frames.cases(work, every, since, rule)
    else:
        every = quality_frames.before(frames["before"], rule)
        cases = every.assign(decided=True)
    rows = of_officer(every, chosen.officer)
    quality = Quality(
        chosen=chosen, officers=officers, sees_all=sees_all, me=person.email, every=every, rows=rows,
        cases=of_officer(cases, chosen.officer),
        held=quality_frames.held(work.waiting), blind=blind.pairs(desk.engine, desk.source, since),
        differing=blind.differing(desk.engine, desk.source) if sees_all else None,
        note=partial(_take_note, person.email) if rights.may(person.role, "note_second_decisions") else None,
        repaid=pd.concat([frames["repaid"], frames["repaid_before"]], ignore_index=True),
        versions=policy_versions.listed(desk.engine),
        stream=partial(_decisions, access.guard(PAGE), rows, chosen, officers, person.email),
    )  # fmt: skip
    quality_board.draw(shown, quality, opening, (ours, int(frames["counted"]["decisions"].iloc[0])))


def _officers(person: Staff, *, sees_all: bool) -> Mapping[str, str]:
    """Whose decisions somebody may see apart: everybody's by name, or their own."""
    if not sees_all:
        return {person.email: _("My own")} if rights.may(person.role, "work_on_cases") else {}
    listed = [each for each, _active in staff.listed(review_desk().engine) if rights.may(each.role, "work_on_cases")]
    names = {each.email: each.name for each in listed}
    return {email: queue_words.person(email, names) for email in names}


def _take_note(email: str, case: Key, words: str) -> str | None:
    desk = review_desk()
    try:
        blind.take_note(desk.engine, case, email, words, desk.now())
    except Refused as refused:
        return _(refused.sentence).format(**refused.values)
    except PermissionError:
        return _("Your role may not judge this any more.")
    return None


def _decisions(
    check: Callable[[], None], rows: pd.DataFrame, chosen: Chosen, officers: Mapping[str, str], email: str
) -> Iterator[pa.RecordBatch]:
    """The decisions for a file, without those that whoever asks must not know by now."""
    check()
    desk = review_desk()
    hidden = blind.hidden_from(desk.engine, desk.source, email)
    known = rows.loc[~rows["application_id"].isin(hidden)]
    told = known.assign(
        officer=[officers.get(each, "") for each in known["staff_email"]],
        amount_cny=known["amount_fen"] / 100,
        reasons=["; ".join(each) for each in known["reasons"]],
        worked_hours=(known["took_s"] / 3600).round(2),
        **{name: known[name].dt.strftime("%Y-%m-%d %H:%M:%S") for name in ("began_at", "due_at", "decided_at")},
    )
    yield pa.RecordBatch.from_pandas(told[columns(chosen)].reset_index(drop=True), preserve_index=False)
