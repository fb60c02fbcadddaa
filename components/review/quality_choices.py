"""What the part on quality is about: which record, since when, whose decisions, which side; kept in the link."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from components import linked
from components.language import _
from rules.review_case import Override
from rules.review_quality import ALL, By
from rules.text import N_

OURS, BEFORE = "loanboard", "book"  # decided here, or before, as the loan database tells
ENOUGH = 20  # decisions from which on those that were taken here are shown first
_RECORD, _DAYS, _OFFICER, _SIDE = "record", "days", "officer", "side"
_RECORDS = {OURS: N_("Decided in Loanboard"), BEFORE: N_("Decided before")}
_PERIODS = {"14": N_("14 days"), "91": N_("13 weeks"), "364": N_("52 weeks")}
_OPENING_DAYS = "91"
_OPENING_SIDE = Override.HIGH_SIDE.value  # most cases come because of their amount, and no check failed them
_SIDES = {
    Override.LOW_SIDE.value: N_("Low side: granted"),
    Override.HIGH_SIDE.value: N_("High side: declined"),
}


@dataclass(frozen=True)
class Chosen:
    """What the link asks for."""

    record: str
    days: int
    officer: str  # an address; empty for everybody
    side: Override
    last: date

    @property
    def first(self) -> date:
        """The first day of the period; a Monday where weeks are counted."""
        first = self.last - timedelta(days=self.days - 1)
        return first if self.by is By.DAY else first + timedelta(days=-first.weekday() % 7)

    @property
    def by(self) -> By:
        """What is counted by."""
        return By.DAY if self.days <= 14 else By.WEEK

    @property
    def ours(self) -> bool:
        """Whether decisions taken here are shown."""
        return self.record == OURS


def chosen(last: Mapping[str, date], officers: Mapping[str, str], opening: str) -> Chosen:
    """What the link asks for.

    last: the last day of each record; officers: whose decisions this person may see apart, by address.
    """
    record = linked.value(_RECORD, list(_RECORDS), opening)
    return Chosen(
        record=record,
        days=int(linked.value(_DAYS, list(_PERIODS), _OPENING_DAYS)),
        officer=linked.value(_OFFICER, [ALL, *officers], ALL) if record == OURS else ALL,
        side=Override(linked.value(_SIDE, list(_SIDES), _OPENING_SIDE)),
        last=last[record],
    )


def draw(now: Chosen, officers: Mapping[str, str], opening: str) -> None:
    """The choices that hold for the whole part."""
    linked.select(_RECORD, list(_RECORDS), opening=opening, label=_("Record"), named=lambda code: _(_RECORDS[code]))
    linked.select(
        _DAYS, list(_PERIODS), opening=_OPENING_DAYS, label=_("Period"),
        named=lambda code: _(_PERIODS[code]),
    )  # fmt: skip
    if now.ours and officers:
        names = {ALL: _("All officers"), **officers}
        linked.select(_OFFICER, list(names), opening=ALL, label=_("Officer"), named=lambda code: names[code])


def draw_side() -> None:
    """Which side of overrides is shown."""
    linked.select(_SIDE, list(_SIDES), opening=_OPENING_SIDE, label=_("Side"), named=lambda code: _(_SIDES[code]))


def period(now: Chosen) -> str:
    """The period in words."""
    return _(_PERIODS[str(now.days)])
