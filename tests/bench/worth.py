"""`python -m tests.bench.worth`: the part on worth over generated members, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them; both ways give the same sums, or the benchmark
stops; no time is asserted.
"""

from datetime import date

import duckdb

from loanbook.members import worth_schema  # noqa: F401 - its tables are created by name
from loanbook.working import create_tables
from queries import perks, prices, worth
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.worth import COLUMNS, COSTS, INCOME
from tests.bench import both_ways
from tests.bench.both_ways import Case, Grouped

MONTHS_EACH = 8  # of so many months of each member something is known
SELECTED = "offline"

_EVERYBODY = MemberSelection(DateRange(), None, ())
_YEAR = MemberSelection(DateRange(date(2024, 1, 1), date(2024, 12, 31)), None, ())
_CHANNELS = "['advertising', 'offline', 'organic', 'partner', 'referral']"
_TIERS = "['ordinary', 'bronze', 'silver', 'gold', 'platinum']"
_SUMS = ", ".join(f"sum({name})::BIGINT" for name in COLUMNS)
_CONTRIBUTION = " + ".join(p.column for p in INCOME) + "".join(f" - {p.column}" for p in COSTS)

TITLE = "Part on worth, {members} generated members"


def cases() -> list[Case]:
    """Every statement of the part over all members, and the same for one channel."""
    found = []
    for name, selection, where in (
        ("all members", _YEAR, "true"),
        ("one channel", _EVERYBODY.narrowed("channel", SELECTED), f"channel = '{SELECTED}'"),
    ):
        joined = f"JOIN member_journey USING (member_no) WHERE {where}"
        found += [
            Case(f"contribution by tier, {name}", worth.by_tier(selection),
                 f"SELECT tier, count(*), sum(months)::BIGINT, {_SUMS}, sum((({_CONTRIBUTION}) / 100.0) ** 2) "
                 f"FROM tier_value {joined} GROUP BY 1", (1, 2, 3, 4, 5),
                 None if where != "true" else Grouped("tier_value", ("tier",), ("", "months", *COLUMNS[:3]))),
            Case(f"value by tier, cohort and month, {name}", worth.by_month(selection, "first_tier", months=24),
                 f"SELECT first_tier, registered_month, month, {_SUMS} FROM member_value {joined} AND month <= 24 "
                 "GROUP BY 1, 2, 3", (2, 3, 4, 5)),
            Case(f"members by tier and cohort, {name}", worth.cohorts(selection, "first_tier"),
                 f"SELECT first_tier, registered_month, count(*) FROM member_journey WHERE {where} GROUP BY 1, 2",
                 (2,)),
            Case(f"perks by stratum, {name}", perks.by_stratum(selection, again_days=90),
                 "SELECT occasion, kind, tier, t.channel, score_band, quarter, loans_before, count(*), "
                 "count(*) FILTER (WHERE redeemed), count(*) FILTER (WHERE again_days <= 90) FROM perk_trial t "
                 f"JOIN member_journey j USING (member_no) WHERE {where.replace('channel', 'j.channel')} "
                 "AND t.observed_days >= 90 GROUP BY ALL", (7, 8, 9)),
            Case(f"loans over the caps by tier, {name}", prices.by_tier(selection),
                 "SELECT l.tier, count(*), count(*) FILTER (WHERE membership_fee_fen > 0), "
                 "count(*) FILTER (WHERE over_cap) FROM loan_price p JOIN loan_fact l USING (loan_no) "
                 "JOIN member_journey j ON j.member_no = p.member_no "
                 f"WHERE {where.replace('channel', 'j.channel')} GROUP BY 1", (1, 2, 3)),
        ]  # fmt: skip
    return found


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables that the part reads, empty."""
    made = duckdb.connect(config={"threads": 1})
    create_tables(
        made,
        "member_journey",
        "member_value",
        "tier_value",
        "perk_trial",
        "loan_price",
        "loan_fact",
        "instalment_state",
    )
    return made


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """So many members with months of value, one tier or two, an occasion each and a loan each."""
    amounts = ", ".join(f"(m * {17 + place} + k) % 30000" for place in range(len(COLUMNS)))
    names = ", ".join(COLUMNS)
    made.execute(
        "INSERT INTO member_journey (member_no, member_id, registered_on, registered_month, channel, first_tier) "
        f"SELECT m, 'M' || m, day, strftime(day, '%Y-%m'), {_CHANNELS}[1 + m % 5], {_TIERS}[1 + m % 5] FROM (SELECT m, "
        "DATE '2023-01-01' + CAST(m * 1200 // $1 AS INTEGER) AS day FROM range(1, $1 + 1) t(m)) ORDER BY m",
        [members],
    )
    for code, values in (("channel", _CHANNELS), ("first_tier", _TIERS)):
        made.execute(f"CREATE TYPE bench_{code} AS ENUM ({values[1:-1]})")
        made.execute(f"ALTER TABLE member_journey ALTER COLUMN {code} TYPE bench_{code}")
    made.execute(
        f"INSERT INTO member_value (member_no, month, tier, {names}) SELECT m, k * 3, {_TIERS}[1 + m % 5], {amounts} "
        "FROM range(1, $1 + 1) a(m), range($2) b(k)",
        [members, MONTHS_EACH],
    )
    made.execute(
        f"INSERT INTO tier_value (member_no, tier, months, {names}) SELECT m, {_TIERS}[1 + (m + k) % 5], 6 + m % 12, "
        f"{amounts} FROM range(1, $1 + 1) a(m), range(2) b(k)",
        [members],
    )
    made.execute(
        "INSERT INTO perk_trial (member_no, occasion, kind, redeemed, tier, channel, score_band, quarter, "
        "loans_before, observed_days, again_days, value_fen) SELECT m, 'first_repaid', "
        f"['none', 'rate_cut', 'limit_boost'][1 + m % 3], m % 3 > 0 AND m % 2 = 0, {_TIERS}[1 + m % 5], "
        f"{_CHANNELS}[1 + m % 4], ['600-649', '650-699'][1 + m % 2], '2024Q' || (1 + m % 4), 1, m % 900, "
        "CASE WHEN m % 2 = 0 THEN m % 300 END, m % 40000 FROM range(1, $1 + 1) t(m)",
        [members],
    )
    made.execute(
        "INSERT INTO loan_fact (loan_no, tier, principal_fen) SELECT m, "
        f"{_TIERS}[1 + m % 5], 100000 FROM range(1, $1 + 1) t(m)",
        [members],
    )
    made.execute(
        "INSERT INTO loan_price SELECT m, m, 0, CASE WHEN m % 4 = 0 THEN 6800 ELSE 0 END, m % 300 = 0, m % 20 = 0, "
        "true, true FROM range(1, $1 + 1) t(m)",
        [members],
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases)
