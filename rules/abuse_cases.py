"""The cases of suspicion with what staff have judged of them."""

import pandas as pd

from rules.abuse import SIGNALS

MARKED = ("member_id", "verdict", "reason", "at", "staff")  # the columns of marks, the newest of each member


def judged(cases: pd.DataFrame, case_of: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """The cases, each with how many of its members were marked.

    cases: `queries.abuse.cases`; case_of: `queries.abuse.case_of` of the marked; marks: a row per marked member with
    the columns of `MARKED`.
    Grain: one row per case, in their order. Columns added: points_each (of the average member); farmed, cleared
    (members marked so); signals (codes given by any of its members, those of most members first).
    """
    verdicts = case_of.merge(marks[["member_id", "verdict"]], on="member_id")
    counted = pd.crosstab(verdicts["case_no"], verdicts["verdict"]).reindex(columns=["farmed", "cleared"], fill_value=0)
    found = cases.merge(counted, left_on="case_no", right_index=True, how="left")
    filled = found.assign(
        points_each=found["points"] / found["members"],
        farmed=found["farmed"].fillna(0).astype("int64"),
        cleared=found["cleared"].fillna(0).astype("int64"),
    )
    counts = filled[[f"with_{signal}" for signal in SIGNALS]].to_numpy().tolist()
    return filled.assign(signals=pd.Series([_signals(row) for row in counts], index=filled.index, dtype=object))


def _signals(counts: list[int]) -> tuple[str, ...]:
    given = [(-count, place) for place, count in enumerate(counts) if count]
    return tuple(SIGNALS[place] for _count, place in sorted(given))
