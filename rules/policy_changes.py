"""What one version of the policy says otherwise than another: field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from rules.policy import Policy

Value: TypeAlias = "str | int | float | bool | None"
Content = Mapping[str, Value]  # every value by its path, such as "review.amount_cny"

_WHO = frozenset({"effective_from", "changed_by", "approved_by"})  # about the version, no part of what it decides
_NAMES = ("code", "product", "tier")  # tell the tables of a list apart


@dataclass(frozen=True)
class Change:
    """One field; None on the side where it is not there."""

    field: str
    old: Value
    new: Value


def content(version: Policy) -> Content:
    """Everything that a version decides, each value by its path."""
    said = version.model_dump(mode="json")
    return dict(_flat("", {name: value for name, value in said.items() if name not in _WHO}))


def changes(old: Content, new: Content) -> tuple[Change, ...]:
    """What differs, in the order of the fields' paths."""
    fields = sorted({*old, *new})
    return tuple(Change(field, old.get(field), new.get(field)) for field in fields if old.get(field) != new.get(field))


def _flat(path: str, value: Any) -> list[tuple[str, Value]]:
    if isinstance(value, dict):
        inner = [_flat(f"{path}.{name}" if path else name, each) for name, each in value.items()]
        return [pair for each in inner for pair in each]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        named = [_flat(f"{path}[{_name(each)}]", each) for each in value]
        return [pair for each in named for pair in each]
    if isinstance(value, list):
        return [(path, ", ".join(map(str, value)))]
    return [(path, value)]


def _name(table: dict[str, Any]) -> str:
    """What tells a table of a list from the others."""
    return " ".join(str(table[name]) for name in _NAMES if table.get(name) is not None)
