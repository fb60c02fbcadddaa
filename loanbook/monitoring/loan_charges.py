"""What each loan charges, what it costs beside its losses, and what came of it."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    MetaData,
    Select,
    Table,
    TableClause,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    table,
)
from sqlalchemy.schema import CreateTable

from loanbook import copied
from loanbook.constructs import business_date, compiled
from loanbook.members.loan_price import in_force, prime_in_force
from loanbook.members.member_value import FORGONE
from loanbook.monitoring.internal_rates import MONTHS_A_YEAR, Charged, Floats, Ints, charged, level_dues
from loanbook.monitoring.monitoring_schema import HORIZON_MONTHS, loan_charge
from loanbook.snapshot_schema import instalment_state, loan_month
from loanbook.working import drop, keep_table, run, work_table

_LOANS_AT_A_TIME = 250_000
YEARS = {"lent_year_fen": None, **{f"lent_year_{months}_fen": months for months in HORIZON_MONTHS}}

_loan, _funder = copied.TABLES["loan"], copied.TABLES["funder"]
_perk, _contact, _repayment = (copied.TABLES[name] for name in ("perk", "contact", "repayment"))


def build(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, as_of: date) -> None:
    """Fill `loan_charge`; loans: those of `standing.loans`.

    Formula: the all-in rate is that of `rules.price.all_in_rate`: the principal less the upfront fee against what is
    due each month, fees inside; of a loan without instalments, of equal payments at its yearly rate. What funding and
    the prime rate come to is reckoned on the same money-years, so that rates of a year and sums agree. Received: what
    the source says of the loan itself, else its repayments and the upfront fee. Lost: principal that a loan left
    unpaid, whatever was recovered later.
    Excludes: loans with neither instalments nor a yearly rate.
    Source: metrics.md, "all-in annual rate", "expected loss".
    """
    terms = work_table(snapshot, "charge_terms", _terms(loans))
    rates = _rates(snapshot, terms)
    sums = {
        "perk_fen": work_table(snapshot, "charge_perk", _perks(as_of)),
        "contact_fen": work_table(snapshot, "charge_contact", _contacts(as_of)),
        "received_fen": work_table(snapshot, "charge_received", _received(as_of)),
    }
    lost = work_table(snapshot, "charge_lost", _lost())
    keep_table(snapshot, loan_charge, _charges(terms, rates, sums, lost))
    drop(snapshot, terms, rates, lost, *sums.values())


def _terms(loans: FromClause) -> Select[Any]:
    """What each loan was made at. Grain: one row per loan."""
    loan, source, prime = loans.c, _loan.c, prime_in_force()
    funder = select(_funder.c.id, func.min(_funder.c.cost_rate).label("cost_rate")).group_by(_funder.c.id).subquery()
    share = func.coalesce(cast(source.funder_share, Double), 1.0)
    upfront = func.coalesce(source.upfront_fee_fen, 0)
    told = source.principal_received_fen + func.coalesce(source.charges_received_fen, 0)
    return (
        select(
            loan.loan_no,
            loan.id,
            loan.principal_fen,
            (loan.principal_fen - upfront).label("got_fen"),
            upfront.label("upfront_fen"),
            (cast(source.annual_rate, Double) / MONTHS_A_YEAR).label("month"),
            func.coalesce(source.monthly_fee_fen, 0).label("monthly_fen"),
            loan.term_months,
            cast(prime.c.one_year_rate, Double).label("prime"),
            (func.coalesce(cast(funder.c.cost_rate, Double), 0.0) * share).label("funding"),
            share.label("share"),
            (loan.status != "active").label("ended"),
            told.label("told_fen"),
            (loan.principal_fen - source.principal_received_fen).label("told_lost_fen"),
        )
        .join_from(loans, _loan, source.id == loan.id)
        .outerjoin(funder, funder.c.id == loan.funder_id)
        .outerjoin(prime, in_force(prime, loan.disbursed_on))
        .order_by(loan.loan_no)
    )


def _rates(snapshot: duckdb.DuckDBPyConnection, terms: TableClause) -> TableClause:
    """The work table `charge_rate`: loan_no, rate and money-years of every loan whose price is known."""
    kept = Table(
        "charge_rate",
        MetaData(),
        Column("loan_no", Integer),
        Column("rate", Double),
        *(Column(name, BigInteger) for name in YEARS),
        prefixes=["TEMPORARY"],
    )
    run(snapshot, CreateTable(kept))
    [(most,)] = run(snapshot, select(func.coalesce(func.max(terms.c.loan_no), 0)))
    for first in range(0, int(most), _LOANS_AT_A_TIME):
        _rate(snapshot, terms, kept, first, first + _LOANS_AT_A_TIME)
    return table(kept.name, *(column(each.name, each.type) for each in kept.columns))


def _rate(snapshot: duckdb.DuckDBPyConnection, terms: TableClause, kept: Table, first: int, last: int) -> None:
    """Fill in the loans of a range: what is fetched is bounded so."""
    row, due = terms.c, instalment_state.c
    within = (row.loan_no > first, row.loan_no <= last)
    made = snapshot.execute(
        *compiled(
            select(row.loan_no, row.got_fen, row.principal_fen, row.month, row.monthly_fen, row.term_months)
            .where(*within)
            .order_by(row.loan_no)
        )
    ).fetchnumpy()
    dues = snapshot.execute(
        *compiled(
            select(due.loan_no, due.number, due.due_fen)
            .where(due.loan_no > first, due.loan_no <= last)
            .order_by(due.loan_no, due.number)
        )
    ).fetchnumpy()
    loan_no = np.asarray(made["loan_no"])
    month: Floats = np.ma.filled(np.ma.asarray(made["month"], dtype=float), np.nan)
    place, number = np.searchsorted(loan_no, dues["loan_no"]), np.asarray(dues["number"], dtype=np.int64)
    due_fen = np.asarray(dues["due_fen"], dtype=float)
    bare = np.flatnonzero((np.bincount(place, minlength=len(loan_no)) == 0) & ~np.isnan(month))
    if len(bare):
        term = np.asarray(made["term_months"], dtype=np.int64)[bare]
        level = level_dues(
            np.asarray(made["principal_fen"], dtype=np.int64)[bare], month[bare], term,
            np.asarray(made["monthly_fen"], dtype=np.int64)[bare],
        )  # fmt: skip
        months = np.arange(term.sum()) - np.repeat(np.cumsum(term) - term, term) + 1
        place = np.concatenate([place, np.repeat(bare, term)])
        number, due_fen = np.concatenate([number, months]), np.concatenate([due_fen, np.repeat(level, term)])
    found = charged(np.asarray(made["got_fen"], dtype=np.int64), place, number, due_fen, list(YEARS.values()))
    _write(snapshot, kept, loan_no, found)


def _write(snapshot: duckdb.DuckDBPyConnection, kept: Table, loan_no: Ints, found: Charged) -> None:
    told = ~np.isnan(found.rate)
    rows = pa.table(
        {
            "loan_no": pa.array(loan_no[told].astype(np.int32)),
            "rate": pa.array(found.rate[told]),
            **{
                name: pa.array(np.rint(found.lent_year_fen[months][told]).astype(np.int64))
                for name, months in YEARS.items()
            },
        }
    )
    snapshot.register("charge_now", rows)
    names = [each.name for each in kept.columns]
    run(
        snapshot,
        insert(kept).from_select(names, select(*(column(name) for name in names)).select_from(table("charge_now"))),
    )
    snapshot.unregister("charge_now")


def _perks(as_of: date) -> Select[Any]:
    row = _perk.c
    on = business_date(func.coalesce(row.redeemed_at, row.granted_at))
    return _summed(row.loan_id, row.cost_fen).where(on <= as_of, row.kind.not_in(FORGONE), row.loan_id.is_not(None))


def _contacts(as_of: date) -> Select[Any]:
    row = _contact.c
    on = business_date(func.coalesce(row.contacted_at, row.planned_at))
    return _summed(row.loan_id, row.cost_fen).where(on <= as_of, row.loan_id.is_not(None))


def _received(as_of: date) -> Select[Any]:
    row = _repayment.c
    return _summed(row.loan_id, row.amount_fen).where(business_date(row.paid_at) <= as_of)


def _summed(loan_id: ColumnElement[Any], fen: ColumnElement[Any]) -> Select[Any]:
    return select(loan_id.label("loan_id"), cast(func.sum(fen), BigInteger).label("fen")).group_by(loan_id)


def _lost() -> Select[Any]:
    row = loan_month.c
    lost = cast(func.sum(row.lost_fen), BigInteger).label("fen")
    return select(row.loan_no, lost).where(row.lost_fen != 0).group_by(row.loan_no)


def _charges(terms: FromClause, rates: FromClause, sums: dict[str, TableClause], lost: FromClause) -> Select[Any]:
    row, found = terms.c, rates.c
    of = {name: each.c.fen for name, each in sums.items()}
    received = func.coalesce(row.told_fen, of["received_fen"] + row.upfront_fen)
    is_told = of["received_fen"].is_not(None)
    gone = func.coalesce(row.told_lost_fen, lost.c.fen, case((is_told, literal(0, BigInteger))))
    joined = terms.join(rates, found.loan_no == row.loan_no).outerjoin(lost, lost.c.loan_no == row.loan_no)
    for each in sums.values():
        joined = joined.outerjoin(each, each.c.loan_id == row.id)
    return (
        select(
            cast(row.loan_no, Integer).label("loan_no"),
            cast(found.rate, Double).label("rate"),
            *(cast(found[name], BigInteger).label(name) for name in YEARS),
            row.prime,
            row.funding,
            cast(row.share, Double).label("funded_share"),
            *(cast(func.coalesce(of[name], 0), BigInteger).label(name) for name in ("perk_fen", "contact_fen")),
            cast(case((row.ended, received)), BigInteger).label("received_fen"),
            cast(case((row.ended, gone)), BigInteger).label("lost_fen"),
        )
        .select_from(joined)
        .order_by(row.loan_no)
    )
