"""Price against risk: what loans of each segment charge a year, what they cost, and what is left, with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.intervals import rate, wilson
from rules.worth import Verdict

COSTS = ("loss_fen", "funding_fen", "perk_fen", "contact_fen", "acquisition_fen")

_SHARES = (
    *("charge_fen", "prime_fen", "spread_fen", "loss_low_fen", "loss_high_fen"),
    *("margin_fen", "margin_low_fen", "margin_high_fen"),
)


@dataclass(frozen=True)
class Change:
    """What is tried: so many points more of spread, and no loans of the score bands below a cut-off."""

    points: float = 0.0  # 0.01 is one point
    refused: frozenset[str] = frozenset()  # score bands


def margins(
    parts: pd.DataFrame,
    lost: float,
    per_first_loan: Mapping[str, float],
    *,
    significance: float,
    thin: int,
    change: Change | None = None,
) -> pd.DataFrame:
    """Price and cost of each segment within the horizon, in fen and a year of the money lent.

    parts: `queries.margins.by_segment`; lost: `rules.loss_given_default.of_loans`; per_first_loan: by channel, what
    acquiring a borrower costs (fen, `rules.acquisition.per_head`). change: what is tried, everything else held.
    Grain: one row per segment, in the order of the parts.
    Columns: segment; borrowers, defaulted (count); principal_fen, lent_year_fen; charge_fen, prime_fen, spread_fen (nan
    where no prime rate is known); COSTS; loss_low_fen, loss_high_fen; margin_fen, margin_low_fen, margin_high_fen; each
    amount but the first two as a yearly rate of the money lent with `_ratio` for `_fen`; default_rate, low, high (of
    borrowers, Wilson); kept_ratio (received less principal, over principal, of the loans that have ended); lost_ratio
    (principal lost over that of those); break_even_ratio (the all-in rate at which nothing is left); thin; verdict;
    below_loss (what is left of charges after funding does not pay even the least loss that the interval allows).
    Formula: charge = all-in rate x money-years; loss = lost x principal of the defaulted; its interval is that of the
    default rate, relative to it, as `rules.case_margin` takes it; margin = charge - costs. Charges, funding and losses
    are those of the same months, the horizon's; perks, contacts and acquisition are counted whole. The other parts are
    sums of everything, so the interval is that of the loss alone.
    Source: metrics.md, "expected loss", "all-in annual rate"; trap 19.
    """
    tried = change or Change()
    kept = parts.loc[~parts["score_band"].isin(tried.refused)]
    first = kept["channel"].map(lambda channel: per_first_loan.get(channel, 0.0)).astype(float) * kept["first_loans"]
    order = list(dict.fromkeys(parts["segment"]))
    sums = kept.assign(acquisition_fen=first).drop(columns=["score_band", "channel"]).groupby("segment").sum()
    rows = sums.reindex(order, fill_value=0).rename_axis("segment").reset_index()
    k, n = rows["defaulted"].to_numpy(float), rows["borrowers"].to_numpy(float)
    low, high = wilson(k, n, 1 - significance)
    share = rate(k, n)
    bad, principal = rows["defaulted_principal_fen"].to_numpy(float), rows["principal_fen"].to_numpy(float)
    years = rows["lent_year_fen"].to_numpy(float)
    prime = np.where(rows["prime_year_fen"] > 0, years * rate(rows["prime_fen"], rows["prime_year_fen"]), np.nan)
    charge = rows["charge_fen"].to_numpy(float) + tried.points * years
    found = rows.assign(
        default_rate=share,
        low=low,
        high=high,
        charge_fen=charge,
        prime_fen=prime,
        spread_fen=charge - prime,
        loss_fen=lost * bad,
        loss_low_fen=lost * np.where(k > 0, bad * rate(low, share), 0.0),
        loss_high_fen=lost * np.where(k > 0, np.minimum(bad * rate(high, share), principal), high * principal),
    )
    others = found[[name for name in COSTS if name != "loss_fen"]].sum(axis=1)
    for margin, loss in (("margin", "loss"), ("margin_low", "loss_high"), ("margin_high", "loss_low")):
        found[f"{margin}_fen"] = found["charge_fen"] - others - found[f"{loss}_fen"]
    for name in [*COSTS, *_SHARES]:
        found[f"{name.removesuffix('_fen')}_ratio"] = rate(found[name], years)
    least = found["charge_fen"] - found["funding_fen"] - found["loss_low_fen"]
    few = n < thin
    return found.assign(
        kept_ratio=rate(found["received_fen"] - found["ended_principal_fen"], found["ended_principal_fen"]),
        lost_ratio=rate(found["lost_fen"], found["ended_principal_fen"]),
        break_even_ratio=found["charge_ratio"] - found["margin_ratio"],
        thin=few,
        below_loss=(least < 0) & ~few,
        verdict=_verdicts(found, few),
    )


def _verdicts(found: pd.DataFrame, few: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Sequence[Verdict]:
    told = np.select(
        [few, found["margin_low_fen"] > 0, found["margin_high_fen"] < 0],
        [Verdict.THIN, Verdict.EARNS, Verdict.LOSES],
        Verdict.UNSURE,
    )
    return [Verdict(str(each)) for each in told]
