"""Where SQL dialects differ: the one in which Core statements reach DuckDB, and the date arithmetic they use."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Interval,
    String,
    Time,
    TryCast,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import Function, FunctionElement

_BUSINESS_ZONE_HOURS = 8  # Asia/Shanghai, without summer time since 1991


class DuckDBDialect(PGDialect):
    """DuckDB reads PostgreSQL's SQL; the name lets a construct be written differently for it."""

    name = "duckdb"
    supports_statement_cache = True


DUCKDB = DuckDBDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


def compiled(statement: ClauseElement) -> tuple[str, list[Any]]:
    """A statement as DuckDB reads it, `$1` for its first value, and the values in their order."""
    text = statement.compile(dialect=DUCKDB, compile_kwargs={"render_postcompile": True})
    parameters = text.params
    return str(text), [parameters[name] for name in getattr(text, "positiontup", None) or ()]


class add_months(FunctionElement[Any]):  # noqa: N801 - reads as the function that it is
    """A date so many months on; the month's last day where it is shorter, as `rules.calendar.add_months`."""

    type = Date()
    inherit_cache = True
    name = "add_months"


class _hours(FunctionElement[Any]):  # noqa: N801
    """So many hours, as an interval."""

    type = Interval()
    inherit_cache = True
    name = "hours"


@compiles(add_months, "duckdb")
def _add_months_duckdb(element: add_months, compiler: Any, **options: Any) -> str:
    day, months = element.clauses
    return (
        f"CAST({compiler.process(day, **options)} + to_months(CAST({compiler.process(months, **options)} AS INTEGER))"
        " AS DATE)"
    )


@compiles(_hours, "duckdb")
def _hours_duckdb(element: _hours, compiler: Any, **options: Any) -> str:
    (hours,) = element.clauses
    return f"to_hours({compiler.process(hours, **options)})"


class instant(FunctionElement[Any]):  # noqa: N801
    """The UTC instant that a text writes, with or without an offset; in a session whose time zone is UTC."""

    type = DateTime()
    inherit_cache = True
    name = "instant"


@compiles(instant, "duckdb")
def _instant_duckdb(element: instant, compiler: Any, **options: Any) -> str:
    """Only TIMESTAMPTZ heeds an offset, and takes three times as long; so not for the two usual forms without one."""
    (written,) = element.clauses
    text = compiler.process(written, **options)
    return (
        f"CASE WHEN strlen({text}) = 26 AND suffix({text}, '.000000') OR strlen({text}) = 19 AND {text}[17] = ':'"
        f" THEN CAST({text} AS TIMESTAMP) ELSE CAST(CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP) END"
    )


@compiles(TryCast, "duckdb")
def _try_cast_duckdb(element: TryCast[Any], compiler: Any, **options: Any) -> str:
    return f"TRY_{compiler.visit_cast(element, **options)}"


def business_date(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """The Asia/Shanghai date of a UTC instant, as `rules.calendar.business_date`."""
    return cast(instant + _hours(literal(_BUSINESS_ZONE_HOURS)), Date)


def business_time(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """The time of day in Asia/Shanghai of a UTC instant."""
    return cast(instant + _hours(literal(_BUSINESS_ZONE_HOURS)), Time)


def first_of_month(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of a date's month, as `rules.calendar.first_of_month`."""
    return cast(func.date_trunc("month", day), Date)


def start_of_business_day(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The UTC instant at which an Asia/Shanghai date begins."""
    return cast(day, DateTime) - _hours(literal(_BUSINESS_ZONE_HOURS))


def add_days(day: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """A date so many days on."""
    return type_coerce(day + literal(days, Integer), Date)


def days_between(first: ColumnElement[Any], last: ColumnElement[Any]) -> ColumnElement[Any]:
    """Days from one date to another; negative where the last is earlier."""
    return type_coerce(last, Integer) - type_coerce(first, Integer)


def ordinal(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """A date as a number: 1 on 0001-01-01, as `date.toordinal`."""
    return days_between(literal(date.min, Date), day) + 1


def month_number(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """A date's month counted from the year 0: the next month's number is one more."""
    return cast(extract("year", day) * 12 + extract("month", day) - 1, Integer)


def end_of_month(number: ColumnElement[Any]) -> ColumnElement[Any]:
    """The last day of a month that is given by its `month_number`."""
    return func.last_day(func.make_date(number.op("//", precedence=8)(12), number % 12 + 1, 1), type_=Date())


def divided(number: ColumnElement[Any], by: int) -> ColumnElement[Any]:
    """How often a whole number holds another, the rest dropped."""
    return type_coerce(number.op("//")(literal(by, Integer)), Integer)


def each_number(first: ColumnElement[Any], last: ColumnElement[Any]) -> ColumnElement[Any]:
    """In a select list: the row once for each whole number from the first to the last; not at all if there is none."""
    numbers = func.range(cast(first, BigInteger), cast(last, BigInteger) + 1)
    return cast(func.unnest(numbers), Integer)


def months_between(first: ColumnElement[Any], last: ColumnElement[Any]) -> ColumnElement[Any]:
    """Calendar months from one date's month to another's, as `rules.calendar.months_between`."""
    years = extract("year", last) - extract("year", first)
    return cast(years * 12 + extract("month", last) - extract("month", first), Integer)


def whole_months(first: ColumnElement[Any], last: ColumnElement[Any]) -> ColumnElement[Any]:
    """The most months that can be added to a date without passing the last, as `rules.calendar.whole_months`."""
    months = months_between(first, last)
    return months - cast(add_months(first, months) > last, Integer)


def months_until(first: ColumnElement[Any], last: ColumnElement[Any]) -> ColumnElement[Any]:
    """The fewest months, none at least, that must be added to the first date to reach the last; null without a last."""
    months = months_between(first, last)
    fewest = months + cast(add_months(first, months) < last, Integer)
    return case((last.is_not(None), func.greatest(fewest, literal(0, Integer))))


def at_latest(value: ColumnElement[Any], moment: ColumnElement[Any]) -> Function[Any]:
    """In a group, the value of the row with the latest moment."""
    return func.arg_max(value, moment, type_=value.type)


def at_earliest(value: ColumnElement[Any], moment: ColumnElement[Any]) -> Function[Any]:
    """In a group, the value of the row with the earliest moment; rows without a value are passed over."""
    return func.arg_min(value, moment, type_=value.type)


def seconds_between(first: ColumnElement[Any], last: ColumnElement[Any]) -> ColumnElement[Any]:
    """Whole seconds from one instant to another, parts of a second of either dropped."""
    return func.date_diff(literal_column("'second'"), first, last, type_=BigInteger())


def year_month(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """A date's month as text: 2025-03."""
    return func.strftime(day, "%Y-%m", type_=String())
