"""A pack as a document: its cover, its cards by section, what people wrote about each, and the definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from components import formats
from components.filters.words import default_in_words, period
from components.language import _
from components.markdown import plain
from components.overview.kpi_cards import Told
from components.pack import exceptions, limits, movements, vintages, words
from components.pack.blocks import Block
from components.pack.read import Read
from rules.metrics import METRICS
from rules.pack import Comment, Section

Fact = tuple[str, str]
_FURTHER = (
    "quota_used", "concentration", "override_rate", "decided_late", "limit_light", "rate_effect", "mix_effect",
    "balance_walk", "vintage_curve", "roll_rate", "rule_breaches",
)  # fmt: skip
_CARDS_OF = {  # the card that draws each table of a pack
    "limits": "pack-limits", "moved_late": "pack-moved-late", "moved_default": "pack-moved-default",
    "balances": "pack-balances", "curves": "pack-vintages", "lateness": "pack-lateness", "rolls": "pack-rolls",
    "breaches": "pack-breaches", "decisions": "pack-overrides", "overrides": "pack-overrides",
    "late_cases": "pack-late-cases", "invariants": "pack-invariants",
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """How a pack stands: written just now, or frozen by somebody at a time."""

    by: str
    at: datetime
    digest: str = ""  # of a frozen one

    @property
    def frozen(self) -> bool:
        """Whether it is frozen."""
        return bool(self.digest)


@dataclass(frozen=True)
class Document:
    """What is drawn."""

    read: Read
    standing: Standing
    comments: Mapping[Section, Comment]

    @property
    def title(self) -> str:
        """What it is called."""
        return _("Risk committee, {month}").format(month=formats.month(self.read.end))

    def told(self) -> Told:
        """The key figures."""
        return Told({each.code: each for each in self.read.pack.figures})

    def blocks(self) -> list[Block]:
        """The cards below the key figures, section by section."""
        read = self.read
        return [*limits.blocks(read), *movements.blocks(read), *vintages.blocks(read), *exceptions.blocks(read)]

    def cover(self) -> list[Fact]:
        """What the pack is of, where its figures come from, by which rules they were formed, and who answers for it."""
        read, about = self.read, self.read.pack.about
        return [
            (_("Book"), plain(str(about["book"]))),
            (_("As of"), formats.day(read.end)),
            (_("Filters"), _("none: the whole book")),
            (_("Default"), default_in_words(read.definition, read.horizon)),
            (
                _("Loans of the default rate"),
                _("disbursed {months}").format(months=period(read.window, read.view.book)),
            ),
            (
                _("Snapshot"),
                _("{snapshot}, data as of {day}, made {moment}").format(
                    snapshot=about["snapshot"], day=formats.day(date.fromisoformat(str(about["snapshot_as_of"]))),
                    moment=formats.moment(read.snapshot_built),
                ),
            ),
            (_("Policy"), self._policy()),
            (_("Status"), self.status()),
        ]  # fmt: skip

    def status(self) -> str:
        """Whether it is frozen, and by whom; else who wrote it when."""
        said = {"by": plain(self.standing.by), "moment": formats.moment(self.standing.at)}
        if not self.standing.frozen:
            return _("**Draft**, written {moment} by {by}; figures may still change").format(**said)
        return _("**Frozen** {moment} by {by}; SHA-256 {digest}").format(**said, digest=self.standing.digest)

    def compared(self) -> str:
        """What changes of the key figures are held against."""
        read = self.read
        known = read.pack.about["first_payment_month"]
        said = [
            _("against {month}, sums by business day").format(month=formats.month(read.earlier)),
            _("default rate: against the twelve months of disbursement before"),
        ]
        if known is not None:
            month = formats.month(date.fromisoformat(f"{known}-01"))
            said.append(
                _("first-payment default: loans of {month}, against the twelve months before").format(month=month)
            )
        return " · ".join([*said, _("noise = no more than chance, or than months differ anyway")])

    def named(self, codes: Sequence[str]) -> list[str]:
        """What figures and tables are called, by their codes in the pack."""
        names = {card.code: _(card.name) for card in words.CARDS}
        titles = {block.key: block.title for block in self.blocks()}
        return list(dict.fromkeys(names.get(code) or titles[_CARDS_OF[code]] for code in codes))

    def definitions(self) -> dict[str, str]:
        """What the figures, the limits and the cards mean."""
        codes = dict.fromkeys([*(card.metric for card in words.CARDS), *_FURTHER])
        return {_(METRICS[code].name): _(METRICS[code].definition) for code in codes}

    def _policy(self) -> str:
        about = self.read.pack.about
        said = [_("version of {day}").format(day=formats.day(date.fromisoformat(str(about["policy_from"]))))]
        if about["changed_by"]:
            said.append(_("written by {name}").format(name=plain(str(about["changed_by"]))))
        if about["approved_by"]:
            said.append(_("approved by {name}").format(name=plain(str(about["approved_by"]))))
        return ", ".join(said)
