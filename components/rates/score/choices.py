"""What the link asks of the cards on scores: which model is looked at, and which one it is held against."""

from collections.abc import Sequence

from components import linked
from components.language import _

_MODEL, _OTHER = "model", "against"


def model(models: Sequence[str]) -> str:
    """The model that is looked at; the one that decides where the link asks for none. models: that one first."""
    return linked.value(_MODEL, models, models[0])


def draw_model(models: Sequence[str]) -> None:
    """The select box of it."""
    linked.select(_MODEL, models, opening=models[0], label=_("Model"), named=str)


def other(models: Sequence[str]) -> str | None:
    """The model that it is held against; None where there is no other one."""
    rest = _others(models)
    return linked.value(_OTHER, rest, rest[0]) if rest else None


def draw_other(models: Sequence[str]) -> None:
    """The select box of it."""
    rest = _others(models)
    linked.select(
        _OTHER, rest, opening=rest[0], label=_("Against"),
        named=lambda code: _("against {group}").format(group=code),
    )  # fmt: skip


def _others(models: Sequence[str]) -> list[str]:
    return [each for each in models if each != model(models)]
