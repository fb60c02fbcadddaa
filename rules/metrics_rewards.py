"""The metrics of rewards and their abuse."""

from rules.metric import Metric, Unit
from rules.text import N_

_BY_REFEREE = N_("rewards accrued by the as-of date, by the day on which the referee registered")
_AT_AS_OF = N_("rewards accrued by the as-of date, whoever they are for")

REWARDS = (
    Metric(
        code="reward_cost",
        name=N_("Rewards accrued"),
        definition=N_(
            "What was accrued for referees of the cohort, at every level, in every form and to every side; it is paid, "
            "still open, or reversed, and the three sum to it."
        ),
        unit=Unit.CNY,
        parts=("fen", "paid_fen", "open_fen", "reversed_fen"),
        calendar=_BY_REFEREE,
        interval=None,
        noise_test=None,
        source='metrics.md, "cost per acquisition", trap 14',
    ),
    Metric(
        code="reward_liability",
        name=N_("Reward liability"),
        definition=N_("Rewards accrued, neither paid nor reversed by the as-of date, by the days since the accrual."),
        unit=Unit.CNY,
        parts=("fen", "overdue_fen"),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='metrics.md, "reward liability"',
    ),
    Metric(
        code="reward_promise",
        name=N_("Not paid in time"),
        definition=N_(
            "Rewards paid after the day that the policy names, counted in calendar days of Shanghai after the accrual, "
            "or not at all, divided by the rewards whose day has come; what was reversed by that day is not due."
        ),
        unit=Unit.RATIO,
        parts=("late", "unpaid", "due"),
        calendar=N_("rewards by the month of their accrual"),
        interval=N_("Wilson, rewards as the sample"),
        noise_test=N_("the newest month against the twelve before, allowing for how much months differ anyway"),
        source="rules/policy.toml, rewards",
    ),
    Metric(
        code="reward_simulated",
        name=N_("Rewards under other terms"),
        definition=N_(
            "What the rewards of the twelve months to the as-of date would have come to under other terms, had "
            "everybody acted as they did; without any change it is the ledger to the fen."
        ),
        unit=Unit.CNY,
        parts=("fen", "new_fen"),
        calendar=N_("rewards accrued in the twelve months to the as-of date"),
        interval=None,
        noise_test=None,
        source="rules/reward_simulator.py",
    ),
    Metric(
        code="reward_concentration",
        name=N_("Rewards in few hands"),
        definition=N_(
            "The part of all rewards for referring, less what was reversed, that went to the beneficiaries with the "
            "most."
        ),
        unit=Unit.RATIO,
        parts=("fen", "top_percent_fen"),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='metrics.md, "abuse signals"',
    ),
    Metric(
        code="abuse_points",
        name=N_("Points of suspicion"),
        definition=N_(
            "Ten times the decimal logarithm of how many times as common a signal is among farmed accounts, as the "
            "policy takes it, as among members who are not suspected, as the book counts it; summed over the signals, "
            "those that tell the same thing once. Ten points make a suspicion ten times as likely."
        ),
        unit=Unit.COUNT,
        parts=("suspected", "of_suspected", "others", "of_others"),
        calendar=N_("every member and reward up to the as-of date"),
        interval=None,
        noise_test=None,
        source='metrics.md, "abuse signals"; rules/abuse.py',
    ),
    Metric(
        code="reward_flags",
        name=N_("Flags to be judged"),
        definition=N_(
            "Facts of the book that stand over a number of the policy, each with the rule that names it and its date. "
            "A flag asks a person to look; whether a law is broken depends on more than these counts."
        ),
        unit=Unit.COUNT,
        parts=("deep_rewards", "large_trees", "paid_inviters"),
        calendar=N_("the whole book up to the as-of date, whatever the filters"),
        interval=None,
        noise_test=None,
        source="rules/policy.toml, reward_limits",
    ),
)
