"""Next case: which one somebody should take, by what is in their hands, deadline, authority, load and conflicts."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, func, or_, select

from desk import review, review_store, staff, state
from desk.review import Asked, Book, Rule, placed
from desk.review_queue import held, stands_waiting
from desk.review_store import Key
from desk.review_tables import review_case as table
from desk.staff import Role
from rules.refusal import Refused
from rules.review_actions import Claim
from rules.review_case import UNDECIDED, Person
from rules.review_people import SENIOR, refuse_unless_may_decide
from rules.text import N_

_AT_ONCE = 50
_MOST_TIED = 200  # cases with one deadline among which those of good referral lines are looked for
_OWN = (0, 1)  # ranks of what somebody holds or was given
_TRIES = 20  # claims that others win first before it is said that it did not work

NOTHING = N_("Nothing waits that you may decide.")
TOO_MANY = N_(
    "You have {count} cases in hand, parked or waiting for information; finish some of them or have them given to "
    "somebody else before you take a new one."
)
BUSY = N_("Others were faster each time; try again.")


GoodLines = Callable[[Collection[str]], Collection[str]]  # of some referrers, those whose referees repay


@dataclass(frozen=True)
class Turn:
    """Somebody's wish for the next case; `key` is new for each wish, and the same when it is sent again."""

    key: str
    source: str
    by: str
    good: GoodLines | None = None  # where the policy lets applications of good referral lines pass first


def take(engine: Engine, turn: Turn, book: Book, rule: Rule, now: datetime) -> Key:
    """Claim the case that somebody should take next; where another wins it, the one after. `Refused` where none is."""
    lost: set[Key] = set()
    for attempt in range(_TRIES):
        key = next_for(engine, turn, book, rule, now, lost)
        if key is None:
            raise Refused(NOTHING)
        try:
            review.perform(engine, Asked(f"{turn.key}-{attempt}", key, turn.by, Claim()), book, rule, now)
        except Refused:  # somebody else has claimed or decided it since it was looked for
            lost.add(key)
            continue
        return key
    raise Refused(BUSY)


def next_for(
    engine: Engine, turn: Turn, book: Book, rule: Rule, now: datetime, lost: Collection[Key] = ()
) -> Key | None:
    """The case that somebody should take next; None where nothing waits for them.

    First what they hold, then what was given to them; then what they can settle: overdue, then what nobody below them
    can settle, then the rest; last what needs somebody above them too. Each by deadline, amount, age. Passed over is
    what others hold, or what they may not decide. `Refused` where they have too much in hand for a new one. Where the
    policy says so, of cases with one deadline those of good referral lines come first.
    """
    tied = _tied(engine, turn, book, rule, now, lost)
    good: Collection[str] = ()
    if turn.good is not None and len(tied) > 1:
        good = turn.good({referrer for _key, referrer in tied if referrer is not None})
    return next((key for key, referrer in tied if referrer in good), tied[0][0] if tied else None)


def _tied(
    engine: Engine, turn: Turn, book: Book, rule: Rule, now: datetime, lost: Collection[Key]
) -> list[tuple[Key, str | None]]:
    """The case that comes next, then those with its deadline that may pass it; each with who referred the applicant."""
    email, found = turn.by, list[tuple[Key, str | None]]()
    first: tuple[int, datetime] | None = None
    alone = turn.good is None or not rule.review.good_lines_first
    with state.reading(engine) as connection:
        listed_as = staff.found(connection, email)
        if listed_as is None:
            return []
        person = placed(listed_as, book)
        own_alone = _in_hand(connection, turn.source, email, now) >= rule.review.most_in_hand
        rank = _rank(connection, person, now)
        wanted = (
            select(table, rank.label("rank"))
            .where(table.c.source == turn.source, stands_waiting(now), *_open_to(person, now))
            .order_by(
                rank, table.c.due_at, table.c.amount_fen.desc(), table.c.applied_at, table.c.application_id
            )
        )  # fmt: skip
        for row in connection.execute(wanted.execution_options(yield_per=_AT_ONCE)):
            key = (row.source, row.application_id)
            if key in lost or not _may(connection, key, row, person):
                continue
            if first is None and own_alone and email not in {row.lease_holder, row.assigned_to}:
                raise Refused(TOO_MANY, count=rule.review.most_in_hand)
            if first is not None and (row.rank, row.due_at) != first:
                break
            found.append((key, row.referred_by_id))
            first = (row.rank, row.due_at)
            if alone or row.rank in _OWN or len(found) == _MOST_TIED:
                break
    return found


def _may(connection: Connection, key: Key, row: object, person: Person) -> bool:
    decided = review_store.decisions(connection, key, row.round) if row.decisions else ()  # type: ignore[attr-defined]
    try:
        refuse_unless_may_decide(review_store.case_of(row, decided), person)  # type: ignore[arg-type]
    except Refused:
        return False
    return True


def _in_hand(connection: Connection, source: str, email: str, now: datetime) -> int:
    """How many undecided cases are somebody's: held, given to them, parked by them or waiting for information."""
    theirs = or_(table.c.assigned_to == email, and_(held(now), table.c.lease_holder == email))
    undecided = table.c.state.in_([each.value for each in UNDECIDED])
    return connection.execute(
        select(func.count()).where(table.c.source == source, undecided, theirs)
    ).scalar_one()  # fmt: skip


def _open_to(person: Person, now: datetime) -> list[ColumnElement[bool]]:
    """Cases that others neither hold nor were given, as far as columns say; the rules of review say the rest."""
    found = [
        or_(table.c.lease_until.is_(None), table.c.lease_until <= now, table.c.lease_holder == person.email),
        or_(table.c.assigned_to.is_(None), table.c.assigned_to == person.email),
        or_(table.c.decisions == 0, table.c.amount_fen <= (person.authority_fen or 0)),
    ]
    if person.role != SENIOR:
        found.append(table.c.escalated_by.is_(None))
    if person.member_id is not None:
        referrer = table.c.referred_by_id
        found += [table.c.member_id != person.member_id, or_(referrer.is_(None), referrer != person.member_id)]
    return found


def _rank(connection: Connection, person: Person, now: datetime) -> ColumnElement[int]:
    authority = person.authority_fen or 0
    others = select(func.max(state.staff.c.authority_fen)).where(
        state.staff.c.active,
        state.staff.c.role.in_([Role.RISK_OFFICER.value, Role.SENIOR_RISK_OFFICER.value]),
        state.staff.c.authority_fen < authority,
    )
    below = connection.execute(others).scalar_one() or 0
    settles = table.c.amount_fen <= authority
    needs_them = or_(table.c.amount_fen > below, table.c.decisions > 0, table.c.escalated_by.is_not(None))
    return case(
        (and_(held(now), table.c.lease_holder == person.email), 0),  # this and the next are `_OWN`
        (table.c.assigned_to == person.email, 1),
        (and_(settles, table.c.due_at < now), 2),
        (and_(settles, needs_them), 3),
        (settles, 4),
        else_=5,
    )
