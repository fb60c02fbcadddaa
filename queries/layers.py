"""What the risk layers did with applications: how many each let pass, and what became of whom it stopped."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, case, cast, func, or_, select, true

from loanbook.monitoring.monitoring_schema import application_fact, application_stop
from loanbook.snapshot_schema import loan_fact
from queries.default_rates import defaulted, mature
from rules import dimensions
from rules.filters import Selection

Rows = Select[*tuple[Any, ...]]

_TOLD = frozenset(dimension.code for dimension in dimensions.SHARED)


def flows(selection: Selection) -> Rows:
    """How applications went.

    Grain: one row per outcome, deciding layer and judgement of the model that occur.
    Columns: outcome (approved, declined, open); decided_by ("" where the book does not say); judged ("below", "above"
    the model's cut-off, or "": the model did not judge it); applications (count), amount_fen (asked for).
    Excludes: applications made outside the selection's period; of its choices those count that an application has.
    """
    row = application_fact.c
    judged = case((row.below_cut_off, "below"), (~row.below_cut_off, "above"), else_="")
    decided_by = func.coalesce(cast(row.decided_by, String), "")
    return (
        select(
            cast(row.outcome, String).label("outcome"),
            decided_by.label("decided_by"),
            judged.label("judged"),
            func.count().label("applications"),
            cast(func.sum(func.coalesce(row.amount_fen, 0)), BigInteger).label("amount_fen"),
        )
        .where(passing(selection))
        .group_by(row.outcome, row.decided_by, row.below_cut_off)
        .order_by("outcome", "decided_by", "judged")
    )


def applications(selection: Selection) -> Rows:
    """The applications behind `flows`, to which they re-sum; nothing that names a person.

    Grain: one row per application, as they were made. Columns: application_id; applied_on; the shared dimensions;
    amount_fen; outcome; decided_by; below_cut_off.
    Excludes: as `flows`.
    """
    row = application_fact.c
    return (
        select(
            row.application_id,
            row.applied_on,
            *(cast(row[dimension.code], String).label(dimension.code) for dimension in dimensions.SHARED),
            row.amount_fen,
            cast(row.outcome, String).label("outcome"),
            cast(row.decided_by, String).label("decided_by"),
            row.below_cut_off,
        )
        .where(passing(selection))
        .order_by(row.application_no)
    )


def stops(selection: Selection) -> Rows:
    """What each reason stopped, and what became of those of them who were granted a loan afterwards.

    Grain: one row per layer and reason. Columns: layer; reason; applications (count), alone (no other reason stopped
    them), amount_fen (asked for); later (loans granted to them afterwards, each once), later_observed (for the
    horizon), later_defaulted (within it).
    Formula: an application with several reasons counts in each; a later loan counts once in each reason.
    Excludes: as `flows`. The later loans are of those who came again and passed: who was stopped for good is not seen.
    Source: metrics.md, trap 10.
    """
    row, stop, loan = application_fact.c, application_stop.c, loan_fact.c
    observed = mature(selection)
    joined = application_stop.join(application_fact, row.application_no == stop.application_no).outerjoin(
        loan_fact, loan.loan_no == row.later_loan_no
    )
    each = (
        select(
            stop.layer,
            stop.reason,
            loan.loan_no,
            func.count().label("applications"),
            func.count().filter(stop.alone).label("alone"),
            func.sum(func.coalesce(row.amount_fen, 0)).label("amount_fen"),
            func.bool_or(observed).label("observed"),
            func.bool_or(and_(observed, defaulted(selection))).label("bad"),
        )
        .select_from(joined)
        .where(passing(selection))
        .group_by(stop.layer, stop.reason, loan.loan_no)
        .subquery("each")
        .c
    )
    return (
        select(
            cast(each.layer, String).label("layer"),
            cast(each.reason, String).label("reason"),
            *(cast(func.sum(each[name]), BigInteger).label(name) for name in ("applications", "alone", "amount_fen")),
            func.count(each.loan_no).label("later"),
            func.count(each.loan_no).filter(each.observed).label("later_observed"),
            func.count(each.loan_no).filter(each.bad).label("later_defaulted"),
        )
        .group_by(each.layer, each.reason)
        .order_by("layer", "reason")
    )


def passing(selection: Selection) -> ColumnElement[bool]:
    """Whether an application passes: made in the period, with the chosen values of what an application has."""
    row, days = application_fact.c, selection.disbursed
    kept: list[ColumnElement[bool]] = [
        or_(*(row[code] == value for value in values)) for code, values in selection.choices if code in _TOLD
    ]
    if days.first is not None:
        kept.append(row.applied_on >= days.first)
    if days.last is not None:
        kept.append(row.applied_on <= days.last)
    return and_(true(), *kept)


def untold(selection: Selection) -> list[str]:
    """The chosen dimensions that an application does not have, such as its funder: they don't count here."""
    return [code for code, _values in selection.choices if code not in _TOLD]
