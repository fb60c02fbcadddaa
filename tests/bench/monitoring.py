"""`python -m tests.bench.monitoring`: score, layers, price and reserve over generated loans, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them, a loan and an application for each member; both
ways give the same sums, or the benchmark stops; no time is asserted.
"""

from dataclasses import replace
from datetime import date

import duckdb
from sqlalchemy.schema import CreateTable

from loanbook import copied
from loanbook.constructs import compiled
from loanbook.monitoring import monitoring_schema  # noqa: F401 - its tables are created by name
from loanbook.working import create_tables
from queries import attention, layers, margins, reserve, scores
from rules.filters import DateRange, Definition, Horizon, Selection
from tests.bench import both_ways
from tests.bench.both_ways import Case, Grouped
from tests.queries.drawn import book_of

AS_OF = date(2026, 6, 30)
EDGES = (300, 500, 550, 600, 650, 700, 750)
TITLE = "Score, price and reserve, {members} generated loans"

_BOOK = book_of([])
_EVERYTHING = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())
_YEAR = replace(_EVERYTHING, disbursed=DateRange(date(2024, 7, 1), date(2025, 6, 30)))
_VALUES = {
    "tier": "['ordinary', 'bronze', 'silver', 'gold', 'platinum']",
    "channel": "['advertising', 'offline', 'organic', 'partner', 'referral']",
    "product": "['cash', 'instalment', 'revolving']",
    "province": "['Anhui', 'Fujian', 'Henan', 'Hubei', 'Hunan', 'Jilin', 'Sichuan']",
    "score_band": "['500-549', '550-599', '600-649', '650-699', '700-749']",
    "funder": "['Bank', 'Own', 'Trust']",
}
_MATURE = "observed_months >= 12"
_BAD = "coalesce(default_month_90 <= 12, false)"
_TOLD = "received_fen IS NOT NULL"
_GONE = f"{_BAD} AND {_TOLD} AND lost_fen IS NOT NULL"
_LENT = "lent_year_12_fen"
# All that `queries.margins.by_segment` sums, in its order.
_PRICED = ", ".join(
    each if each.startswith("count") else f"coalesce({each}, 0)::BIGINT"
    for each in (
        "count(*)", f"count(*) FILTER (WHERE {_BAD})",
        "sum(principal_fen)", f"sum(principal_fen) FILTER (WHERE {_BAD})",
        "count(*) FILTER (WHERE previous_on IS NULL)", f"sum({_LENT})",
        *(f"sum(round({rate} * {_LENT}))" for rate in ("rate", "prime", "funding")),
        f"sum({_LENT}) FILTER (WHERE prime IS NOT NULL)", "sum(perk_fen)", "sum(contact_fen)",
        f"count(*) FILTER (WHERE {_TOLD})", f"sum(principal_fen) FILTER (WHERE {_TOLD})", "sum(received_fen)",
        f"sum(lost_fen) FILTER (WHERE {_TOLD})", f"sum(principal_fen) FILTER (WHERE {_GONE})",
        f"sum(lost_fen) FILTER (WHERE {_GONE})",
    )
)  # fmt: skip


def cases() -> list[Case]:
    """Every statement of the parts, over a year of disbursements and over all of the book."""
    found = []
    for name, selection, of in (("one year", _YEAR, "BETWEEN '2024-07-01' AND '2025-06-30'"),
                                ("all", _EVERYTHING, "IS NOT NULL")):  # fmt: skip
        kept = f"{_MATURE} AND previous_on IS NULL AND disbursed_on {of}"
        found += [
            Case(f"applications by layer, {name}", layers.flows(selection),
                 "SELECT outcome, decided_by, below_cut_off, count(*), sum(amount_fen)::BIGINT FROM application_fact "
                 f"WHERE applied_on {of} GROUP BY ALL", (3, 4),
                 Grouped("application_fact", ("outcome", "decided_by", "below_cut_off"), ("", "amount_fen"))
                 if name == "all" else None),
            Case(f"reasons of stops, {name}", layers.stops(selection),
                 "SELECT layer, reason, count(*), count(*) FILTER (WHERE alone), sum(amount_fen)::BIGINT, "
                 "count(DISTINCT loan_no) FROM application_stop JOIN application_fact a USING (application_no) "
                 f"LEFT JOIN loan_fact l ON l.loan_no = a.later_loan_no WHERE applied_on {of} GROUP BY ALL",
                 (2, 3, 4, 5)),
            Case(f"borrowers by score, {name}", scores.outcomes(selection, "A", _BOOK),
                 f"SELECT round(s.score, 2), count(*), count(*) FILTER (WHERE {_BAD}) FROM loan_score s "
                 f"JOIN loan_fact USING (loan_no) WHERE model = 'A' AND {kept} GROUP BY 1", (1, 2)),
            Case(f"two models on the same borrowers, {name}", scores.against(selection, "A", "B", _BOOK),
                 "WITH pair AS (SELECT a.score x, b.score y, default_month_90 FROM loan_score a JOIN loan_score b "
                 f"USING (loan_no) JOIN loan_fact USING (loan_no) WHERE a.model = 'A' AND b.model = 'B' AND {kept}), "
                 "ends AS (SELECT min(x) l, max(x) h, min(y) m, max(y) n FROM pair) "
                 "SELECT round((x - l) / (h - l) * 200)::INT, round((y - m) / (n - m) * 200)::INT, count(*), "
                 f"count(*) FILTER (WHERE {_BAD}) FROM pair, ends GROUP BY 1, 2", (0, 1, 2, 3)),
            Case(f"price by segment, {name}", margins.by_segment(selection, "tier", _BOOK),
                 f"SELECT tier, score_band, channel, {_PRICED} FROM loan_charge JOIN loan_fact USING (loan_no) "
                 f"WHERE {kept} GROUP BY 1, 2, 3", tuple(range(3, 21))),
        ]  # fmt: skip
    band = "CASE " + " ".join(f"WHEN score >= {edge} THEN {edge}" for edge in reversed(EDGES[1:])) + " ELSE 300 END"
    day = "CAST(scored_at + INTERVAL 8 HOUR AS DATE)"
    return [
        *found,
        Case("scores by month and band", scores.by_month(_EVERYTHING, date(2024, 6, 1), AS_OF, EDGES),
             f"SELECT model_version, date_trunc('month', {day}), {band}, count(*) FROM score WHERE {day} BETWEEN "
             "'2024-06-01' AND '2026-06-30' AND score IS NOT NULL GROUP BY ALL", (2, 3)),
        Case("scores of the newest days", attention.scores(AS_OF, 90, EDGES),
             f"SELECT model_version, {day} > '2026-04-01', {band}, count(*) FROM score WHERE {day} > '2025-04-01' AND "
             f"{day} <= '2026-06-30' AND score IS NOT NULL GROUP BY ALL", (2, 3)),
        Case("balances by funder", reserve.by_funder(AS_OF),
             "SELECT m.funder, false, bucket, count(*), sum(outstanding_fen)::BIGINT, sum(round(outstanding_fen * "
             "funded_share))::BIGINT FROM loan_month m JOIN loan_charge USING (loan_no) WHERE month_end = '2026-06-30' "
             "AND outstanding_fen > 0 GROUP BY ALL", (3, 4, 5)),
    ]  # fmt: skip


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables that the parts read, empty."""
    made = duckdb.connect(config={"threads": 1})
    create_tables(made, "loan_fact", "loan_month", "application_fact", "application_stop", "loan_score", "loan_charge")
    for name in ("score", "funder"):
        made.execute(*compiled(CreateTable(copied.TABLES[name])))
    return made


def fill(made: duckdb.DuckDBPyConnection, loans: int) -> None:
    """So many loans, one for each of three applications out of four, in the years up to the as-of date."""
    picks = {code: f"{held}[1 + m % {held.count(',') + 1}] AS {code}" for code, held in _VALUES.items()}
    picked, applied = ", ".join(picks.values()), ", ".join(pick for code, pick in picks.items() if code != "funder")
    day = "DATE '2022-07-01' + CAST(m * 1460 // $1 AS INTEGER)"
    for table, codes in {
        "loan_fact": tuple(_VALUES), "loan_month": tuple(_VALUES),
        "application_fact": tuple(code for code in _VALUES if code != "funder"),
    }.items():  # fmt: skip
        for code in codes:
            made.execute(f"CREATE TYPE IF NOT EXISTS bench_{code} AS ENUM ({_VALUES[code][1:-1]})")
            made.execute(f"ALTER TABLE {table} ALTER COLUMN {code} TYPE bench_{code}")
    made.execute(
        f"INSERT INTO loan_fact BY NAME SELECT m AS loan_no, 'L' || m AS loan_id, m AS borrower_no, {day} AS "
        f"disbursed_on, {picked}, 100000 + m % 900000 AS principal_fen, CAST((1460 - m * 1460 // $1) // 31 AS SMALLINT)"
        " AS observed_months, CASE WHEN m % 17 = 0 THEN m % 20 END AS default_month_90 FROM range(1, $1 + 1) t(m)",
        [loans],
    )
    made.execute(
        "INSERT INTO loan_score SELECT m, k, 400 + (m * (7 + 2 * ord(k))) % 4000 / 10, 0.05, k = 'A' "
        "FROM range(1, $1 + 1) t(m), (SELECT unnest(['A', 'B']) AS k) ORDER BY m",
        [loans],
    )
    made.execute(
        "INSERT INTO loan_charge SELECT m, 0.15 + m % 9 / 100, 50000 + m % 9999, 30000 + m % 999, 50000 + m % 9999, "
        "0.03, 0.04, 0.8, 0, 10, CASE WHEN m % 2 = 0 THEN 120000 END, CASE WHEN m % 2 = 0 THEN 0 END "
        "FROM range(1, $1 + 1) t(m)",
        [loans],
    )
    made.execute(
        f"INSERT INTO application_fact BY NAME SELECT m AS application_no, 'A' || m AS application_id, {day} AS "
        f"applied_on, {applied}, 100000 AS amount_fen, "
        "CASE WHEN m % 4 = 0 THEN 'declined' ELSE 'approved' END AS outcome, "
        "['rules', 'model', 'manual'][1 + m % 3] AS decided_by, m % 12 = 4 AS below_cut_off, "
        "CASE WHEN m % 8 = 0 THEN m // 8 + 1 END AS later_loan_no FROM range(1, $1 + 1) t(m)",
        [loans],
    )
    made.execute(
        "INSERT INTO application_stop SELECT m, ['rules', 'model', 'manual'][1 + m % 3], 'reason ' || m % 7, true "
        "FROM range(4, $1 + 1, 4) t(m)",
        [loans],
    )
    made.execute(
        "INSERT INTO score BY NAME SELECT m AS id, m AS application_id, 'A' AS model_version, 400 + m % 400 AS score, "
        f"CAST({day} AS TIMESTAMP) + INTERVAL 3 HOUR AS scored_at FROM range(1, $1 + 1) t(m)",
        [loans],
    )
    made.execute(
        f"INSERT INTO loan_month BY NAME SELECT m AS loan_no, DATE '2026-06-30' AS month_end, 'M0' AS bucket, "
        f"50000 AS outstanding_fen, {picked} FROM range(1, $1 + 1, 3) t(m)",
        [loans],
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases)
