"""What has changed of an application since somebody looked at it: table by table, row by row, field by field."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

Content = Mapping[str, Sequence[Mapping[str, Any]]]  # rows by table, as plain values

_KEYS = ("id", "code", "loan_id", "number")


@dataclasses.dataclass(frozen=True)
class Change:
    """One field that differs. A row that came or went away is told by `field` None; money is in fen."""

    table: str
    row: str  # its key
    field: str | None
    before: Any
    after: Any
    whole: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)  # the row, the newer


def changes(before: Content, after: Content) -> tuple[Change, ...]:
    """Every difference, in the order of the tables."""
    found: list[Change] = []
    for table in dict.fromkeys((*before, *after)):
        old, new = _by_key(before.get(table, ())), _by_key(after.get(table, ()))
        for key in dict.fromkeys((*old, *new)):
            if key not in old or key not in new:
                found.append(Change(table, key, None, old.get(key), new.get(key), new.get(key) or old[key]))
                continue
            names = dict.fromkeys((*old[key], *new[key]))
            found += [
                Change(table, key, name, old[key].get(name), new[key].get(name), new[key])
                for name in names
                if old[key].get(name) != new[key].get(name)
            ]
    return tuple(found)


def _by_key(rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Rows by their keys; a row without one by its place."""
    keyed: dict[str, Mapping[str, Any]] = {}
    for place, row in enumerate(rows):
        parts = [str(row[name]) for name in _KEYS if row.get(name) is not None]
        key = parts[0] if "id" in row and row["id"] is not None else " ".join(parts) or str(place)
        keyed[key if key not in keyed else f"{key} {place}"] = row
    return keyed
