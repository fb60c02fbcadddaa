"""How rules and what is held against them are told."""

from datetime import date
from math import isnan

from components import formats, language
from components.language import _
from rules.compliance import KINDS, Rule, Standing, Subject
from rules.compliance_policy import Balance, ContactHours, Limit, MostCalls, ShownPrice, ThirdPersons
from rules.filters import DateRange
from rules.legal_source import LegalSource
from rules.policy import Policy
from rules.text import N_

_SUBJECTS = {
    Subject.CONTACT: N_("Contact"),
    Subject.LOAN: N_("Loan"),
    Subject.APPLICATION: N_("Application"),
    Subject.MEMBER: N_("Member"),
    Subject.REWARD: N_("Reward"),
    Subject.TREE: N_("Root of the tree"),
}
_CLOCK = "%H:%M"
_MINUTES_A_DAY = 24 * 60


def name(rule: Rule) -> str:
    """What a rule is called."""
    return _(KINDS[rule].name)


def subject(rule: Rule) -> str:
    """What a rule judges."""
    return _(_SUBJECTS[KINDS[rule].subject])


def source(written: LegalSource) -> str:
    """Where a limit stands written."""
    return written.name_zh if language.current() == "zh" else written.name_en


def limit(rule: Rule, found: Limit, policy: Policy) -> str:
    """What a rule allows, in words."""
    match found:
        case ContactHours():
            said = f"{found.starts_at.strftime(_CLOCK)}–{found.ends_at.strftime(_CLOCK)}"
        case MostCalls():
            said = _("at most {calls} a day").format(calls=found.calls)
        case ThirdPersons():
            said = _("not within {days} days after the debtor answered").format(days=found.reached_days)
        case ShownPrice():
            said = _("at most {points} off").format(points=formats.points_size(found.points, 2))
        case Balance():
            said = _("at most {amount}").format(amount=formats.money(found.cny * 100))
        case _:
            said = _unmeasured(rule, policy)
    return said


def _unmeasured(rule: Rule, policy: Policy) -> str:
    """What is allowed by the rules whose limit is a moment, or stands in another section of the policy."""
    price, rewards = policy.price, policy.reward_limits
    cap = _("at most {ratio}").format(ratio=formats.percent(price.cap_ratio, 0))
    multiple = formats.index(price.prime_multiple, 0)
    return {
        Rule.PRICE_CAP: cap,
        Rule.REQUIRED_FEE: cap,
        Rule.PRIME_CAP: _("at most {multiple} × prime rate").format(multiple=multiple),
        Rule.DISCLOSURE: _("before the disbursement"),
        Rule.EXPOSURE: _("at most {incomes} monthly incomes").format(
            incomes=formats.index(policy.exposure.most_monthly_incomes, 0)
        ),
        Rule.CONSENT: _("before the verification"),
        Rule.REWARD_LEVEL: _("at most level {level}").format(level=rewards.deepest_level),
        Rule.TREE_SIZE: _("under {people} people, or under {levels} levels").format(
            people=rewards.tree_people, levels=rewards.tree_levels
        ),
    }[rule]


def standing(row: Standing) -> str:
    """Whether a rule is kept: not by colour alone."""
    if not row.judged:
        return _("– nothing judged")
    return _("▲ breached") if row.breaches else _("✓ kept")


def observed(rule: Rule, value: float) -> str:
    """What was held against the limit, in the unit of its rule; empty where it is a yes or no."""
    if isnan(value):
        return ""
    told = {
        Rule.CONTACT_HOURS: lambda: "{:02}:{:02}".format(*divmod(int(value * _MINUTES_A_DAY), 60)),
        Rule.SHOWN_PRICE: lambda: _("shown {rate}").format(rate=formats.percent(value, 2)),
        Rule.BALANCE: lambda: formats.money_exact(round(value * 100)),
        Rule.EXPOSURE: lambda: _("{incomes} monthly incomes").format(incomes=formats.index(value, 1)),
        Rule.REWARD_LEVEL: lambda: _("level {level}").format(level=int(value)),
        Rule.TREE_SIZE: lambda: _("{people} people").format(people=formats.count(int(value))),
        Rule.THIRD_PERSONS: lambda: _("answered {days} days before").format(days=int(value)),
        Rule.ANSWERED_CALLS: lambda: _("{calls} answered that day").format(calls=int(value)),
        Rule.UNANSWERED_CALLS: lambda: _("{calls} unanswered that day").format(calls=int(value)),
    }
    return told[rule]()


def period(shown: DateRange, as_of: date) -> str:
    """The months that are looked at."""
    if shown.first is None:
        return _("all of the book, to {day}").format(day=formats.day(as_of))
    return f"{formats.day(shown.first)} – {formats.day(as_of)}"
