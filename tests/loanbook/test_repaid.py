"""How one member repaid, from live rows: by hand, and the same as the snapshot finds for the whole demo book."""

from datetime import date

import duckdb
import pytest

from loanbook import repaid, schema
from loanbook.live_book import LiveBook
from rules.repaid import MonthEnd
from tests.demo_snapshot import MONTH_END, demo_snapshot

LOAN = {"id": "1", "disbursed_at": "2026-01-10 02:00:00", "principal": 300, "term_months": 3, "annual_rate": "0.12",
        "status": "active", "closed_at": None, "written_off_at": None}  # fmt: skip


def due(number, day, principal, interest=0, loan="1"):
    return {"loan_id": loan, "number": number, "due_on": day, "principal_due": principal, "interest_due": interest,
            "fee_due": 0}  # fmt: skip


def paid(at, amount, loan="1"):
    return {"loan_id": loan, "paid_at": at, "amount": amount}


DUES = [due(1, "2026-02-10", 100, 3), due(2, "2026-03-10", 100, 2), due(3, "2026-04-10", 100, 1)]


def member(today, *payments, loans=(LOAN,), dues=DUES, changes=()):
    content = {"loan": list(loans), "instalment": list(dues), "repayment": list(payments), "schedule_change": changes}
    return repaid.of_member(content, today)


def test_a_loan_that_is_late_by_hand():
    # 103 due on 10 February were paid on the 14th, 50 of the next 102 on 10 March
    found = member(date(2026, 4, 2), paid("2026-02-14 04:00:00", 103), paid("2026-03-10 04:00:00", 50))
    (loan,) = found.loans
    assert (loan.status, loan.days_past_due, loan.worst_days_past_due) == ("active", 23, 23)
    assert (loan.overdue_fen, loan.next_due_fen, loan.outstanding_fen) == (52, 101, 300 - 100 - 48)
    assert found.months == (
        MonthEnd(date(2026, 1, 31), "M0", 1), MonthEnd(date(2026, 2, 28), "M0", 1), MonthEnd(date(2026, 3, 31), "M1", 1)
    )  # fmt: skip
    assert (found.on_time_months, found.outstanding_fen, found.next_due_fen) == (2, 152, 101)


def test_days_count_in_shanghai_and_the_day_itself_is_not_late():
    on_the_day = paid("2026-02-10 15:59:59", 103)  # one second to midnight
    after = paid("2026-02-10 16:00:00", 103)
    assert member(date(2026, 2, 11), on_the_day).worst_days_past_due == 0
    assert member(date(2026, 2, 12), after).worst_days_past_due == 0  # settled on the 11th: never late at a day's end
    assert member(date(2026, 2, 10)).days_past_due == 0
    assert member(date(2026, 2, 11)).days_past_due == 1


def test_what_is_later_than_today_has_not_happened():
    closed = LOAN | {"status": "paid_off", "closed_at": "2026-03-20 02:00:00"}
    before = member(date(2026, 3, 19), paid("2026-03-20 02:00:00", 306), loans=[closed])
    assert (before.loans[0].status, before.running[0].outstanding_fen) == ("active", 300)
    after = member(date(2026, 3, 20), paid("2026-03-20 02:00:00", 306), loans=[closed])
    assert (after.paid_off, after.loans[0].closed_on, after.outstanding_fen) == (1, date(2026, 3, 20), 0)
    assert member(date(2026, 1, 9)).loans == ()


def test_the_latest_of_several_loans_counts_and_what_was_repaid_does_not():
    other = LOAN | {"id": "2", "disbursed_at": "2026-02-01 02:00:00", "status": "paid_off",
                    "closed_at": "2026-03-05 02:00:00"}  # fmt: skip
    dues = [*DUES, due(1, "2026-03-01", 300, loan="2")]
    found = member(date(2026, 4, 1), paid("2026-03-05 02:00:00", 300, "2"), loans=[other, LOAN], dues=dues)
    assert [loan.loan_id for loan in found.loans] == ["1", "2"]
    assert [(month.bucket, month.loans) for month in found.months] == [("M0", 1), ("M1", 2), ("M2", 1)]


def test_a_write_off_ends_the_months_as_what_it_is():
    lost = LOAN | {"status": "written_off", "written_off_at": "2026-03-15 02:00:00"}
    found = member(date(2026, 5, 1), loans=[lost])
    assert [month.bucket for month in found.months] == ["M0", "M1", "written_off"]
    assert (found.written_off, found.loans[0].worst_days_past_due, found.running) == (1, 33, ())


def test_a_moved_due_date_is_late_from_its_old_day_on():
    change = {"loan_id": "1", "changed_at": "2026-03-02 02:00:00", "old_due_on": "2026-02-10",
              "new_due_on": "2026-05-10", "number": 1}  # fmt: skip
    moved = [due(1, "2026-05-10", 100, 3), *DUES[1:]]
    found = member(date(2026, 3, 9), dues=moved, changes=[change])
    assert found.loans[0].rescheduled
    assert (found.loans[0].worst_days_past_due, found.days_past_due) == (19, 0)  # to 1 March; since then it is not due
    assert [month.bucket for month in found.months] == ["M0", "M1"]


def test_without_instalments_only_the_loan_itself_is_told():
    found = member(date(2026, 5, 1), dues=[])
    (loan,) = found.loans
    assert (loan.outstanding_fen, loan.days_past_due, loan.worst_days_past_due, found.months) == (None, None, None, ())
    assert found.outstanding_fen == 300


def test_nobody_is_nothing():
    found = repaid.of_member({"loan": [], "instalment": [], "repayment": []}, date(2026, 1, 1))
    assert (found.loans, found.months, found.worst_days_past_due) == ((), (), 0)


@pytest.fixture(scope="module")
def demo_book(tmp_path_factory):
    built = demo_snapshot(tmp_path_factory, 4_000, MONTH_END)
    live = LiveBook(f"sqlite:///{built.path.parent.parent / 'book.sqlite'}", None)
    with duckdb.connect(str(built.path), read_only=True) as snapshot:
        yield live, snapshot
    live.close()


def test_it_is_what_the_snapshot_finds(demo_book):
    live, snapshot = demo_book
    chosen = snapshot.execute(
        "SELECT DISTINCT CAST(member_id AS VARCHAR) FROM loan WHERE hash(member_id) % 9 = 0 "
        "OR id IN (SELECT loan_id FROM schedule_change)"
    ).fetchall()
    states = "SELECT loan_id, days_past_due, worst_days_past_due, outstanding_fen, overdue_fen FROM loan_state"
    expected = {key: rest for key, *rest in snapshot.execute(states).fetchall()}
    months = (
        "SELECT month_end, max(CAST(bucket AS VARCHAR)) FROM loan_month JOIN loan_state USING (loan_no) "
        "WHERE list_contains(?, loan_id) AND bucket <> 'paid_off' GROUP BY 1 ORDER BY 1"
    )
    compared = 0
    with live.reading() as connection:
        for (key,) in chosen:
            rows = live.rows(connection, schema.loan, {"member_id": [key]})
            ids = [row["id"] for row in rows]
            of_loans = (schema.instalment, schema.repayment, schema.schedule_change)
            content = {each.name: live.rows(connection, each, {"loan_id": ids}) for each in of_loans}
            found = repaid.of_member({"loan": rows} | content, MONTH_END)
            for loan in found.loans:
                late, worst, outstanding, overdue = expected[loan.loan_id]
                assert (loan.worst_days_past_due, loan.outstanding_fen) == (worst, outstanding)
                if loan.status == "active":
                    assert (loan.days_past_due, loan.overdue_fen) == (late, overdue)
                compared += 1
            told = [(month.day, month.bucket) for month in found.months]
            assert told == snapshot.execute(months, [ids]).fetchall()
    assert compared > 300
