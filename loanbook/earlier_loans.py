"""The loans that a borrower had before: so that a borrower's earliest in a segment is told from its row alone."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import Date, Integer, TableClause, column, func, select, table

from loanbook.constructs import ordinal
from loanbook.days import dates
from loanbook.settlement import Ints
from loanbook.working import columns, work_table
from rules import dimensions

_CODES = tuple(dimension.code for dimension in dimensions.ALL)
_NONE = 0  # the ordinal of no day


@dataclass(frozen=True)
class Earlier:
    """The work table of earlier loans, and the dimensions for which it tells of them."""

    loans: TableClause  # loan_no, previous_on, and previous_<code>_on for each varying dimension
    varying: list[str]  # dimensions in which some borrower has loans with different values


def find(snapshot: duckdb.DuckDBPyConnection, coded: TableClause) -> Earlier:
    """For each loan the day of its borrower's one before, and of the one before with its value of a dimension.

    Grain: one row per loan of a borrower with several; null where there is none before.
    """
    borrower_no = coded.c.borrower_no
    repeats = select(borrower_no).group_by(borrower_no).having(func.count() > 1)
    loans = columns(
        snapshot,
        select(
            coded.c.loan_no,
            borrower_no,
            ordinal(coded.c.disbursed_on).label("day"),
            *(func.enum_code(coded.c[code]).label(code) for code in _CODES),
        )
        .where(borrower_no.in_(repeats))
        .order_by(borrower_no, coded.c.loan_no),
    )
    borrower, day = loans["borrower_no"], loans["day"]
    follows = borrower[1:] == borrower[:-1]
    varying = [code for code in _CODES if np.any(follows & (loans[code][1:] != loans[code][:-1]))]
    with ThreadPoolExecutor() as threads:
        same = threads.map(partial(_before, borrower, day), (loans[code] for code in varying))
    found = {"previous_on": _before(borrower, day, np.zeros_like(day))}
    found |= {f"previous_{code}_on": before for code, before in zip(varying, same, strict=True)}
    rows = pa.table(
        {"loan_no": pa.array(loans["loan_no"].astype(np.int32))}
        | {name: dates(before, none=_NONE) for name, before in found.items()}
    )
    named = table("earlier", column("loan_no", Integer), *(column(name, Date) for name in found))
    snapshot.register(named.name, rows)
    kept = work_table(snapshot, "loan_previous", select(*named.c))
    snapshot.unregister(named.name)
    return Earlier(kept, varying)


def _before(borrower: Ints, day: Ints, code: Ints) -> Ints:
    """The day of the borrower's loan before with the same code; rows come by borrower and in their order."""
    key = borrower * (int(code.max(initial=0)) + 1) + code
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    before = np.full_like(day, _NONE)
    before[order[1:][same]] = day[order[:-1][same]]
    return before
