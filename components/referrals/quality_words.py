"""What the cards on quality share: which measure and group are chosen, and how a measure is written."""

from components import formats, linked
from components.language import _, dimension_name, value_label
from rules import dimensions
from rules.book import Book
from rules.dimensions import UNKNOWN
from rules.quality import BY_CODE, DEFAULT, MEASURES, VALUE, Measure

_GROUP, _MEASURE = "brought_by", "measure"


def groups(book: Book) -> list[str]:
    """The dimensions by which members are told apart who brought them, the first that the book has first."""
    offered = (dimensions.CHANNEL, dimensions.CAMPAIGN, dimensions.REFERRAL_LEVEL)
    return [each.code for each in offered if book.member_values_of(each.code)] or [dimensions.REFERRAL_LEVEL.code]


def group(book: Book) -> str:
    """The dimension that the link asks for."""
    return linked.value(_GROUP, groups(book), groups(book)[0])


def choose_group(book: Book) -> None:
    """The select box of the dimension."""
    offered = groups(book)
    linked.select(_GROUP, offered, opening=offered[0], label=_("Brought by"), named=dimension_name)


def choose_measure() -> Measure:
    """The select box of the measure."""
    codes = [measure.code for measure in MEASURES]
    chosen = linked.select(
        _MEASURE, codes, opening=DEFAULT, label=_("Measure"), named=lambda code: _(BY_CODE[code].name)
    )
    return BY_CODE[chosen]


def named(code: str, value: str, book: Book) -> str:
    """What a group is called."""
    if value == UNKNOWN and code == dimensions.CAMPAIGN.code:
        return _("No campaign")
    if code == dimensions.REFERRAL_LEVEL.code and not value.isdecimal() and value != UNKNOWN:
        return _("Level {level}").format(level=value)
    return value_label(code, value, book)


def written(measure: Measure, number: float) -> str:
    """A measure of a group: 6.1 %, ¥546."""
    return formats.money(round(number)) if measure.code == VALUE else formats.percent(number)


def interval(measure: Measure, low: float, high: float) -> str:
    """The ends of its interval: 5.6–6.7, ¥500–¥590."""
    if measure.code == VALUE:
        return f"{formats.money(round(low))}–{formats.money(round(high))}"
    return formats.interval(low, high)
