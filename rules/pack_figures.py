"""The figures and tables of a risk committee's pack, from the parts that statements return for a month end."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from rules import (
    balance_walk,
    calendar,
    decomposition,
    default_rates,
    delinquency,
    first_payment,
    kpi,
    limits,
    overview_flows,
    overview_risk,
    review_quality_overrides,
    roll_rates,
    vintages,
)
from rules.delinquency import Late
from rules.dimensions import CHANNEL, PROVINCE, UNKNOWN
from rules.intervals import rate, wilson
from rules.kpi import Good, Kpi
from rules.limits import RiskLimit, Told
from rules.overview_flows import Looked
from rules.pack import Pack, Plain
from rules.proportions import difference
from rules.review_case import Override

Frames = Mapping[str, pd.DataFrame]

COHORTS = 12  # quarters whose curves are kept
MOST_LISTED = 40  # overrides and late cases that are named one by one
_FINDING = ["kind", "severity", "table_name", "column_name", "expected", "rows", "examples"]
_CURVE = ["cohort", "month", "at_risk", "defaulted", "paid_off", "censored", "incidence", "low", "high", "drawn",
          "loans"]  # fmt: skip
_ROLL = ["from_bucket", "to_bucket", "loans", "of_loans", "rate", "low", "high", "balance_fen", "balance_share", "thin"]


@dataclass(frozen=True)
class Month:
    """What a month's pack is formed by: the months and goals looked at, limits, by what rates may be split."""

    by: Looked
    limits: tuple[RiskLimit, ...]
    codes: tuple[str, ...]

    @property
    def end(self) -> date:
        """The month end."""
        return self.by.as_of


def formed(frames: Frames, month: Month, about: Mapping[str, Plain]) -> Pack:
    """The pack.

    frames: what `pages.parts.committee.asked` names, each as of the month end, with `made` (rows of
    `rules.review_quality` of the month) and `late_cases` (`desk.pack_cases.late`).
    Source: metrics.md; the figures are those of the overview and of the pages behind it, by the same rules.
    """
    by, end = month.by, month.end
    compared = frames["compared"].iloc[0] if "compared" in frames else None
    answer = default_rates.headline(frames["overall"].iloc[0], compared, by.significance, by.thin)
    missed = first_payment.rates(frames["first_payments"], significance=by.significance, thin_borrowers=by.thin)
    figures = _figures(frames, by, answer, missed)
    told = {each.code: Told(each.value) for each in figures} | {
        "default_rate": Told(answer.rate, answer.low, answer.high),
        "first_payment": _first_payment(missed),
        **_of_balances(frames),
        **_of_decisions(frames["made"], by.significance),
    }
    late, default = (_moved(frames, name, month.codes) for name in ("late", "default"))
    tables = {
        "limits": limits.standings(month.limits, told),
        "moved_late": late[1],
        "moved_default": default[1],
        "balances": balance_walk.walk(frames["transitions"], end),
        "lateness": lateness(frames["transitions"], end),
        "rolls": roll_rates.matrix(
            frames["transitions"], [end], significance=by.significance, thin_loans=by.thin
        )[_ROLL],
        "curves": _curves(frames, by),
        "breaches": frames["judged"].merge(frames["breaches"], on="rule", how="left").fillna({"breaches": 0}).astype(
            {"breaches": "int64"}
        ).sort_values(["breaches", "rule"], ascending=[False, True], ignore_index=True),
        "invariants": frames["broken"][_FINDING],
        "decisions": decisions(frames["made"], by.significance),
        "overrides": _overrides(frames["made"]),
        "late_cases": frames["late_cases"].head(MOST_LISTED),
    }  # fmt: skip
    known = {
        **about, "moved_late_by": late[0], "moved_default_by": default[0], "late_cases": len(frames["late_cases"]),
        "entered": _entered(frames["vintages"], by.significance), "first_payment_month": _known_month(missed),
    }  # fmt: skip
    return Pack(end, known, figures, tables)


def lateness(transitions: pd.DataFrame, end: date) -> pd.DataFrame:
    """How late the book was at the newest thirteen month ends, each by 30, 60 and 90 days.

    Grain: one row per month end, rising. Columns: month_end; outstanding_fen; current_30, lagged_30, ... lagged_90.
    Formula: `rules.delinquency.ratios`.
    """
    found = {late.value: delinquency.ratios(transitions, late).set_index("month_end") for late in Late}
    rows = pd.DataFrame({"outstanding_fen": found[Late.DPD30.value]["outstanding_fen"]})
    for days, ratios in found.items():
        rows[f"current_{days}"] = ratios["current_ratio"].astype("float64")
        rows[f"lagged_{days}"] = ratios["lagged_ratio"].astype("float64")
    first = calendar.last_of_month(calendar.add_months(calendar.first_of_month(end), 1 - kpi.MONTHS))
    kept = rows.loc[(rows.index >= pd.Timestamp(first)) & (rows.index <= pd.Timestamp(end))]
    return kept.rename_axis("month_end").reset_index()


def decisions(made: pd.DataFrame, significance: float) -> pd.DataFrame:
    """First decisions of the month against what rules and model said, and decisions after their deadline.

    Grain: one row each: low_side, high_side, late. Columns: kind; k, n (count); rate, low, high (Wilson).
    Source: metrics.md, "override".
    """
    rows = []
    for side in Override:
        found = review_quality_overrides.overall(made, side, 1 - significance)
        rows.append((side.value, found.overridden, found.of, found.rate, found.low, found.high))
    known = made.loc[made["settled"] & made["late"].notna(), "late"]
    k, n = int(known.eq(True).sum()), len(known)
    low, high = wilson(k, n, 1 - significance)
    rows.append(("late", k, n, float(rate(k, n)), float(low), float(high)))
    return pd.DataFrame(rows, columns=["kind", "k", "n", "rate", "low", "high"])


def _figures(frames: Frames, by: Looked, answer: default_rates.Headline, missed: pd.DataFrame) -> tuple[Kpi, ...]:
    transitions = frames["transitions"]
    lent = frames["lent"].loc[frames["lent"]["day"] <= pd.Timestamp(by.as_of)]
    of_90 = delinquency.ratios(transitions, Late.DPD90).set_index("month_end").astype("float64")
    late_90 = [
        overview_flows.at_month_ends(code, of_90[ratio], by, relative=False, good=Good.LESS, metric=f"{ratio}_90")
        for code, ratio in (("late_90", "current_ratio"), ("lagged_90", "lagged_ratio"))
    ]
    return (
        overview_flows.flow("disbursed", lent, "fen", by, good=Good.MORE, metric="principal", unit=100),
        *overview_risk.late(transitions, by),
        *late_90,
        overview_risk.default_rate(answer, frames["vintages"], by),
        _missed_kpi(missed, by),
        *overview_risk.earned(frames["income"], frames["upfront"], by),
        overview_risk.reserve_cover(transitions, frames["reserve"], by),
    )


def _known(missed: pd.DataFrame) -> pd.DataFrame:
    return missed.loc[~missed["maturing"] & (missed["borrowers"] > 0)]


def _known_month(missed: pd.DataFrame) -> str | None:
    known = _known(missed)
    return None if known.empty else str(known["month"].iloc[-1])


def _missed_kpi(missed: pd.DataFrame, by: Looked) -> Kpi:
    """First-payment default of the newest month of which every borrower is known, against the twelve before."""
    known, moved = _known(missed), first_payment.change(missed, by.significance)
    if moved is None:
        return Kpi("first_payment", float("nan"))
    movement = moved[1]
    change = kpi.Change(movement.difference, False, movement.verdict, movement.low, movement.high)
    return Kpi("first_payment", movement.rate, change, tuple(known["rate"].astype(float).tail(kpi.MONTHS)))


def _first_payment(missed: pd.DataFrame) -> Told:
    known = _known(missed)
    if known.empty:
        return Told(float("nan"))
    newest = known.iloc[-1]
    return Told(float(newest["rate"]), float(newest["low"]), float(newest["high"]))


def _of_balances(frames: Frames) -> dict[str, Told]:
    """The tightest funder, and the largest province and channel."""
    found = {"quota_used": Told(float("nan"))}
    used = frames["funders"].groupby("funder")["outstanding_fen"].sum()
    quotas = frames["quotas"].assign(used_fen=frames["quotas"]["funder"].map(used).fillna(0).astype("float64"))
    tightest = overview_risk.tightest(quotas)
    if tightest is not None:
        found["quota_used"] = Told(float(tightest["used_ratio"]), who=str(tightest["funder"]))
    here = frames["late_after"]
    for code, dimension in (("largest_province", PROVINCE.code), ("largest_channel", CHANNEL.code)):
        rows = here.loc[here["dimension"] == dimension]
        named = rows.loc[rows["segment"] != UNKNOWN]
        if len(named) < 2 or not rows["n"].sum():
            continue
        largest = named.iloc[int(named["n"].to_numpy(float).argmax())]
        found[code] = Told(float(rate(largest["n"], rows["n"].sum())), who=str(largest["segment"]))
    return found


def _of_decisions(made: pd.DataFrame, significance: float) -> dict[str, Told]:
    found = decisions(made, significance).set_index("kind")[["rate", "low", "high"]].astype("float64")
    names = {"overrides": Override.LOW_SIDE.value, "decided_late": "late"}
    told = dict(zip(found.index, found.to_numpy(float).tolist(), strict=True))
    return {code: Told(value, low, high) for code, (value, low, high) in ((c, told[k]) for c, k in names.items())}


def _moved(frames: Frames, name: str, codes: Sequence[str]) -> tuple[str | None, pd.DataFrame]:
    """The dimension that tells most of how a rate moved, and the split by it; no rows where a month says nothing."""
    before, after = (frames.get(f"{name}_{when}") for when in ("before", "after"))
    empty = pd.DataFrame({"segment": pd.Series(dtype="str")})
    if before is None or after is None:
        return None, empty
    splits = {
        code: decomposition.split(*(rows.loc[rows["dimension"] == code] for rows in (before, after))) for code in codes
    }
    code = decomposition.tells_most(splits) or next(iter(splits), None)
    if code is None or math.isnan(decomposition.change(splits[code]).difference):
        return None, empty
    return code, splits[code]


def _curves(frames: Frames, by: Looked) -> pd.DataFrame:
    found = vintages.curves(
        frames["cells"], frames["pairs"], thin_loans=by.thin, confidence=1 - by.significance
    ).reindex(columns=_CURVE)
    newest = sorted(found["cohort"].unique())[-COHORTS:]
    return found.loc[found["cohort"].isin(newest)].reset_index(drop=True)


def _entered(months: pd.DataFrame, significance: float) -> str:
    """Whether the newest mature month differs from the one that it took the place of, a year before.

    Two windows of twelve months that lie a month apart share eleven: what their rates differ by is what came in and
    what went out. months: the thirteen newest mature months of both, `queries.default_rates.by_segment`.
    """
    if len(months) < kpi.MONTHS:
        return default_rates.Verdict.NOT_COMPARED.value
    out, in_ = months.iloc[0], months.iloc[-1]
    counts = (in_["defaulted"], in_["borrowers"], out["defaulted"], out["borrowers"])
    gap = difference(*counts, 1 - significance).iloc[0]
    return default_rates.verdict(float(gap["difference"]), float(gap["p_value"]), significance).value


def _overrides(made: pd.DataFrame) -> pd.DataFrame:
    """The decisions against what rules and model said, the largest amounts first."""
    rows = made.loc[(made["override"] != "") & (made["stage"] == 1)]
    listed = rows.assign(
        number=rows["external_number"].where(rows["external_number"] != "", rows["application_id"].astype("str"))
    )[["number", "decided_at", "override", "outcome", "amount_fen"]]
    return listed.sort_values(["amount_fen", "number"], ascending=[False, True], ignore_index=True).head(MOST_LISTED)
