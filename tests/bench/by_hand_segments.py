"""The part by segment as an analyst writes it for DuckDB and PostgreSQL, values and all, and for pandas."""

from dataclasses import dataclass

import pandas as pd

from rules.filters import DateRange

CHANNEL = "organic"
SUMS = ("applied_fen", "principal_fen", "outstanding_fen", "overdue_fen")
PARTS = ["borrowers", "defaulted", "principal_fen", "defaulted_principal_fen"]


@dataclass(frozen=True)
class SegmentsByHand:
    """One period of one channel, observed for 12 months, 90+ days past due."""

    period: DateRange

    @property
    def passing(self) -> str:
        """The filters."""
        days = f"disbursed_on BETWEEN DATE '{self.period.first}' AND DATE '{self.period.last}'"
        return f"{days} AND channel = '{CHANNEL}'"

    def earliest(self, code: str | None = None) -> str:
        """Whether a passing loan is the borrower's earliest, of all or of those with the same value."""
        column = f"previous_{code}_on" if code else "previous_on"
        return f"({column} IS NULL OR {column} < DATE '{self.period.first}')"

    def overall(self) -> str:
        """Parts of the selection."""
        return f"SELECT {_parts()} FROM loan_fact WHERE {self.passing} AND {self.earliest()}"

    def by_segment(self) -> str:
        """Parts by tier, of each and of the borrowers' first."""
        return (
            f"SELECT tier AS segment, {_parts()}, {_parts('first_', f'AND {self.earliest()}')} FROM loan_fact "
            f"WHERE {self.passing} AND {self.earliest('tier')} GROUP BY tier ORDER BY tier"
        )

    def by_pair(self) -> str:
        """Parts by province and age band, of which one varies within a borrower."""
        return (
            f"SELECT province AS row_segment, age_band AS column_segment, {_parts()}, "
            f"{_parts('first_', f'AND {self.earliest()}')} FROM loan_fact "
            f"WHERE {self.passing} AND {self.earliest('age_band')} GROUP BY 1, 2 ORDER BY 1, 2"
        )

    def by_grouped_pair(self) -> str:
        """Parts by tier and product: both vary within a borrower, so that loans have to be grouped."""
        firsts = f"SELECT min(loan_no) FROM loan_fact WHERE {self.passing} GROUP BY borrower_no, tier, product"
        return (
            f"SELECT tier AS row_segment, product AS column_segment, {_parts()}, "
            f"{_parts('first_', f'AND {self.earliest()}')} FROM loan_fact "
            f"WHERE {self.passing} AND loan_no IN ({firsts}) GROUP BY 1, 2 ORDER BY 1, 2"
        )

    def by_stratum(self, controls: list[str]) -> str:
        """Counts of each tier in the strata of all controls."""
        sets = ", ".join(f"(tier, {code})" for code in controls)
        return (
            f"SELECT tier AS group_segment, coalesce({', '.join(f'{code}::VARCHAR' for code in controls)}) AS stratum, "
            f"{', '.join(f'grouping({code}) AS {code}' for code in controls)}, count(*) AS borrowers, "
            f"count(*) FILTER (WHERE default_month_90 <= 12) AS defaulted FROM loan_fact "
            f"WHERE {self.passing} AND {self.earliest('tier')} AND observed_months >= 12 "
            f"GROUP BY GROUPING SETS ({sets}) ORDER BY 1, 2"
        )

    def totals(self, *, filtered: bool) -> str:
        """Control totals."""
        where, first = (self.passing, self.earliest()) if filtered else ("TRUE", "previous_on IS NULL")
        sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in SUMS)
        counts = f"count(*) AS loans, count(*) FILTER (WHERE {first}) AS borrowers"
        return f"SELECT {counts}, {sums} FROM loan_fact WHERE {where}"

    def loans_behind(self, codes: list[str], limit: int) -> str:
        """The first loans counted."""
        return (
            f"SELECT loan_no, loan_id, disbursed_on, {', '.join(codes)}, principal_fen, outstanding_fen, "
            f"days_past_due, "
            f"(coalesce(default_month_90 <= 12, FALSE))::INTEGER AS defaulted, "
            f"CASE WHEN default_month_90 <= 12 THEN default_on_90 END AS default_on, "
            f"CASE WHEN default_month_90 <= 12 THEN default_month_90 END AS months_to_default, status, dates_imputed "
            f"FROM loan_fact WHERE {self.passing} AND {self.earliest()} AND observed_months >= 12 "
            f"ORDER BY defaulted DESC, loan_no LIMIT {limit}"
        )


@dataclass(frozen=True)
class SegmentsInPandas:
    """The same of a DataFrame that holds the whole book in memory."""

    loans: pd.DataFrame
    period: DateRange

    def passing(self) -> pd.DataFrame:
        """The filters."""
        loans = self.loans
        first, last = pd.Timestamp(self.period.first), pd.Timestamp(self.period.last)
        return loans[(loans["disbursed_on"] >= first) & (loans["disbursed_on"] <= last) & (loans["channel"] == CHANNEL)]

    def overall(self) -> pd.Series:
        """Parts of the selection."""
        return _counted(self.passing().drop_duplicates("borrower_no"))[PARTS].sum()

    def by_segment(self) -> pd.DataFrame:
        """Parts by tier."""
        return self._by(["tier"])

    def by_pair(self) -> pd.DataFrame:
        """Parts by province and age band."""
        return self._by(["province", "age_band"])

    def by_grouped_pair(self) -> pd.DataFrame:
        """Parts by tier and product."""
        return self._by(["tier", "product"])

    def by_stratum(self, controls: list[str]) -> pd.DataFrame:
        """Counts of each tier in the strata of all controls."""
        counted = _counted(self.passing().drop_duplicates(["tier", "borrower_no"]))
        return pd.concat(
            counted.groupby(["tier", code], observed=True)[["borrowers", "defaulted"]].sum() for code in controls
        )

    def totals(self, *, filtered: bool) -> pd.Series:
        """Control totals."""
        loans = self.passing() if filtered else self.loans
        sums = loans[list(SUMS)].sum()
        return pd.concat([pd.Series({"loans": len(loans), "borrowers": loans["borrower_no"].nunique()}), sums])

    def loans_behind(self, limit: int) -> pd.DataFrame:
        """The first loans counted."""
        earliest = self.passing().drop_duplicates("borrower_no")
        mature = _counted(earliest)
        return mature.sort_values("defaulted", ascending=False, kind="stable").head(limit)

    def _by(self, codes: list[str]) -> pd.DataFrame:
        passing = self.passing()
        firsts = _counted(passing.drop_duplicates("borrower_no")).groupby(codes, observed=True)[PARTS].sum()
        own = _counted(passing.drop_duplicates([*codes, "borrower_no"])).groupby(codes, observed=True)[PARTS].sum()
        return own.join(firsts.add_prefix("first_")).fillna(0).astype("int64")


def _parts(prefix: str = "", more: str = "") -> str:
    mature = f"observed_months >= 12 {more}"
    bad = f"{mature} AND default_month_90 <= 12"
    return ", ".join(
        [
            f"count(*) FILTER (WHERE {mature}) AS {prefix}borrowers",
            f"count(*) FILTER (WHERE {bad}) AS {prefix}defaulted",
            f"coalesce(sum(principal_fen) FILTER (WHERE {mature}), 0)::BIGINT AS {prefix}principal_fen",
            f"coalesce(sum(principal_fen) FILTER (WHERE {bad}), 0)::BIGINT AS {prefix}defaulted_principal_fen",
            f"count(*) FILTER (WHERE observed_months < 12 {more}) AS {prefix}immature",
            f"count(*) FILTER (WHERE {mature} AND dates_imputed) AS {prefix}imputed",
        ]
    )


def _counted(loans: pd.DataFrame) -> pd.DataFrame:
    mature = loans[loans["observed_months"] >= 12]
    bad = mature["default_month_90"] <= 12
    return mature.assign(
        borrowers=1, defaulted=bad.astype("int64"), defaulted_principal_fen=mature["principal_fen"].where(bad, 0)
    )
