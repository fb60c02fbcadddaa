"""What the link asks of the parts on rewards and on abuse."""

from dataclasses import dataclass

from components import linked
from components.language import _
from rules.reward_limits import Question
from rules.text import N_

LEDGER, OPEN, LATE = "ledger", "open", "late"
BEHIND = {
    LATE: N_("Not paid in time"),
    OPEN: N_("Still owed"),
    LEDGER: N_("All of the ledger"),
}
_QUESTIONS = {
    Question.LEVELS: N_("Deep rewards"),
    Question.TREES: N_("Large trees"),
    Question.PAID: N_("Paid to invite"),
}
TERMS, CAP = "terms", "cap"
_CASE, _QUESTION, _BEHIND = "case", "question", "rewards"


@dataclass(frozen=True)
class Terms:
    """What the simulator is asked to try, as the link writes it; empty where nothing is."""

    rules: str
    cap_fen: int | None


def behind() -> str:
    """Which rewards are listed."""
    return linked.value(_BEHIND, list(BEHIND), LATE)


def draw_behind() -> None:
    """The select box of which rewards are listed."""
    linked.select(_BEHIND, list(BEHIND), opening=LATE, label=_("Rewards listed"), named=lambda code: _(BEHIND[code]))


def terms() -> Terms:
    """The terms that are tried. A cap that is no amount is none."""
    cap = linked.text(CAP)
    return Terms(linked.text(TERMS), int(cap) if cap.isdecimal() and len(cap) <= 12 else None)


def case_no() -> int | None:
    """The case that is open; None: the one that leads the list."""
    asked = linked.text(_CASE)
    return int(asked) if asked.isdecimal() and len(asked) <= 9 else None


def open_case(number: int | None) -> None:
    """Open another case. For use in callbacks."""
    linked.choose(_CASE, "" if number is None else str(number), "")


def question() -> Question:
    """Which flag's rows are listed."""
    return Question(linked.value(_QUESTION, [each.value for each in Question], Question.LEVELS.value))


def draw_question() -> None:
    """The select box of which flag's rows are listed."""
    linked.select(
        _QUESTION,
        [each.value for each in Question],
        opening=Question.LEVELS.value,
        label=_("Rows listed"),
        named=lambda code: _(_QUESTIONS[Question(code)]),
    )
