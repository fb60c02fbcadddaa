"""Loans: their schedule is whole, and what is closed has a date that is no earlier than the disbursement."""

from typing import Any

from sqlalchemy import Select, TableClause, and_, func, or_, select

from loanbook import copied, schema
from loanbook.invariants import keys
from loanbook.invariants.report import Report, Rule
from loanbook.working import drop, run, work_table

_loan, _instalment = (copied.TABLES[name] for name in ("loan", "instalment"))


def find(report: Report, present: frozenset[str]) -> None:
    """Report what is wrong with how loans end, and with instalments, which are looked at loan by loan."""
    loans = "loan" in present and report.can_judge(_loan.c.id)
    if "loan" in present:
        report.judge(schema.loan, _ends())
    if "instalment" not in present or not report.can_judge(_instalment.c.loan_id):
        return
    schedule = work_table(report.snapshot, "loan_schedule", _schedule())
    crowded = select(schedule.c.loan_id).where(schedule.c.numbers > schedule.c.bits)
    numbered = report.can_judge(_instalment.c.number)
    repeated = numbered and keys.find_within(report, schema.instalment, crowded)
    if loans:
        _orphans(report, schedule)
        rules = _numbers(schedule, crowded if repeated else None) if numbered else []
        if report.can_judge(_instalment.c.principal_due_fen):
            rules.append(Rule("instalment_principal", schedule.c.principal_fen != _loan.c.principal_fen))
        report.judge(schema.loan, rules, _loan.join(schedule, schedule.c.loan_id == _loan.c.id))
    drop(report.snapshot, schedule)


def _ends() -> list[Rule]:
    loan = _loan.c
    undated = or_(
        and_(loan.status == "paid_off", loan.closed_at.is_(None)),
        and_(loan.status == "written_off", func.coalesce(loan.written_off_at, loan.closed_at).is_(None)),
    )
    early = or_(loan.closed_at < loan.disbursed_at, loan.written_off_at < loan.disbursed_at)
    return [Rule("loan_without_end", undated), Rule("loan_ends_before_disbursement", early)]


def _schedule() -> Select[Any]:
    """What the instalments of each loan come to. Loans without any are proved by a tape or by their outcome."""
    row = _instalment.c
    return (
        select(
            row.loan_id,
            func.count().label("rows"),
            func.count(row.number).label("numbers"),
            func.min(row.number).label("first"),
            func.max(row.number).label("last"),
            keys.different_bits(row.number).label("bits"),
            func.sum(row.principal_due_fen).label("principal_fen"),
        )
        .where(row.loan_id.is_not(None))
        .group_by(row.loan_id)
    )


def _orphans(report: Report, schedule: TableClause) -> None:
    row = _instalment.c
    known = select(_loan.c.id).where(_loan.c.id.is_not(None))
    lost = select(schedule.c.loan_id).where(schedule.c.loan_id.not_in(known))
    if run(report.snapshot, lost.limit(1)):
        orphans = select(row.loan_id, row.number).where(row.loan_id.in_(lost))
        report.add(schema.instalment, "orphan", report.count(orphans), orphans, "loan_id", "loan")


def _numbers(schedule: TableClause, crowded: Select[Any] | None) -> list[Rule]:
    """Numbered 1 to the term: as many as that, from the first to the last, and none twice."""
    term = _loan.c.term_months
    whole = [schedule.c.rows == term, schedule.c.numbers == term, schedule.c.first == 1, schedule.c.last == term]
    if crowded is not None:
        repeated = keys.repeated_within(schema.instalment, crowded).subquery()
        whole.append(_loan.c.id.not_in(select(repeated.c.loan_id)))
    return [Rule("instalment_numbers", ~and_(*whole))]
