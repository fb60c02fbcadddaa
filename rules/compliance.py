"""The rules that bind lending and collection: what each is called, what it judges, and how the book stands to it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from rules.compliance_policy import Limit
from rules.policy import Policy
from rules.reward_limits import DEFINITIONS, Question
from rules.text import N_


class Rule(StrEnum):
    """A rule of which breaches are kept one by one."""

    CONTACT_HOURS = "contact_hours"
    ANSWERED_CALLS = "answered_calls"
    UNANSWERED_CALLS = "unanswered_calls"
    THIRD_PERSONS = "third_persons"
    PRICE_CAP = "price_cap"
    REQUIRED_FEE = "required_fee"
    PRIME_CAP = "prime_cap"
    DISCLOSURE = "disclosure"
    SHOWN_PRICE = "shown_price"
    BALANCE = "balance"
    EXPOSURE = "exposure"
    CONSENT = "consent"
    REWARD_LEVEL = "reward_level"
    TREE_SIZE = "tree_size"


class Subject(StrEnum):
    """What a rule judges."""

    CONTACT = "contact"
    LOAN = "loan"
    APPLICATION = "application"
    MEMBER = "member"
    REWARD = "reward"
    TREE = "tree"


@dataclass(frozen=True)
class Kind:
    """What is told of a rule whatever the book."""

    name: str
    definition: str
    subject: Subject
    tables: tuple[str, ...]  # without which nothing can be judged


KINDS = {
    Rule.CONTACT_HOURS: Kind(
        N_("Contact hours"),
        N_(
            "Contacts about what is or becomes due, with the debtor or with somebody else, made outside the hours that "
            "the policy allows; hours and days are those of Shanghai."
        ),
        Subject.CONTACT,
        ("contact",),
    ),
    Rule.ANSWERED_CALLS: Kind(
        N_("Answered calls a day"),
        N_(
            "Calls to a debtor about what is or becomes due, on days in Shanghai on which they answered more calls "
            "than the policy allows; all calls of such a day are listed."
        ),
        Subject.CONTACT,
        ("contact",),
    ),
    Rule.UNANSWERED_CALLS: Kind(
        N_("Unanswered calls a day"),
        N_(
            "Calls that a debtor did not answer, on days in Shanghai with more of them than the policy allows. The "
            "book keeps no numbers, so calls are counted by debtor."
        ),
        Subject.CONTACT,
        ("contact",),
    ),
    Rule.THIRD_PERSONS: Kind(
        N_("Contact with third persons"),
        N_(
            "Contacts with somebody else about what a debtor owes, though the debtor had answered within so many days "
            "before as the policy names."
        ),
        Subject.CONTACT,
        ("contact",),
    ),
    Rule.PRICE_CAP: Kind(
        N_("All-in rate over the cap"),
        N_(
            "Loans whose all-in rate (monthly internal rate of return × 12) is over the cap, with every fee of their "
            "own inside, that of a guarantee too."
        ),
        Subject.LOAN,
        ("loan", "instalment"),
    ),
    Rule.REQUIRED_FEE: Kind(
        N_("Over the cap by a required membership fee"),
        N_(
            "Loans that are over the cap only once the membership fee is counted that was paid for them; it counts "
            "whole, for the first loan that is applied for within the policy's days after it."
        ),
        Subject.LOAN,
        ("loan", "instalment", "membership"),
    ),
    Rule.PRIME_CAP: Kind(
        N_("All-in rate over the prime multiple"),
        N_(
            "Loans whose all-in rate, every fee and a required membership fee inside, is over so many times the "
            "one-year loan prime rate of the day on which they were made."
        ),
        Subject.LOAN,
        ("loan", "instalment", "prime_rate"),
    ),
    Rule.DISCLOSURE: Kind(
        N_("All-in cost confirmed before the loan"),
        N_(
            "Applications that were disbursed though the customer never confirmed the all-in cost, or only after the "
            "disbursement."
        ),
        Subject.APPLICATION,
        ("application", "loan"),
    ),
    Rule.SHOWN_PRICE: Kind(
        N_("Price shown"),
        N_(
            "Loans whose rate shown to the customer lies farther from the all-in rate of the instalments, fees inside, "
            "than the policy allows for rounding."
        ),
        Subject.LOAN,
        ("application", "loan", "instalment"),
    ),
    Rule.BALANCE: Kind(
        N_("Balance of one borrower"),
        N_("Borrowers who owe more principal at the as-of date than the policy allows for one household."),
        Subject.MEMBER,
        ("loan",),
    ),
    Rule.EXPOSURE: Kind(
        N_("Exposure of one borrower"),
        N_(
            "Borrowers whose principal outstanding here at the newest month end and debt declared elsewhere together "
            "pass so many of their monthly incomes as the policy names; those whose income is known are judged."
        ),
        Subject.MEMBER,
        ("loan",),
    ),
    Rule.CONSENT: Kind(
        N_("Separate consent"),
        N_(
            "Members who were verified, which uses sensitive data, without having consented to that by then, "
            "separately from all else."
        ),
        Subject.MEMBER,
        ("member",),
    ),
    Rule.REWARD_LEVEL: Kind(N_("Levels of rewards"), DEFINITIONS[Question.LEVELS], Subject.REWARD, ("reward",)),
    Rule.TREE_SIZE: Kind(N_("Size of trees"), DEFINITIONS[Question.TREES], Subject.TREE, ("member",)),
}


@dataclass(frozen=True)
class Standing:
    """How the book stands to a rule."""

    rule: Rule
    limit: Limit  # the one in force at the as-of date
    judged: int
    breaches: int
    newest_on: date | None

    @property
    def ratio(self) -> float:
        """Breaches of what was judged; nan where nothing was."""
        return self.breaches / self.judged if self.judged else float("nan")


def limits(rule: Rule, policy: Policy) -> tuple[Limit, ...]:
    """The limits of a rule, oldest first; those of rewards and trees stand in the section on these, with their laws."""
    of_rewards = {
        Rule.REWARD_LEVEL: policy.reward_limits.deepest_level_source,
        Rule.TREE_SIZE: policy.reward_limits.tree_source,
    }
    if rule in of_rewards:
        source = of_rewards[rule]
        return (Limit(from_on=source.dated, source=source),)
    kind = Rule.PRICE_CAP if rule is Rule.REQUIRED_FEE else rule  # one cap, looked at twice
    found: tuple[Limit, ...] = getattr(policy.compliance, kind.value)
    return found


def in_force(rule: Rule, policy: Policy, day: date) -> Limit | None:
    """The limit of a rule on a day; None before the first."""
    past = [limit for limit in limits(rule, policy) if limit.from_on <= day]
    return past[-1] if past else None


def standings(judged: pd.DataFrame, breaches: pd.DataFrame, policy: Policy, as_of: date) -> tuple[Standing, ...]:
    """How the book stands to each rule in force: those with breaches first, the most of them first.

    judged: rule, judged. breaches: rule, breaches, newest_on. A rule that found nothing is told with 0; one that is not
    in force at as_of is left out.
    """
    of = dict(zip(judged["rule"], judged["judged"], strict=True))
    found = {rule: (count, newest) for rule, count, newest in breaches[["rule", "breaches", "newest_on"]].to_numpy()}
    rows = []
    for rule in Rule:
        limit = in_force(rule, policy, as_of)
        if limit is None:
            continue
        count, newest_on = found.get(rule.value, (0, None))
        rows.append(Standing(rule, limit, int(of.get(rule.value, 0)), int(count), newest_on))
    return tuple(sorted(rows, key=lambda each: -each.breaches))
