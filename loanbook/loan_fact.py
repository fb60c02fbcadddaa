"""The narrow row per loan that default rates are computed from, and the list of every dimension's values."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    MetaData,
    Select,
    Table,
    TableClause,
    case,
    cast,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateTable

from loanbook import copied, dimension_list, dimension_values, earlier_loans
from loanbook.constructs import days_between, months_between, months_until, whole_months
from loanbook.snapshot_schema import DEFINITIONS, LEFT_AS, loan_fact, loan_state
from loanbook.working import drop, in_ranges, run, work_table, work_table_in_ranges
from rules import dimensions
from rules.calendar import newest_month_end
from rules.dimensions import PRODUCT, TIER, UNKNOWN
from rules.policy import Policy

_CODES = tuple(dimension.code for dimension in dimensions.ALL)
_SAID = ("applied_fen", "score", "income_fen", "declared_fen")
_EXITS = {course: ENUM(*exits, name=f"{course}_exit") for course, exits in LEFT_AS.items()}


@dataclass(frozen=True)
class Coded:
    """The loans with their dimensions as enums, and what is known of those."""

    loans: TableClause  # loan_no, borrower_no, disbursed_on, what the application said, every dimension
    values: dict[str, list[str]]  # of each dimension, in their order


def code(snapshot: duckdb.DuckDBPyConnection, described: Select[Any], loans: int, policy: Policy) -> Coded:
    """The work table of so many loans with their dimensions as enums, from the dimensions as text."""
    texts = work_table_in_ranges(snapshot, "loan_text", described, "loan_no", loans)
    values = _values(snapshot, texts, policy)
    types = {code: ENUM(*(values[code] or [UNKNOWN]), name=f"dimension_{code}") for code in _CODES}
    for enum in types.values():
        run(snapshot, CreateEnumType(enum))
    coded = work_table(snapshot, "loan_coded", _coded(texts, types))
    drop(snapshot, texts)
    return Coded(coded, values)


def build(
    snapshot: duckdb.DuckDBPyConnection,
    loans: TableClause,
    coded: Coded,
    cures: TableClause,
    as_of: date,
    policy: Policy,
) -> None:
    """Fill `loan_fact` and `dimension_value` from the loans, their dimensions, their cures and `loan_state`."""
    for enum in _EXITS.values():
        run(snapshot, CreateEnumType(enum))
    columns = [Column(column.name, _type(column, coded.loans)) for column in loan_fact.columns]
    run(snapshot, CreateTable(Table(loan_fact.name, MetaData(), *columns)))
    earlier = earlier_loans.find(snapshot, coded.loans)
    facts = _facts(loans, coded.loans, earlier.loans, cures, as_of, policy.default.final_days_after_last_due)
    names = [column.name for column in facts.selected_columns]
    [(most,)] = run(snapshot, select(func.count()).select_from(loans))
    for each in in_ranges(facts.order_by(coded.loans.c.loan_no), "loan_no", most):
        run(snapshot, insert(loan_fact).from_select(names, each))
    drop(snapshot, earlier.loans)
    _list(snapshot, coded.values, earlier.varying)


def _type(column: Column[Any], coded: TableClause) -> Any:
    if column.name in _CODES:
        return coded.c[column.name].type
    course, is_exit, _ = column.name.partition("_exit")
    return _EXITS[course] if is_exit else column.type


def _values(snapshot: duckdb.DuckDBPyConnection, texts: TableClause, policy: Policy) -> dict[str, list[str]]:
    """The values of each dimension that occur, in their order."""
    tier = copied.TABLES["tier"].c
    ranks = {code: rank for code, rank in run(snapshot, select(tier.code, tier.rank)) if code and rank is not None}
    found = {code: [row[0] for row in run(snapshot, select(texts.c[code]).distinct())] for code in _CODES}
    return {code: dimension_values.in_order(code, found[code], policy.bands, ranks) for code in _CODES}


def _coded(texts: TableClause, types: dict[str, ENUM]) -> Select[Any]:
    """Dimensions as enums, borrowers as numbers in the order of their first loans."""
    first = func.min(texts.c.loan_no)
    number = func.row_number().over(order_by=first).label("borrower_no")
    borrowers = select(texts.c.member_id, number).group_by(texts.c.member_id).subquery("borrowers")
    return select(
        texts.c.loan_no,
        borrowers.c.borrower_no,
        texts.c.disbursed_on,
        *(texts.c[name] for name in _SAID),
        *(cast(texts.c[code], types[code]).label(code) for code in _CODES),
    ).join_from(texts, borrowers, borrowers.c.member_id == texts.c.member_id)


def _facts(
    loans: TableClause,
    coded: TableClause,
    previous: TableClause,
    cures: TableClause,
    as_of: date,
    final_days_after_last_due: int,
) -> Select[Any]:
    state = loan_state.c
    today = literal(as_of, Date)
    defaults = {definition: _default_on(definition) for definition in DEFINITIONS}
    observed = days_between(state.last_due_on, today) >= final_days_after_last_due
    return (
        select(
            coded.c.loan_no,
            state.loan_id,
            *(column for column in coded.columns if column.name != "loan_no"),
            *(column for column in previous.columns if column.name != "loan_no"),
            loans.c.term_months,
            loans.c.principal_fen,
            state.outstanding_fen,
            state.overdue_fen,
            state.days_past_due,
            whole_months(coded.c.disbursed_on, today).label("observed_months"),
            observed.label("final_observed"),
            *(
                months_until(coded.c.disbursed_on, day).label(f"default_month_{definition}")
                for definition, day in defaults.items()
            ),
            *(day.label(f"default_on_{definition}") for definition, day in defaults.items()),
            loans.c.status,
            state.dates_imputed,
            state.closed_on,
            *(column for day in defaults.items() for column in _vintage(*day, loans, as_of)),
            state.first_due_on,
            state.first_payment_missed,
            state.rescheduled,
            *(column for column in cures.columns if column.name != "loan_no"),
        )
        .join_from(coded, loans, loans.c.loan_no == coded.c.loan_no)
        .join(loan_state, state.loan_no == coded.c.loan_no)
        .outerjoin(previous, previous.c.loan_no == coded.c.loan_no)
        .outerjoin(cures, cures.c.loan_no == coded.c.loan_no)
    )


def _vintage(
    definition: str, default_on: ColumnElement[Any], loans: TableClause, as_of: date
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """How a loan left its vintage by the last month end, and how many calendar months after disbursement."""
    newest = literal(newest_month_end(as_of), Date)
    disbursed_on, paid_off_on = loans.c.disbursed_on, loans.c.paid_off_on
    default, payoff = (cast(literal(left), _EXITS["vintage"]) for left in ("default", "payoff"))
    defaulted = default_on <= func.least(paid_off_on, newest, type_=Date())  # a default after the payoff is none
    exit_ = case((defaulted, default), (paid_off_on <= newest, payoff))
    exit_on = case((defaulted, default_on), (paid_off_on <= newest, paid_off_on), else_=newest)
    month = case((disbursed_on <= newest, months_between(disbursed_on, exit_on)))
    return exit_.label(f"vintage_exit_{definition}"), month.label(f"vintage_month_{definition}")


def _default_on(definition: str) -> ColumnElement[Any]:
    """The earliest of the day past due by so much, the charge-off and the source's own date."""
    state = loan_state.c
    if definition == "charge_off":
        return state.charged_off_on
    if definition == "recorded":
        return func.least(state.charged_off_on, state.defaulted_on, type_=Date())
    return func.least(state[f"past_due_{definition}_on"], state.charged_off_on, state.defaulted_on, type_=Date())


def _list(snapshot: duckdb.DuckDBPyConnection, values: dict[str, list[str]], varying: list[str]) -> None:
    """Fill `dimension_value`, with the lender's own names of tiers and products."""
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for code in (TIER.code, PRODUCT.code):
        own = copied.TABLES[code].c
        found = run(snapshot, select(own.code, func.min(own.name_en), func.min(own.name_zh)).group_by(own.code))
        names |= {(code, value): (english, chinese) for value, english, chinese in found}
    dimension_list.add(snapshot, "loan", {code: values[code] for code in _CODES}, names, varying)
