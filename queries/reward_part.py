"""What the parts on rewards and on abuse show: their statements under the names by which the cards read them."""

from typing import Any

from sqlalchemy import Select

from queries import abuse, reward_limits, reward_simulation, rewards
from queries.rewards import Behind
from rules.book import Book
from rules.member_filters import MemberSelection
from rules.policy import Policy
from rules.reward_limits import Question
from rules.reward_simulator import Plan

SHOWN_ROWS = 250

Rows = Select[*tuple[Any, ...]]


def ledger(selection: MemberSelection, plan: Plan, which: Behind, book: Book, policy: Policy) -> dict[str, Rows]:
    """What the part on rewards shows."""
    as_of, compared = book.as_of, selection.comparison()
    before = {} if compared is None else {"ledger_before": rewards.ledger(compared)}
    return before | {
        "ledger": rewards.ledger(selection),
        "liability": rewards.liability(selection, as_of, policy.rewards.liability_days),
        "promises": rewards.promises(selection, as_of),
        "behind": rewards.behind(selection, which, as_of, first=SHOWN_ROWS),
        "rules": reward_simulation.rules(),
        "by_campaign": reward_simulation.by_campaign(selection, plan, as_of),
        "by_rule": reward_simulation.by_rule(selection, plan, as_of),
        "by_size": reward_simulation.by_size(selection, plan, as_of),
        "hit": reward_simulation.hit(selection, plan, as_of, first=SHOWN_ROWS),
    }


def suspicion(
    selection: MemberSelection, case_no: int | None, question: Question, marked: frozenset[str], policy: Policy
) -> dict[str, Rows]:
    """What the part on abuse and the limits shows."""
    return {
        "cases": abuse.cases(selection),
        "suspects": abuse.of_case(selection, case_no),
        "rates": abuse.rates(),
        "marked": abuse.case_of(marked),
        "concentration": abuse.concentration(selection),
        "counts": reward_limits.counts(policy.reward_limits),
        "asked_about": reward_limits.behind(question, policy.reward_limits),
    }
