"""What each member has brought in and cost, month by month: with one month's rows in memory, however many there are."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    FromClause,
    Integer,
    MetaData,
    Select,
    Table,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    table,
)
from sqlalchemy.schema import CreateTable

from loanbook import days
from loanbook.constructs import compiled, month_number, ordinal
from loanbook.members.expected_loss import MILLION
from loanbook.members.in_force import NOTHING, InForce, gathered, summed
from loanbook.members.membership_spell import Tiers
from loanbook.members.movement_schema import membership_spell
from loanbook.members.worth_schema import member_value
from loanbook.referrals.preorder import Ints
from loanbook.snapshot_schema import EXITS, STATES, loan_month
from loanbook.working import columns, run
from rules import worth
from rules.worth import Part

DAYS_A_YEAR = 365
_NO_BUCKET = len(STATES)
_OF_LOANS = (Part.INTEREST, Part.FEE, Part.FUNDING, Part.LOSS)

Amounts = dict[str, Ints]  # member_no, and the fen of each part


def fill(
    snapshot: duckdb.DuckDBPyConnection,
    known: Tiers,
    numbers: FromClause,
    lent: FromClause,
    booked: FromClause,
    millionths: dict[str, int],
    newest: date,
) -> None:
    """Create `member_value` and fill it, month by month up to `newest`, in the order of the members.

    lent: the loans of known members; booked: all amounts but those of loans at their month ends (member_no, month_no,
    part, fen), none before the month of registration.
    """
    _create(snapshot, known)
    registered = columns(snapshot, select(numbers.c.member_no, month_number(numbers.c.registered_on).label("month_no")))
    members = len(registered["member_no"])
    registered_no = np.zeros(members + 1, dtype=np.int64)
    registered_no[registered["member_no"]] = registered["month_no"]
    loan, shares = _loans(snapshot, lent), _shares(millionths)
    tiers = _tiers(snapshot, members)
    waiting: Amounts = {name: np.zeros(0, dtype=np.int64) for name in ("member_no", *_OF_LOANS)}
    for month_no in _months(snapshot, booked, newest):
        month_end = days.month_ends(np.array([month_no]))
        others = columns(snapshot, _of_month(booked, month_no))
        of_loans = _at_month_end(snapshot, loan, shares, int(month_end[0]))
        of_loans = {name: np.concatenate([waiting[name], each]) for name, each in of_loans.items()}
        is_later = registered_no[of_loans["member_no"]] > month_no  # lent before the member had registered
        waiting = {name: each[is_later] for name, each in of_loans.items()}
        values = _values({name: each[~is_later] for name, each in of_loans.items()}, others, members)
        member_no = values["member_no"]
        tier = tiers.on(int(month_end[0]))[member_no]
        _write(snapshot, values, month_no - registered_no[member_no], month_end, tier, known)


def _create(snapshot: duckdb.DuckDBPyConnection, known: Tiers) -> None:
    types = {"tier": known.tier}
    made = [Column(each.name, types.get(each.name, each.type)) for each in member_value.columns]
    run(snapshot, CreateTable(Table(member_value.name, MetaData(), *made)))


def _months(snapshot: duckdb.DuckDBPyConnection, booked: FromClause, newest: date) -> range:
    """The months from the first in which there is anything to the newest."""
    firsts = (month_number(func.min(loan_month.c.month_end, type_=Date())), func.min(booked.c.month_no))
    found = [month_no for first in firsts for (month_no,) in run(snapshot, select(first)) if month_no is not None]
    last = int(days.month_numbers(np.array([newest.toordinal()]))[0])
    return range(min(found, default=last + 1), last + 1)


def _of_month(booked: FromClause, month_no: int) -> Select[Any]:
    row = booked.c
    return select(row.member_no, row.part, row.fen).where(row.month_no == month_no)


def _loans(snapshot: duckdb.DuckDBPyConnection, lent: FromClause) -> dict[str, npt.NDArray[Any]]:
    """What is known of each loan, by loan_no; 0 for the member of a loan whose member is not."""
    row = lent.c
    known = select(
        row.loan_no,
        row.member_no,
        row.principal_fen,
        ordinal(row.disbursed_on).label("disbursed_on"),
        func.coalesce(ordinal(row.left_on), 0).label("left_on"),
        row.funding_ratio,
    )
    found = snapshot.execute(*compiled(known)).fetchnumpy()
    loan_no = np.asarray(found.pop("loan_no"))
    by_number: dict[str, npt.NDArray[Any]] = {}
    for name, values in found.items():
        by_number[name] = np.zeros(int(loan_no.max(initial=0)) + 1, dtype=np.asarray(values).dtype)
        by_number[name][loan_no] = values
    return by_number


def _shares(millionths: dict[str, int]) -> Ints:
    """The expected loss of each state at a month end, by its place; nothing once a loan has left."""
    return np.array([millionths.get(state, 0) for state in STATES] + [0], dtype=np.int64)


def _tiers(snapshot: duckdb.DuckDBPyConnection, members: int) -> InForce:
    """The place of the tier that each member holds."""
    spell = membership_spell.c
    rows = select(
        spell.member_no,
        ordinal(spell.from_on).label("from_on"),
        func.coalesce(ordinal(spell.until_on), 0).label("until_on"),
        func.enum_code(spell.tier).label("tier"),
    ).where(func.coalesce(spell.until_on > spell.from_on, True))
    found = columns(snapshot, rows)
    ends = found["until_on"] > 0
    return InForce(
        members,
        np.concatenate([found["member_no"][ends], found["member_no"]]),
        np.concatenate([found["until_on"][ends], found["from_on"]]),
        np.concatenate([np.full(ends.sum(), NOTHING), found["tier"]]),
    )


def _month(month_end: int) -> Select[Any]:
    """The loans at one month end, those with instalments."""
    month, nothing = loan_month.c, literal(0, BigInteger)
    return select(
        month.loan_no,
        cast(month.months_on_book == 0, Integer).label("is_first"),
        func.coalesce(func.enum_code(month.previous_bucket), _NO_BUCKET).label("previous_bucket"),
        func.enum_code(month.bucket).label("bucket"),
        cast(month.previous_outstanding_fen.is_not(None), Integer).label("follows"),
        func.coalesce(month.previous_outstanding_fen, nothing).label("previous_fen"),
        func.coalesce(month.outstanding_fen, nothing).label("outstanding_fen"),
        month.interest_fen,
        func.coalesce(month.fee_fen, nothing).label("fee_fen"),
        func.coalesce(month.lost_fen, nothing).label("lost_fen"),
    ).where(month.month_end == literal(date.fromordinal(month_end), Date), month.interest_fen.is_not(None))


def _at_month_end(
    snapshot: duckdb.DuckDBPyConnection, loan: dict[str, npt.NDArray[Any]], shares: Ints, month_end: int
) -> Amounts:
    """Interest, fees, funding and losses of loans at one month end."""
    month = columns(snapshot, _month(month_end))
    known = month["loan_no"] < len(loan["member_no"])
    known[known] = loan["member_no"][month["loan_no"][known]] > 0
    month = {name: each[known] for name, each in month.items()}
    its = {name: each[month["loan_no"]] for name, each in loan.items()}
    opening = np.where(month["follows"] == 1, month["previous_fen"], its["principal_fen"])
    day = date.fromordinal(month_end).day
    in_month = np.where(month["is_first"] == 1, month_end - its["disbursed_on"], day)
    has_left = np.isin(month["bucket"], [STATES.index(state) for state in EXITS])
    lent_days = in_month - np.where(has_left, month_end - its["left_on"], 0)
    funding = np.floor(opening * its["funding_ratio"] * lent_days / float(DAYS_A_YEAR) + 0.5)
    expected = _expected(month["outstanding_fen"], shares[month["bucket"]])
    before = _expected(month["previous_fen"], shares[month["previous_bucket"]])
    return {
        "member_no": its["member_no"].astype(np.int64),
        Part.INTEREST: month["interest_fen"],
        Part.FEE: month["fee_fen"],
        Part.FUNDING: funding.astype(np.int64),
        Part.LOSS: month["lost_fen"] + expected - before,
    }


def _expected(outstanding_fen: Ints, millionths: Ints) -> Ints:
    """The expected loss of a loan's principal; none once it has left, or before its first month end."""
    return (outstanding_fen * millionths + MILLION // 2) // MILLION


def _values(of_loans: Amounts, others: dict[str, Ints], members: int) -> Amounts:
    """What came in and was spent of each member of whom anything is there."""
    found, place = gathered(np.concatenate([of_loans["member_no"], others["member_no"]]), members)
    loans = len(of_loans["member_no"])
    values: Amounts = {"member_no": found}
    for number, part in enumerate(worth.PARTS):
        booked = others["part"] == number
        values[part] = summed(others["fen"][booked], place[loans:][booked], len(found))
        if part in _OF_LOANS:
            values[part] += summed(of_loans[part], place[:loans], len(found))
    return values


def _write(
    snapshot: duckdb.DuckDBPyConnection, values: Amounts, month: Ints, month_end: Ints, tier: Ints, known: Tiers
) -> None:
    arrays = {
        "member_no": pa.array(values["member_no"].astype(np.int32)),
        "month": pa.array(month.astype(np.int16)),
        "month_end": days.dates(np.repeat(month_end, len(month))),
        "tier": pa.array(tier, mask=tier == NOTHING),
        **{part.column: pa.array(values[part]) for part in worth.PARTS},
    }
    snapshot.register("value_now", pa.table(arrays))
    rows = table("value_now", *(column(name, BigInteger) for name in arrays))
    written = (known.of_tier_place(each) if each.name == "tier" else each for each in rows.c)
    run(snapshot, insert(member_value).from_select(list(arrays), select(*written)))
    snapshot.unregister("value_now")
