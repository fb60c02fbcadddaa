"""What the link asks of the page on compliance."""

from datetime import date

from components import linked
from components.language import _, dimension_name
from rules import calendar, compliance
from rules.adverse_impact import ATTRIBUTES, Attribute
from rules.compliance import Rule
from rules.filters import DateRange
from rules.text import N_

_PERIOD, _RULE, _ATTRIBUTE = "period", "rule", "attribute"
_ALL = "all"
_PERIODS = {"1": N_("This month"), "3": N_("3 months"), "12": N_("12 months"), _ALL: N_("All of the book")}
_OPENING = "12"
_INCOME = N_("Income")


def period(as_of: date) -> DateRange:
    """The months that are looked at, the one of the as-of date included."""
    asked = linked.value(_PERIOD, list(_PERIODS), _OPENING)
    if asked == _ALL:
        return DateRange(None, as_of)
    return DateRange(calendar.add_months(calendar.first_of_month(as_of), 1 - int(asked)), as_of)


def draw_period() -> None:
    """The select box of the months."""
    linked.select(_PERIOD, list(_PERIODS), opening=_OPENING, label=_("Period"), named=lambda code: _(_PERIODS[code]))


def rule() -> Rule:
    """The rule that is looked into."""
    return Rule(linked.value(_RULE, [each.value for each in Rule], Rule.CONTACT_HOURS.value))


def choose_rule(chosen: Rule) -> None:
    """Look into another rule. For use in callbacks."""
    linked.choose(_RULE, chosen.value, Rule.CONTACT_HOURS.value)


def draw_rule() -> None:
    """The select box of the rule."""
    codes = [each.value for each in Rule]
    named = {code: _(compliance.KINDS[Rule(code)].name) for code in codes}
    linked.select(_RULE, codes, opening=codes[0], label=_("Rule"), named=named.__getitem__)


def attribute() -> Attribute:
    """By what people are told apart."""
    return Attribute(linked.value(_ATTRIBUTE, [each.value for each in ATTRIBUTES], ATTRIBUTES[0].value))


def draw_attribute() -> None:
    """The select box of it."""
    codes = [each.value for each in ATTRIBUTES]
    linked.select(
        _ATTRIBUTE, codes, opening=codes[0], label=_("Groups by"), named=lambda code: attribute_name(Attribute(code))
    )


def attribute_name(code: Attribute) -> str:
    """What an attribute is called."""
    return _(_INCOME) if code is Attribute.INCOME_BAND else dimension_name(code.value)
