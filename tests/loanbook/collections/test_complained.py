"""Complaints by topic and for how long they waited, by hand."""

from datetime import date

from loanbook.collections import complained
from loanbook.working import create_tables
from tests.loanbook.derived import copies

AS_OF = date(2026, 6, 30)


def test_complaints_wait_from_their_day_in_shanghai_until_they_are_resolved_or_until_as_of():
    drawn = """
        id  member_id  received_at          topic  resolved_at
        1   1          2026-05-31_16:00:00  fees   2026-06-01_15:59:59
        2   1          2026-05-31_15:59:59  fees   2026-05-31_16:00:00
        3   1          2026-06-20_02:00:00  fees   -
        4   1          2026-06-20_02:00:00  fees   2026-06-30_16:00:00
        5   1          2026-06-30_16:00:00  fees   -
        6   1          2026-06-10_02:00:00  calls  2026-06-09_02:00:00
        7   1          2026-06-30_15:59:59  -      -
        """
    snapshot = copies({"complaint": drawn})
    create_tables(snapshot, "complaint_month")
    complained.build(snapshot, AS_OF)
    may, june = date(2026, 5, 1), date(2026, 6, 1)
    assert snapshot.execute("FROM complaint_month").fetchall() == [
        ("fees", may, 1, 1, 0),
        ("fees", june, 0, 1, 0),
        ("fees", june, 10, 0, 2),  # one of them is resolved after as_of
        ("unknown", june, 0, 0, 1),
    ]
