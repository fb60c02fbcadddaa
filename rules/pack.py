"""The risk committee's pack of a month end: its figures and tables as one text that can be frozen and read again.

Everything in it is told as of the month end, from a snapshot of that day or a later one. It holds no words in a
language: codes, dates, amounts, so that one pack is read in both. Numbers are written to twelve digits; the same
figures always make the same text, by whose SHA-256 a frozen pack is known again.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import pandas as pd

from rules.default_rates import Verdict
from rules.kpi import NOT_COMPARED, Change, Goal, Kpi, Outlook
from rules.text import N_

FORMAT = 1
_DIGITS = 12
Plain = str | int | float | None


class Section(StrEnum):
    """The sections, in their order; people comment on each."""

    FIGURES = "figures"
    LIMITS = "limits"
    MOVEMENTS = "movements"
    VINTAGES = "vintages"
    EXCEPTIONS = "exceptions"


SECTION_NAMES = {
    Section.FIGURES: N_("Key figures"),
    Section.LIMITS: N_("Limits"),
    Section.MOVEMENTS: N_("Movements"),
    Section.VINTAGES: N_("Vintages and roll rates"),
    Section.EXCEPTIONS: N_("Exceptions"),
}


@dataclass(frozen=True)
class Comment:
    """What somebody wrote about a section."""

    section: Section
    text: str
    at: datetime
    by: str  # the writer's name
    version: int  # 1 for the first that was written about the section


@dataclass(frozen=True)
class Pack:
    """One pack. `about`: where its figures come from and by which rules; `tables`: its rows by what they are."""

    month_end: date
    about: Mapping[str, Plain]
    figures: tuple[Kpi, ...]
    tables: Mapping[str, pd.DataFrame]


def to_text(pack: Pack) -> str:
    """The pack as JSON, the same text for the same figures."""
    return _written(
        {
            "format": FORMAT,
            "month_end": pack.month_end.isoformat(),
            "about": {name: _value(value) for name, value in pack.about.items()},
            "figures": [_figure(each) for each in pack.figures],
            "tables": {name: _table(rows) for name, rows in pack.tables.items()},
        }
    )


def from_text(text: str) -> Pack:
    """A pack as it was written."""
    read = json.loads(text)
    return Pack(
        month_end=date.fromisoformat(read["month_end"]),
        about=read["about"],
        figures=tuple(_kpi(each) for each in read["figures"]),
        tables={name: _frame(each) for name, each in read["tables"].items()},
    )


def digest(*texts: str) -> str:
    """What texts in their order are known again by: SHA-256, each led by its length."""
    made = sha256()
    for text in texts:
        encoded = text.encode()
        made.update(len(encoded).to_bytes(8, "big"))
        made.update(encoded)
    return made.hexdigest()


def differences(frozen: str, today: str) -> tuple[str, ...]:
    """What two packs of one month end tell differently: figures and tables by their codes, not where they come from."""
    one, other = json.loads(frozen), json.loads(today)
    then, now = ({each["code"]: each for each in pack["figures"]} for pack in (one, other))
    figures = [code for code in {**then, **now} if then.get(code) != now.get(code)]
    names = {**one["tables"], **other["tables"]}
    return (*figures, *(name for name in names if one["tables"].get(name) != other["tables"].get(name)))


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _value(value: Any) -> Plain:
    """A cell as JSON keeps it: what is missing as null, a day as text."""
    if isinstance(value, str):
        return str(value)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp | date):
        return pd.Timestamp(value).isoformat().removesuffix("T00:00:00")
    if pd.api.types.is_bool(value):
        return int(value)
    if pd.api.types.is_integer(value):
        return int(value)
    return float(f"{value:.{_DIGITS}g}")


def _figure(each: Kpi) -> dict[str, Any]:
    change, goal = each.change, each.goal
    return {
        "code": each.code,
        "value": _value(each.value),
        "series": [_value(value) for value in each.series],
        "change": {
            "amount": _value(change.amount), "relative": change.relative, "verdict": change.verdict.value,
            "low": _value(change.low), "high": _value(change.high),
        },
        "goal": None if goal is None else {
            "value": _value(goal.value), "outlook": goal.outlook.value, "expected": _value(goal.expected),
        },
    }  # fmt: skip


def _kpi(read: Mapping[str, Any]) -> Kpi:
    moved, goal = read["change"], read["goal"]
    change = Change(
        _number(moved["amount"]), moved["relative"], Verdict(moved["verdict"]), _number(moved["low"]),
        _number(moved["high"]),
    )  # fmt: skip
    return Kpi(
        code=read["code"],
        value=_number(read["value"]),
        change=NOT_COMPARED if change.verdict is Verdict.NOT_COMPARED and math.isnan(change.amount) else change,
        series=tuple(_number(value) for value in read["series"]),
        goal=None if goal is None else Goal(goal["value"], Outlook(goal["outlook"]), goal["expected"]),
    )


def _table(rows: pd.DataFrame) -> dict[str, Any]:
    kinds = [_kind(rows[name]) for name in rows.columns]
    listed = [[_value(value) for value in row] for row in rows.astype(object).itertuples(index=False, name=None)]
    return {"columns": list(rows.columns), "kinds": kinds, "rows": listed}


def _kind(values: "pd.Series[Any]") -> str:
    if pd.api.types.is_bool_dtype(values):
        return "bool"
    if pd.api.types.is_integer_dtype(values):
        return "int64"
    if pd.api.types.is_float_dtype(values):
        return "float64"
    return "datetime64[us]" if pd.api.types.is_datetime64_any_dtype(values) else "str"


def _frame(read: Mapping[str, Any]) -> pd.DataFrame:
    columns: Sequence[str] = read["columns"]
    by_column = dict(zip(columns, zip(*read["rows"], strict=True), strict=True)) if read["rows"] else {}
    made = {
        name: pd.Series(list(by_column.get(name, ())), dtype="object" if kind == "str" else None).astype(kind)
        for name, kind in zip(columns, read["kinds"], strict=True)
    }
    return pd.DataFrame(made, columns=list(columns))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
