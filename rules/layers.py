"""How many applications each risk layer lets pass, what its reasons stop, and how often a score is overridden."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.intervals import rate, wilson
from rules.review_case import Override

LAYERS = ("rules", "model", "manual")
APPROVED, DECLINED = "approved", "declined"
_SIDES = {Override.LOW_SIDE: ("below", APPROVED), Override.HIGH_SIDE: ("above", DECLINED)}


@dataclass(frozen=True)
class Overridden:
    """How often it is decided against the model's cut-off on one side; nan where the model judged nobody so."""

    overridden: int
    of: int
    rate: float
    low: float
    high: float


def passed(flows: pd.DataFrame, *, significance: float) -> pd.DataFrame:
    """How many applications entered each layer and passed it.

    flows: `queries.layers.flows`. Grain: one row per layer, in the order in which they are passed.
    Columns: layer; entered, stopped, granted (finally, by this layer), passed (count); rate, low, high (passed /
    entered, Wilson); reached (of all that entered the first layer, the share that passed this one: 0-1), amount_fen
    (asked for by those it stopped).
    Formula: an application enters a layer where no layer before it decided; it is stopped where the layer declined it;
    what a layer grants or hands on has passed it.
    Excludes: what nobody has decided, and decisions of which the book does not say the layer.
    Source: metrics.md, "approval by layer".
    """
    told = flows.loc[flows["outcome"].isin((APPROVED, DECLINED)) & flows["decided_by"].isin(LAYERS)]
    by = told.pivot_table(index="decided_by", columns="outcome", values="applications", aggfunc="sum", fill_value=0)
    by = by.reindex(index=LAYERS, columns=[APPROVED, DECLINED], fill_value=0)
    granted, stopped = (by[outcome].to_numpy(np.int64) for outcome in (APPROVED, DECLINED))
    entered = (granted + stopped)[::-1].cumsum()[::-1]
    went_on = entered - stopped
    low, high = wilson(went_on, entered, 1 - significance)
    # Who was granted a loan by an earlier layer has passed that one, and no later one has stopped them.
    reached = entered[0] - stopped.cumsum()
    amounts = told.loc[told["outcome"] == DECLINED].groupby("decided_by")["amount_fen"].sum()
    return pd.DataFrame(
        {
            "layer": LAYERS,
            "entered": entered,
            "stopped": stopped,
            "granted": granted,
            "passed": went_on,
            "rate": rate(went_on, entered),
            "low": low,
            "high": high,
            "reached": rate(reached, np.full(len(LAYERS), entered[0])),
            "amount_fen": amounts.reindex(LAYERS, fill_value=0).to_numpy(np.int64),
        }
    )


def left_out(flows: pd.DataFrame) -> tuple[int, int]:
    """Applications that `passed` leaves out: those that nobody has decided, and those decided by nobody knows whom."""
    decided = flows["outcome"].isin((APPROVED, DECLINED))
    unknown = decided & ~flows["decided_by"].isin(LAYERS)
    return int(flows.loc[~decided, "applications"].sum()), int(flows.loc[unknown, "applications"].sum())


def avoided(stops: pd.DataFrame, loss_ratio: float, *, significance: float, thin: int) -> pd.DataFrame:
    """What each reason stopped, and what that would have cost if it had gone as later loans to the same people did.

    stops: `queries.layers.stops`; loss_ratio: of a defaulted loan's principal, what is lost in the end (nan: unknown).
    Grain: one row per layer and reason, layers as they follow each other, the reason that stops most first.
    Columns: those of stops; rate, low, high (later_defaulted / later_observed, Wilson; nan without any); cost_fen,
    cost_low_fen, cost_high_fen (amount asked for x that rate x loss_ratio); thin (too few later loans to say).
    Formula: the later loans are of those who came again and were let in then, who are likely better than the others: a
    floor, not an estimate without bias.
    Source: metrics.md, "expected loss", trap 10.
    """
    k, n = stops["later_defaulted"], stops["later_observed"]
    low, high = wilson(k, n, 1 - significance)
    share = rate(k, n)
    rows = stops.assign(rate=share, low=low, high=high, thin=n < thin)
    for name, each in (("cost_fen", share), ("cost_low_fen", low), ("cost_high_fen", high)):
        rows[name] = rows["amount_fen"].astype(float) * each * loss_ratio
    place = rows["layer"].map({layer: place for place, layer in enumerate(LAYERS)})
    ordered = rows.assign(place=place).sort_values(
        ["place", "applications", "reason"], ascending=[True, False, True], kind="stable"
    )
    return ordered.drop(columns="place").reset_index(drop=True)


def overridden(flows: pd.DataFrame, side: Override, *, significance: float) -> Overridden:
    """How often it was decided against the model's cut-off.

    flows: `queries.layers.flows`.
    Formula: low side: approved below the cut-off / decided applicants below it; high side: declined above it / decided
    applicants above it. Below: the model's own check failed.
    Source: metrics.md, "override".
    """
    judged, outcome = _SIDES[side]
    eligible = flows.loc[(flows["judged"] == judged) & flows["outcome"].isin((APPROVED, DECLINED))]
    n = int(eligible["applications"].sum())
    k = int(eligible.loc[eligible["outcome"] == outcome, "applications"].sum())
    low, high = wilson(k, n, 1 - significance)
    return Overridden(k, n, float(rate(k, n)), float(low), float(high))
