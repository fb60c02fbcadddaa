"""Keys that refer to other rows: to none, and what rows may not be beside the row that they refer to."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, FromClause, Table, case, func, select

from loanbook import copied, schema
from loanbook.invariants.report import Report, Rule

# A schedule's rows are many and few of its loans are none, so loanbook.invariants.lending looks at them loan by loan.
_ELSEWHERE = {schema.instalment}

Beside = Mapping[str, FromClause]  # the rows that stand beside a table's own, by the column that refers to them


def find(report: Report, contract: Table, present: frozenset[str], repeated: frozenset[str]) -> None:
    """Report what is wrong between the rows of a table and those that they refer to, in one pass over all of them.

    A row of a table in `repeated` whose key is not its own stands for nothing: nobody can say which is meant.
    """
    if contract in _ELSEWHERE:
        return
    own = copied.TABLES[contract.name]
    beside: dict[str, FromClause] = {}
    rows: FromClause = own
    rules = []
    for column in contract.columns:
        name = column.info.get("references")
        if name not in present or not report.can_judge(_key(name), own.c[column.name]):
            continue
        referred = _referred(name, column, repeated)
        key = referred.c[_key(name).name]
        rows = rows.outerjoin(referred, key == own.c[column.name])
        rules.append(Rule("orphan", own.c[column.name].is_not(None) & key.is_(None), column.name, name))
        beside[column.name] = referred
    if rules:
        report.judge(contract, [*rules, *_between(contract, own, beside)], rows)


def _between(contract: Table, own: Table, beside: Beside) -> list[Rule]:
    """The rules on a row and the one beside it."""
    if contract is schema.member and "referred_by_id" in beside:
        return [Rule("registered_before_referrer", own.c.registered_at < beside["referred_by_id"].c.registered_at)]
    if contract is schema.repayment and "loan_id" in beside:
        return [Rule("repayment_before_disbursement", own.c.paid_at < beside["loan_id"].c.disbursed_at)]
    if contract is schema.loan and "application_id" in beside:
        application = beside["application_id"].c
        approved = func.coalesce(application.approved_amount_fen, application.amount_fen)
        return [
            Rule("loan_not_approved", application.status.not_in(["approved", "disbursed"])),
            Rule("loan_above_approval", own.c.principal_fen > approved),
        ]
    return []


def _key(name: str) -> Column[Any]:
    (key,) = schema.metadata.tables[name].primary_key
    return copied.TABLES[name].c[key.name]


def _referred(name: str, column: Column[Any], repeated: frozenset[str]) -> FromClause:
    """The rows that a column refers to, one for each key."""
    table, alias = copied.TABLES[name], f"{column.name}_row"
    if name not in repeated:
        return table.alias(alias)
    key = _key(name)
    single = (case((func.count() == 1, func.any_value(each))).label(each.name) for each in table.c if each is not key)
    return select(key, *single).group_by(key).subquery(alias)
