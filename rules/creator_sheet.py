"""A creator's sheet: what they were paid, how often their code was used, and whom it brought."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from rules.intervals import rate
from rules.spend import Entry


def sheet(uses: pd.DataFrame, entries: Sequence[Entry], *, period: tuple[date | None, date | None]) -> pd.DataFrame:
    """A creator's sheet: the code, its uses, the borrowers it brought, and what they cost.

    uses: `queries.spend.creators`. entries: every entry that counts; those that name the creator are the fee.
    Grain: one row per creator and code. Columns: creator, code, campaigns; sent, opened, members, borrowers; posts
    (named in entries), clicks, fee_fen (entered in the period); each_member_fen, each_borrower_fen (nan where the fee
    or the borrowers are 0).
    """
    first, last = period
    fees: dict[tuple[str, str], list[float]] = {}
    posts: dict[tuple[str, str], set[str]] = {}
    known = dict(zip(uses["creator"], uses["code"], strict=True))
    for entry in entries:
        if not entry.creator or (first and entry.day < first) or (last and entry.day > last):
            continue
        key = entry.creator, entry.code or known.get(entry.creator, "")
        sums = fees.setdefault(key, [0.0, 0.0])
        sums[0] += entry.amount_fen
        sums[1] += entry.clicks or 0
        posts.setdefault(key, set()).update({entry.post} - {""})
    summed = uses.groupby(["creator", "code"], sort=True)[["sent", "opened", "members", "borrowers"]].sum()
    named = uses.groupby(["creator", "code"])["campaign"].agg(lambda each: ", ".join(sorted(set(each))))
    index = (
        summed.index.union(pd.MultiIndex.from_tuples(list(fees), names=["creator", "code"])) if fees else summed.index
    )
    found = summed.reindex(index, fill_value=0).assign(
        campaigns=named.reindex(index).fillna(""),
        posts=[len(posts.get(key, ())) for key in index],
        clicks=[fees.get(key, (0.0, 0.0))[1] for key in index],
        fee_fen=[fees.get(key, (0.0, 0.0))[0] for key in index],
    )
    paid = found["fee_fen"].where(found["fee_fen"] > 0)
    return found.assign(
        each_member_fen=rate(paid.to_numpy(float), found["members"]),
        each_borrower_fen=rate(paid.to_numpy(float), found["borrowers"]),
    ).reset_index()
