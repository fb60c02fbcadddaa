"""What persons decided before, as the loan database tells, and how the loans repaid that were granted by a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, case, cast, func, literal, select

from loanbook.snapshot_schema import loan_fact, manual_decision
from rules.filters import Definition, Horizon
from rules.review_case import Outcome, Override
from rules.review_quality_outcomes import AGAINST, AS_SAID

Rows = Select[*tuple[Any, ...]]
_made = manual_decision.c


def asked(
    since: datetime, definition: Definition, horizon: Horizon, ours: Mapping[str, str]
) -> dict[str, Select[*tuple[Any, ...]]]:
    """What the part on quality asks of the snapshot. ours: the override of each application granted in Loanboard."""
    return {
        "before": decided(since),
        "counted": counted(),
        "repaid": repaid(definition, horizon, ours, of_ours=True),
        "repaid_before": repaid(definition, horizon, ours, of_ours=False),
    }


def counted() -> Rows:
    """Grain: one row. Columns: decisions (of persons, on record in the loan database), newest_at (UTC)."""
    return select(func.count().label("decisions"), func.max(_made.decided_at).label("newest_at")).where(_made.recorded)


def decided(since: datetime) -> Rows:
    """What persons decided since an instant, as the loan database tells; it names nobody.

    Grain: one row per application. Columns: application_id; product; amount_fen (asked for); applied_at, decided_at
    (UTC); outcome, override (empty where none), reason (null where none was written).
    """
    return (
        select(
            _made.application_id, _made.product, _made.amount_fen, _made.applied_at, _made.decided_at, _made.outcome,
            func.coalesce(_made.override, literal("")).label("override"), _made.reason,
        )
        .where(_made.recorded, _made.decided_at >= since.replace(tzinfo=None))
        .order_by(_made.decided_at, _made.application_id)
    )  # fmt: skip


def repaid(definition: Definition, horizon: Horizon, ours: Mapping[str, str], *, of_ours: bool) -> Rows:
    """How the loans repaid that persons granted, those against what rules and model said apart.

    ours: the override of each application that was granted in Loanboard; of_ours: those alone, or all others that the
    loan database says a person granted, whose override its checks tell.
    Grain: one row per override (AGAINST, AS_SAID) that occurs. Columns: override; granted (applications), disbursed
    (loans that came of them), borrowers (whose earliest such loan has been observed for the horizon), defaulted.
    Excludes: what was declined: it has no outcome.
    Source: metrics.md, "default rate at H", trap 10.
    """
    against = [application for application, override in sorted(ours.items()) if override == Override.LOW_SIDE.value]
    granted = _made.outcome != Outcome.DECLINED.value
    if of_ours:
        label = case((_made.application_id.in_(against), literal(AGAINST)), else_=literal(AS_SAID))
        among: ColumnElement[bool] = _made.application_id.in_(sorted(ours))
    else:
        label = case((_made.override == Override.LOW_SIDE.value, literal(AGAINST)), else_=literal(AS_SAID))
        among = _made.recorded & granted & _made.application_id.not_in(sorted(ours))
    observed, defaulted = _default(definition, horizon)
    place = func.row_number().over(partition_by=(label, loan_fact.c.borrower_no), order_by=loan_fact.c.loan_no)
    loans = (
        select(
            cast(label, String).label("override"), loan_fact.c.loan_no, place.label("place"),
            observed.label("observed"), defaulted.label("defaulted"),
        )
        .join_from(manual_decision, loan_fact, loan_fact.c.loan_no == _made.loan_no, isouter=True)
        .where(among)
        .subquery("loans")
    )  # fmt: skip
    of = loans.c
    counts = (of.loan_no.is_not(None)) & (of.place == 1) & of.observed
    return (
        select(
            of.override,
            func.count().label("granted"),
            func.count(of.loan_no).label("disbursed"),
            func.count().filter(counts).label("borrowers"),
            cast(func.count().filter(counts & of.defaulted), BigInteger).label("defaulted"),
        )
        .group_by(of.override)
        .order_by(of.override)
    )


def _default(definition: Definition, horizon: Horizon) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a loan has been observed for the horizon, and whether it defaulted within."""
    loan, months = loan_fact.c, horizon.months
    month = loan[f"default_month_{definition}"]
    if months is None:
        return loan.final_observed, month.is_not(None)
    return loan.observed_months >= months, func.coalesce(cast(month, Integer) <= months, False)
