"""The part over time as an analyst writes it for DuckDB and PostgreSQL, values and all, and for pandas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from rules.cures import Course
from tests.bench.by_hand_segments import CHANNEL

_PASSING = f"channel = '{CHANNEL}'"
_MOVED = ("previous_outstanding_fen", "outstanding_fen")
_ON_IT = {Course.CURE: "past_due_90_on IS NOT NULL", Course.REDEFAULT: "cure_exit = 'cured'"}
VINTAGE_EXITS = ("default", "payoff")
COURSE_EXITS = {
    Course.CURE: ("cured", "rescheduled", "paid_off", "written_off"),
    Course.REDEFAULT: ("redefault", "paid_off"),
}
_CELLS = ("cohort", "month", "left_as")


@dataclass(frozen=True)
class MonthsByHand:
    """One channel, every disbursement, 90+ days past due; month ends from the first one that is shown."""

    first: date

    def vintage_cells(self) -> str:
        """Loans by quarter, month on book and how they left."""
        return (
            "SELECT date_trunc('quarter', disbursed_on) AS cohort, vintage_month_90 AS month, "
            "vintage_exit_90 AS left_as, count(*) AS loans, sum(principal_fen)::BIGINT AS principal_fen "
            f"FROM loan_fact WHERE {_PASSING} AND vintage_month_90 IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )

    def vintage_pairs(self) -> str:
        """Pairs of one borrower's loans in a quarter."""
        cohort = "date_trunc('quarter', disbursed_on)"
        follows = f"previous_on >= {cohort}"
        return _pairs(cohort, follows, "vintage_month_90", "vintage_exit_90", VINTAGE_EXITS, "TRUE")

    def transitions(self) -> str:
        """Loans by month end, bucket before and bucket."""
        sums = ", ".join(f"coalesce(sum({name}), 0)::BIGINT AS {name}" for name in _MOVED)
        return (
            f"SELECT month_end, previous_bucket, bucket, count(*) AS loans, {sums}, "
            f"count(*) FILTER (WHERE rescheduled) AS rescheduled FROM loan_month "
            f"WHERE {_PASSING} AND month_end >= DATE '{self.first}' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )

    def first_payments(self) -> str:
        """New borrowers by month, and who missed the first payment."""
        return (
            "SELECT disbursed_month AS month, count(first_payment_missed) AS borrowers, "
            "count(*) FILTER (WHERE first_payment_missed) AS missed, "
            "count(*) FILTER (WHERE first_payment_missed IS NULL) AS waiting FROM loan_fact "
            f"WHERE {_PASSING} AND previous_on IS NULL AND first_due_on IS NOT NULL GROUP BY 1 ORDER BY 1"
        )

    def course_cells(self, course: Course) -> str:
        """Loans on a course by year, month and how it ended."""
        return (
            f"SELECT date_trunc('year', past_due_90_on) AS cohort, {course}_month AS month, {course}_exit AS left_as, "
            "count(*) AS loans, count(*) FILTER (WHERE rescheduled) AS rescheduled, "
            f"sum(principal_fen)::BIGINT AS principal_fen FROM loan_fact "
            f"WHERE {_PASSING} AND {_ON_IT[course]} AND {course}_month IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )

    def course_pairs(self, course: Course) -> str:
        """Pairs of one borrower's loans on a course in a year."""
        cohort = "date_trunc('year', past_due_90_on)"
        columns = f"{course}_month", f"{course}_exit"
        return _pairs(cohort, "previous_on IS NOT NULL", *columns, COURSE_EXITS[course], _ON_IT[course])


@dataclass(frozen=True)
class MonthsInPandas:
    """The same of DataFrames in memory; months is None where they would not fit."""

    loans: pd.DataFrame
    months: pd.DataFrame | None
    first: date

    def vintage_cells(self) -> pd.DataFrame:
        """Loans by quarter, month on book and how they left."""
        return _cells(self._vintages())

    def vintage_pairs(self) -> pd.DataFrame:
        """Pairs of one borrower's loans in a quarter."""
        loans = self._vintages()
        return _paired(loans, loans["previous_on"] >= loans["cohort"])

    def transitions(self) -> pd.DataFrame:
        """Loans by month end, bucket before and bucket."""
        months = self.months
        passing = months[(months["channel"] == CHANNEL) & (months["month_end"] >= pd.Timestamp(self.first))]
        grouped = passing.groupby(["month_end", "previous_bucket", "bucket"], observed=True, dropna=False)
        return grouped.agg(loans=("bucket", "size"), **{name: (name, "sum") for name in (*_MOVED, "rescheduled")})

    def first_payments(self) -> pd.DataFrame:
        """New borrowers by month, and who missed the first payment."""
        loans = self.loans
        kept = (loans["channel"] == CHANNEL) & loans["previous_on"].isna() & loans["first_due_on"].notna()
        missed = loans.loc[kept, ["disbursed_month", "first_payment_missed"]]
        grouped = missed.groupby("disbursed_month", observed=True)["first_payment_missed"]
        counted = grouped.agg(loans="size", borrowers="count", missed="sum")
        return counted.assign(waiting=counted["loans"] - counted["borrowers"])

    def course_cells(self, course: Course) -> pd.DataFrame:
        """Loans on a course by year, month and how it ended."""
        return _cells(self._on(course), "rescheduled")

    def course_pairs(self, course: Course) -> pd.DataFrame:
        """Pairs of one borrower's loans on a course in a year."""
        loans = self._on(course)
        return _paired(loans, loans["previous_on"].notna())

    def _vintages(self) -> pd.DataFrame:
        loans = self.loans
        kept = loans[(loans["channel"] == CHANNEL) & loans["vintage_month_90"].notna()]
        return _placed(kept, kept["disbursed_on"], "Q", "vintage_month_90", "vintage_exit_90")

    def _on(self, course: Course) -> pd.DataFrame:
        loans = self.loans
        is_on_it = loans["past_due_90_on"].notna() if course is Course.CURE else loans["cure_exit"] == "cured"
        kept = loans[(loans["channel"] == CHANNEL) & is_on_it & loans[f"{course}_month"].notna()]
        return _placed(kept, kept["past_due_90_on"], "Y", f"{course}_month", f"{course}_exit")


def _pairs(cohort: str, follows: str, month: str, left: str, exits: Sequence[str], on_it: str) -> str:
    """Both ends of a pair as one number, so that the smaller one is named first."""
    codes = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(exits, 1))
    return (
        f"WITH loan AS (SELECT loan_no, borrower_no, {cohort} AS cohort, {follows} AS follows, "
        f"{month} * 10 + CASE {left} {codes} ELSE 0 END AS leaving FROM loan_fact "
        f"WHERE {_PASSING} AND {on_it} AND {month} IS NOT NULL) "
        "SELECT a.cohort, least(a.leaving, b.leaving) AS one, greatest(a.leaving, b.leaving) AS other, "
        "count(*) AS pairs FROM loan a JOIN loan b "
        "ON a.borrower_no = b.borrower_no AND a.cohort = b.cohort AND a.loan_no < b.loan_no "
        "WHERE b.follows GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )


def _placed(loans: pd.DataFrame, day: pd.Series, unit: str, month: str, left: str) -> pd.DataFrame:
    return pd.DataFrame({
        "loan_no": loans["loan_no"], "borrower_no": loans["borrower_no"], "previous_on": loans["previous_on"],
        "cohort": day.dt.to_period(unit).dt.start_time, "month": loans[month], "left_as": loans[left],
        "principal_fen": loans["principal_fen"], "rescheduled": loans["rescheduled"],
    })  # fmt: skip


def _cells(loans: pd.DataFrame, *summed: str) -> pd.DataFrame:
    grouped = loans.groupby(list(_CELLS), observed=True, dropna=False)
    return grouped.agg(loans=("loan_no", "size"), **{name: (name, "sum") for name in ("principal_fen", *summed)})


def _paired(loans: pd.DataFrame, follows: pd.Series) -> pd.DataFrame:
    leaving = loans["month"].astype("int64") * 10 + loans["left_as"].cat.codes + 1
    one = loans[["borrower_no", "cohort", "loan_no"]].assign(leaving=leaving)
    both = one.merge(one[follows], on=["borrower_no", "cohort"], suffixes=("", "_after"))
    both = both[both["loan_no"] < both["loan_no_after"]]
    ends = both[["leaving", "leaving_after"]]
    named = both.assign(one=ends.min(axis=1), other=ends.max(axis=1))
    return named.groupby(["cohort", "one", "other"]).size().reset_index(name="pairs")
