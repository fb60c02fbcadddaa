"""What of the rewards and trees a lawyer would ask about: flags for a person to judge, never a verdict."""

from dataclasses import dataclass
from enum import StrEnum

from rules.legal_source import LegalSource
from rules.policy import RewardLimits
from rules.text import N_


class Question(StrEnum):
    """What is asked."""

    LEVELS = "levels"
    TREES = "trees"
    PAID = "paid"


NAMES = {
    Question.LEVELS: N_("Rewards beyond direct referees"),
    Question.TREES: N_("Large trees over many levels"),
    Question.PAID: N_("Paying before inviting"),
}
DEFINITIONS = {
    Question.LEVELS: N_(
        "Rewards accrued for referees further away than the level that the policy names; 1 is a direct referee. "
        "Reversed ones count: they were promised."
    ),
    Question.TREES: N_(
        "Trees of at least so many people, the root among them, over at least so many levels, the root's own among "
        "them, whether or not anything was paid in them."
    ),
    Question.PAID: N_(
        "Of the members who have referred somebody, those who had paid for a membership by the day of their first "
        "referee; nearly all of them would mean that paying is what opens the way to inviting."
    ),
}


@dataclass(frozen=True)
class Flag:
    """One question with what the book answers."""

    question: Question
    found: int  # rewards, trees, or members
    of: int  # rewards, trees of two and more, or members who have referred somebody
    limit: float  # deepest level; people; share
    is_raised: bool
    source: LegalSource

    @property
    def is_told(self) -> bool:
        """Whether the book holds anything that could raise it."""
        return self.of > 0


def flags(counts: dict[str, int], limits: RewardLimits) -> tuple[Flag, ...]:
    """The flags in their order, raised or not.

    counts: the row of `queries.reward_limits.counts`. A flag says that somebody should look, not that a law is broken:
    a raised one is a fact of the book against a number of the policy.
    Source: metrics.md, "Collections and compliance"; rules/policy.toml, reward_limits.
    """
    deep, trees, paid = counts["deep_rewards"], counts["large_trees"], counts["paid_inviters"]
    inviters = counts["inviters"]
    return (
        Flag(Question.LEVELS, deep, counts["rewards"], limits.deepest_level, deep > 0, limits.deepest_level_source),
        Flag(Question.TREES, trees, counts["trees"], limits.tree_people, trees > 0, limits.tree_source),
        Flag(
            Question.PAID,
            paid,
            inviters,
            limits.paid_inviters_ratio,
            inviters > 0 and paid >= limits.paid_inviters_ratio * inviters,
            limits.paid_inviters_source,
        ),
    )
