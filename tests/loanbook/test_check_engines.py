"""The check says the same of the same rows, whatever engine holds them."""

from pathlib import Path

from loanbook import check
from loanbook.finding import Severity
from tests.loanbook.drawn_book import CLEAN, rows
from tests.loanbook.engines import LoanDatabase

BROKEN = {
    **CLEAN,
    "repayment": """
        id  loan_id  paid_at              amount
        31  21       2024-03-01_01:59:59  -450
        32  99       2024-05-01_02:00:00  450.5
        """,
    "member": """
        id  registered_at        referred_by_id  referral_code  campaign_id
        1   2024-01-01_08:00:00  3               A1             1
        2   2024-01-02_08:00:00  1               A1             -
        3   2024-01-03_08:00:00  2               -              -
        4   2024-01-04_08:00:00  4               -              -
        """,
}
TOLD = [
    "3 member(s) were referred in a circle: id 1; id 2; id 3.",
    "1 member(s) registered before their referrer: id 1.",
    "member.referral_code should differ in all rows, but 2 row(s) share theirs: id 1; id 2.",
    "1 member(s) are their own referrer: id 4.",
    "1 repayment(s) are before their loan's disbursement: id 31.",
    "repayment.amount is negative in 1 row(s): id 31.",
    "repayment.loan_id names no row of loan in 1 row(s): id 32.",
]


def told(database: LoanDatabase, tables: dict[str, str], folder: Path) -> list[str]:
    engine = database.write(rows(tables))
    with check.checked(engine, database.schema, folder, lambda _stage, _done: None) as found:
        faults = [each.sentence for each in found.findings if each.severity is not Severity.MISSING]
    engine.dispose()
    return faults


def test_the_same_rows_break_the_same_rules_on_every_engine(database: LoanDatabase, tmp_path: Path) -> None:
    assert told(database, CLEAN, tmp_path) == []
    assert sorted(told(database, BROKEN, tmp_path)) == sorted(TOLD)


def test_a_servers_columns_are_judged_by_their_types_and_by_values_that_do_not_fit(
    mariadb: LoanDatabase, tmp_path: Path
) -> None:
    changes = (
        "alter table loan modify principal varchar(20)",
        "alter table loan modify member_id varchar(20)",  # keys may be texts
        "alter table loan modify term_months bigint",
        "update loan set term_months = 99999 where id = 22",
    )
    engine = mariadb.write(rows(CLEAN), *changes)
    with check.checked(engine, mariadb.schema, tmp_path, lambda _stage, _done: None) as found:
        unusable = [each for each in found.findings if each.severity is not Severity.MISSING]
    assert [(each.kind, each.column, each.examples) for each in unusable] == [
        ("wrong_column_type", "principal", ()),
        ("wrong_value_type", "term_months", ("id 22",)),
    ]
    engine.dispose()
