"""What loans charge and what they cost, summed by segment, for what is left of their price."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, func, literal, select

from loanbook.monitoring.monitoring_schema import loan_charge
from loanbook.snapshot_schema import loan_fact
from queries.default_rates import defaulted, mature
from queries.earliest import is_earliest, passing
from rules import dimensions
from rules.book import Book
from rules.filters import Selection

Rows = Select[*tuple[Any, ...]]

_SPENT = ("perk_fen", "contact_fen")


def by_segment(selection: Selection, segment: str | None, book: Book) -> Rows:
    """Parts of price and cost of each segment, by score band and channel within it.

    segment: a dimension; None for the whole selection as one, whose segment is "".

    Grain: one row per value of the dimension, score band and channel that occur, in their own orders.
    Columns: segment; score_band; channel; borrowers, defaulted (count), principal_fen, defaulted_principal_fen;
    first_loans (their borrower's first); lent_year_fen (money lent x years, within the horizon), charge_fen, prime_fen,
    funding_fen (what all-in rate, prime rate and the funder's cost come to on them); prime_year_fen (of the
    money-years, those of whose day the prime rate is known); perk_fen, contact_fen;
    ended (loans that have ended and of which it is told what came in), ended_principal_fen, received_fen, lost_fen of
    those; gone_principal_fen, gone_lost_fen of the defaulted of those.
    Formula: a borrower counts by their earliest passing loan with the value, once it has been observed for the horizon,
    as `queries.default_rates.by_segment`.
    Excludes: loans without a price.
    Source: metrics.md, "all-in annual rate", "expected loss".
    """
    loan, row = loan_fact.c, loan_charge.c
    band, channel = loan[dimensions.SCORE_BAND.code], loan[dimensions.CHANNEL.code]
    value: list[ColumnElement[Any]] = [] if segment is None else [loan[segment]]
    keys = list(dict.fromkeys((*value, band, channel)))
    bad, years = defaulted(selection), _years(selection)
    ended = row.received_fen.is_not(None)
    gone = bad & ended & row.lost_fen.is_not(None)
    return (
        select(
            *(cast(each, String).label("segment") for each in value or [literal("")]),
            cast(band, String).label("score_band"),
            cast(channel, String).label("channel"),
            func.count().label("borrowers"),
            func.count().filter(bad).label("defaulted"),
            _sum(loan.principal_fen, "principal_fen"),
            _sum(loan.principal_fen, "defaulted_principal_fen", bad),
            func.count().filter(loan.previous_on.is_(None)).label("first_loans"),
            _sum(years, "lent_year_fen"),
            *(_sum(each, name) for name, each in _yearly(years).items()),
            _sum(years, "prime_year_fen", row.prime.is_not(None)),
            *(_sum(row[name], name) for name in _SPENT),
            func.count().filter(ended).label("ended"),
            _sum(loan.principal_fen, "ended_principal_fen", ended),
            _sum(row.received_fen, "received_fen"),
            _sum(row.lost_fen, "lost_fen", ended),
            _sum(loan.principal_fen, "gone_principal_fen", gone),
            _sum(row.lost_fen, "gone_lost_fen", gone),
        )
        .join_from(loan_charge, loan_fact, loan.loan_no == row.loan_no)
        .where(
            passing(selection), is_earliest(selection, () if segment is None else (segment,), book), mature(selection)
        )
        .group_by(*keys)
        .order_by(*keys)
    )


def loans_behind(selection: Selection, book: Book) -> Rows:
    """The loans that `by_segment` counts where no borrower has loans in two segments: they re-sum to its columns.

    Grain: one row per counted borrower. Columns: loan_no, loan_id, disbursed_on, the shared dimensions, principal_fen,
    rate (all-in, a year), lent_year_fen, charge_fen, prime_fen, funding_fen, perk_fen, contact_fen, received_fen,
    lost_fen, defaulted (0 or 1).
    Excludes: as `by_segment`.
    """
    loan, row, years = loan_fact.c, loan_charge.c, _years(selection)
    return (
        select(
            loan.loan_no,
            loan.loan_id,
            loan.disbursed_on,
            *(cast(loan[dimension.code], String).label(dimension.code) for dimension in dimensions.SHARED),
            loan.principal_fen,
            row.rate,
            years.label("lent_year_fen"),
            *(cast(each, BigInteger).label(name) for name, each in _yearly(years).items()),
            *(row[name] for name in _SPENT),
            row.received_fen,
            row.lost_fen,
            case((defaulted(selection), 1), else_=0).label("defaulted"),
        )
        .join_from(loan_charge, loan_fact, loan.loan_no == row.loan_no)
        .where(passing(selection), is_earliest(selection, (), book), mature(selection))
        .order_by(loan.loan_no)
    )


def _years(selection: Selection) -> ColumnElement[int]:
    """Money lent x years within the selection's horizon."""
    months = selection.horizon.months
    return loan_charge.c.lent_year_fen if months is None else loan_charge.c[f"lent_year_{months}_fen"]


def _yearly(years: ColumnElement[int]) -> dict[str, ColumnElement[Any]]:
    """What rates of a year come to on money-years."""
    row = loan_charge.c
    rates = {"charge_fen": row.rate, "prime_fen": row.prime, "funding_fen": row.funding}
    return {name: func.round(each * years) for name, each in rates.items()}


def _sum(value: ColumnElement[Any], name: str, where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    summed: ColumnElement[Any] = func.sum(value) if where is None else func.sum(value).filter(where)
    return cast(func.coalesce(summed, 0), BigInteger).label(name)
