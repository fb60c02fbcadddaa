"""Which events on record are asked for: choices that live in the link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from components import linked
from components.language import _
from components.system import event_words

_KIND, _PERSON, _ABOUT, _FIRST, _LAST = "event", "by", "about", "since", "until"
_LONGEST = 200


@dataclass(frozen=True)
class Chosen:
    """What is empty leaves all; `about` is a part of what it was done to."""

    kind: str
    person: str
    about: str
    first: date | None
    last: date | None

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen."""
        return any((self.kind, self.person, self.about, self.first, self.last))


def chosen(kinds: Sequence[str], people: Sequence[str]) -> Chosen:
    """What the link asks for."""
    return Chosen(
        kind=linked.value(_KIND, kinds, ""),
        person=linked.value(_PERSON, people, ""),
        about=linked.text(_ABOUT)[:_LONGEST].strip(),
        first=linked.day(_FIRST),
        last=linked.day(_LAST),
    )


def draw(kinds: Sequence[str], people: Sequence[str], named: Callable[[str], str]) -> None:
    """The widgets of the choices. `named`: what somebody is called whose address is given."""
    linked.select(
        _KIND, ["", *kinds], opening="", label=_("What was done"),
        named=lambda kind: event_words.name(kind) if kind else _("Everything"),
    )  # fmt: skip
    linked.select(
        _PERSON, ["", *people], opening="", label=_("Who did it"),
        named=lambda person: named(person) if person else _("Anybody"),
    )  # fmt: skip
    linked.field(_ABOUT, label=_("To what"), icon=":material/search:", longest=_LONGEST)
    linked.days(_FIRST, _LAST, label=_("From and to"))
