"""`python -m tests.bench.movement`: the part on movement over generated members, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them (what it takes to derive them is the refresh's
matter); both ways give the same sums, or the benchmark stops; no time is asserted.
"""

from datetime import date

import duckdb

from queries import exposure, migration, retention
from rules import policy
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from tests.bench import both_ways
from tests.bench.both_ways import Case, Grouped
from tests.bench.movement_by_hand import SELECTED, by_hand
from tests.queries.drawn import book_of
from tests.queries.drawn_movement import STATES, snapshot

AS_OF = date(2026, 6, 30)
FIRST, LAST = date(2026, 4, 30), date(2026, 5, 31)
EVERYBODY = MemberSelection(DateRange(), None, ())
CHOSEN = EVERYBODY.narrowed("channel", SELECTED)

_CHANNELS = ("advertising", "offline", "organic", "partner", "referral")
_STRETCH_DAYS = 150
_STRETCHES = 4
_MONTH_ENDS = 36
_OWE_EVERY = 3  # of so many members one has something outstanding at a month end

TITLE = "Part on movement, {members} generated members"


def cases() -> list[Case]:
    """Every statement of the part over all members, and the same for one channel."""
    book, rule = book_of([], as_of=AS_OF), policy.load()[-1].exposure
    found = []
    for name, selection in (("all members", EVERYBODY), ("one channel", CHOSEN)):
        hand = by_hand(AS_OF, FIRST, LAST, rule, filtered=selection is CHOSEN)
        found += [
            Case(f"flows between two month ends, {name}", migration.flows(selection, FIRST, LAST), hand["flows"], (4,)),
            Case(f"upgrades of a month, {name}", migration.upgrades(selection, FIRST, LAST), hand["upgrades"], (3, 4)),
            Case(f"stays, {name}", migration.stays(selection, AS_OF), hand["stays"], (1, 3)),
            Case(f"repeat cohorts, {name}", retention.by_cohort(selection, book), hand["cohorts"], (1, 2, 3, 10, 11)),
            Case(f"lines and their use, {name}", retention.lines(selection), hand["lines"], (4, 5)),
            Case(f"watch by month end, {name}", exposure.by_month(selection, rule), hand["watch"], (3, 4, 6, 7, 8),
                 Grouped("member_exposure", ("month_end", "standing"), ("", "outstanding_fen"))
                 if selection is EVERYBODY else None),
        ]  # fmt: skip
    return found


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """So many members, four stretches each, a spell of membership each two, a line each two, month ends of a third."""
    states = ", ".join(f"'{state}'" for state in STATES)
    channels = ", ".join(f"'{channel}'" for channel in _CHANNELS)
    made.execute(f"CREATE TYPE channel AS ENUM ({channels})")
    made.execute("ALTER TABLE member_journey ALTER COLUMN channel TYPE channel")
    made.execute(
        "INSERT INTO member_journey (member_no, member_id, registered_on, channel, first_disbursed_on, "
        "second_disbursed_on) SELECT i, 'M' || i, DATE '2023-07-01' + CAST(i * 900 // $1 AS INTEGER), "
        f"[{channels}][1 + i % 5], DATE '2023-07-05' + CAST(i * 900 // $1 AS INTEGER), CASE WHEN i % 3 = 0 THEN "
        "DATE '2023-07-05' + CAST(i * 900 // $1 + i % 200 AS INTEGER) END FROM range(1, $1 + 1) t(i)",
        [members],
    )
    start = "DATE '2023-07-01' + CAST(m * 700 // $1 + s * $2 AS INTEGER)"
    made.execute(
        f"INSERT INTO member_state SELECT m, [{states}][1 + (m * 7 + s * 3) % 6], {start}, CASE WHEN s = $3 - 1 THEN "
        f"DATE '{AS_OF}' ELSE {start} + $2 - 1 END FROM range(1, $1 + 1) a(m), range($3) b(s) ORDER BY m, s",
        [members, _STRETCH_DAYS, _STRETCHES],
    )
    made.execute(
        "INSERT INTO membership_spell SELECT m, ['ordinary', 'silver', 'gold'][1 + (m + s) % 3], "
        f"{start}, CASE WHEN s = 0 THEN {start} + $2 END, ['paid', 'task'][1 + m % 2], 100 * (m % 2), "
        f"['joined', 'rose', 'fell', 'renewed'][1 + (m + s) % 4], {start}, true "
        "FROM range(1, $1 + 1) a(m), range(2) b(s) ORDER BY m, s",
        [members, 2 * _STRETCH_DAYS],
    )
    made.execute(
        f"INSERT INTO line_spell SELECT m, [{states}][2 + (m + s) % 3], 1000000 * (1 + s), {start}, CASE WHEN s = 1 "
        f"THEN DATE '{AS_OF}' ELSE {start} + $2 - 1 END FROM range(1, $1 + 1) a(m), range(2) b(s) ORDER BY m, s",
        [members, 2 * _STRETCH_DAYS],
    )
    made.execute(
        f"INSERT INTO member_exposure SELECT m, last_day(DATE '{AS_OF}' - to_months(CAST(e AS INTEGER))), "
        f"[{states}][2 + m % 3], 100000 + m % 900000, CASE WHEN m % 4 > 0 THEN m % 700000 END, 90000 + m % 1000000, "
        "1000000, CASE WHEN m % 100 = 0 THEN m % 300 END "
        "FROM range($2) b(e), range(1, $1 + 1) a(m) WHERE (m + e) % $3 = 0 ORDER BY e DESC, m",
        [members, _MONTH_ENDS, _OWE_EVERY],
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases)
