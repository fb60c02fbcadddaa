"""What the applicant is told of a decision: whole sentences with the principal reasons in words made for them.

An approval tells the amount. Whoever is granted less, or nothing, is told the principal reasons in their order: those
bound to a check, to the score or to the policy. What an officer wrote in own words stays inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.review_case import Ground, Outcome, Reason
from rules.review_policy import ReviewPolicy
from rules.text import N_


@dataclass(frozen=True)
class Line:
    """One sentence of a notice. `text` stands in the catalogues; `amounts_fen` and `words` fill its gaps."""

    text: str
    amounts_fen: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """What is told before the reasons, the reasons by language in their order, what is told after them."""

    before: tuple[Line, ...]
    reasons: Mapping[str, tuple[str, ...]]
    after: tuple[Line, ...]
    without_words: tuple[Reason, ...]  # reasons that the policy has no words for, so that nothing is told of them


def notice(
    number: str, outcome: Outcome, asked_fen: int, amount_fen: int | None, reasons: tuple[Reason, ...],
    rule: ReviewPolicy,
) -> Notice:  # fmt: skip
    """The notice of a decision on the application with a number."""
    number_word = {"number": number}
    if outcome is Outcome.APPROVED:
        told = N_("Your application {number} for {asked} was approved.")
        return Notice((Line(told, {"asked": asked_fen}, number_word),), {"en": (), "zh": ()}, (), ())
    principal = [reason for reason in reasons if reason.ground is not Ground.OTHER]
    worded = {reason: rule.words_for(reason.ground, reason.code) for reason in principal}
    found = [words for words in worded.values() if words is not None]
    if outcome is Outcome.APPROVED_LESS:
        text = N_("On your application {number} for {asked} we can lend you {granted}.")
        first = Line(text, {"asked": asked_fen, "granted": amount_fen or 0}, number_word)
        why = Line(N_("The principal reasons why it is less than you asked for:"))
    else:
        first = Line(N_("Your application {number} for {asked} was not approved."), {"asked": asked_fen}, number_word)
        why = Line(N_("The principal reasons:"))
    again = N_("A person decided this. If something that we hold about you is wrong, tell us and we will look again.")
    return Notice(
        (first, why),
        {"en": tuple(words.name_en for words in found), "zh": tuple(words.name_zh for words in found)},
        (Line(again),),
        tuple(reason for reason, words in worded.items() if words is None),
    )  # fmt: skip
