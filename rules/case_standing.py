"""What the snapshot says beside a case, formed from its parts: the score's band, the line's record, the margin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rules.bands import band_of
from rules.case_facts import Facts
from rules.case_margin import Margin, Share, margin
from rules.default_rates import segment_rates
from rules.intervals import rate, wilson
from rules.loss_given_default import by_rolls
from rules.proportions import difference

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Bands:
    """The default rates of the bands of the score, and which of them is the applicant's."""

    rates: pd.DataFrame  # `rules.default_rates.segment_rates`
    own: str

    @property
    def row(self) -> "pd.Series[Any] | None":
        """The applicant's band; None where nobody in it has been observed."""
        found = self.rates.loc[(self.rates["segment"] == self.own) & (self.rates["borrowers"] > 0)]
        return None if found.empty else found.iloc[0]

    @property
    def share(self) -> Share | None:
        """Its default rate with its interval."""
        if self.row is None:
            return None
        return Share(
            float(self.row["rate"]), float(self.row["low"]), float(self.row["high"]), int(self.row["borrowers"])
        )

    @property
    def verdict(self) -> str:
        """Whether it stands out from the rest of the book: above, below, or "" for no more than noise."""
        return "" if self.row is None else str(self.row["stands_out"])


@dataclass(frozen=True)
class Line:
    """How the others repaid whom the referral line upward brought, against all borrowers."""

    members: int
    borrowers: int
    mature: int
    defaulted: int
    rate: float  # nan where none is mature
    low: float
    high: float
    book_rate: float
    better: bool  # than the rest of the book, by more than noise

    @property
    def told(self) -> bool:
        """Whether anybody of them has been observed for long enough."""
        return self.mature > 0


def bands(facts: Facts, frames: Frames) -> Bands | None:
    """The bands of the score and the applicant's; None without a score or without bands in the book."""
    parts = frames.get("bands")
    if facts.score is None or parts is None or parts.empty:
        return None
    shown = facts.policy.display
    return Bands(
        segment_rates(parts, shown.significance, shown.thin_borrowers),
        band_of(facts.score.points, facts.policy.bands.score),
    )


def line(facts: Facts, frames: Frames) -> Line | None:
    """The record of those whom the line upward brought; None where nobody referred the applicant.

    Formula: Wilson interval; better where the two-sided test against the rest of the book finds them lower, at the
    policy's significance. Those of the line are taken off the book.
    """
    rows = frames.get("line")
    if rows is None or rows.empty:
        return None
    sums = {name: int(rows[name].sum()) for name in ("members", "borrowers", "mature", "defaulted")}
    parts = frames["bands"]
    book_mature = int(parts["first_borrowers"].sum()) - sums["mature"]
    book_defaulted = int(parts["first_defaulted"].sum()) - sums["defaulted"]
    significance = facts.policy.display.significance
    low, high = wilson(sums["defaulted"], sums["mature"], 1 - significance)
    found = difference(sums["defaulted"], sums["mature"], max(0, book_defaulted), max(0, book_mature)).iloc[0]
    return Line(
        **sums, rate=float(rate(sums["defaulted"], sums["mature"])), low=float(low), high=float(high),
        book_rate=float(rate(max(0, book_defaulted), max(0, book_mature))),
        better=bool(found["p_value"] <= significance and found["difference"] < 0),
    )  # fmt: skip


def expected_margin(facts: Facts, frames: Frames, found: Bands | None, definition: str) -> Margin | None:
    """The expected margin at the price that is asked; None where the book does not tell a part of it."""
    funding, lost = frames.get("funding"), frames.get("lost")
    if facts.price is None or found is None or found.share is None or funding is None or lost is None:
        return None
    principal = int(funding["principal_fen"].sum())
    loss_ratio = by_rolls(lost, definition)
    if not principal or not loss_ratio:
        return None
    return margin(facts.price, found.share, loss_ratio, int(funding["yearly_cost_fen"].sum()) / principal)
