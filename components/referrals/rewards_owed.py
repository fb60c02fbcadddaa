"""What is still owed, and for how long? Rewards accrued, neither paid nor reversed, by their age."""

import pandas as pd

from components import cards, formats, states, tables
from components.charts.bars import bars
from components.language import _, ngettext
from components.referrals import reward_words
from components.tables import Column, Kind
from components.view import View
from rules import rewards
from rules.metrics import METRICS
from rules.rewards import Owed

HEIGHT = 290
_KEY = "reward-liability"


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.rewards.liability`."""
    metric, rule = METRICS["reward_liability"], shown.policy.rewards
    card = cards.begin(_KEY, title=_("What is still owed, and for how long?"), definition=_(metric.definition))
    if parts.empty:
        with card.frame:
            states.nothing(_("Nothing is owed: every reward has been paid or reversed."))
        return
    found = rewards.by_age(parts, rule.liability_days)
    found = found.assign(
        label=[reward_words.age(row) for row in found.itertuples()],
        value=found["fen"],
        text=[f"{formats.money(row.fen)} · {formats.count(row.rewards)}" for row in found.itertuples()],
    )
    card.answer(
        sentence(rewards.owed(parts)),
        height=HEIGHT,
        figure=lambda: cards.chart(bars(found, height=HEIGHT), _KEY),
        table=lambda height: tables.show(found, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("amount and number of rewards by days since the accrual"),
                _due(rule.paid_within_days),
                reward_words.all_times(),
            ]
        ),
    )


def sentence(found: Owed) -> str:
    """How much is owed, and how much of it should have been paid by now."""
    said = {
        "fen": formats.money(found.fen),
        "rewards": ngettext("{count} reward", "{count} rewards", found.rewards).format(
            count=formats.count(found.rewards)
        ),
        "overdue": formats.money(found.overdue_fen),
    }
    if not found.overdue:
        return _("**{fen}** in {rewards} is owed, none of it overdue.").format(**said)
    return _("**{fen}** in {rewards} is owed; **{overdue}** of it should have been paid by now.").format(**said)


def _due(days: int) -> str:
    return ngettext(
        "due {count} calendar day after the accrual", "due {count} calendar days after the accrual", days
    ).format(count=days)


def _columns() -> dict[str, Column]:
    metric = METRICS["reward_liability"]
    return {
        "label": Column(_("Since the accrual"), pinned=True),
        "rewards": Column(_("Rewards"), Kind.COUNT),
        "fen": Column(_(metric.name), Kind.FEN, help=_(metric.definition)),
        "overdue": Column(_("Overdue rewards"), Kind.COUNT),
        "overdue_fen": Column(_("Overdue"), Kind.FEN),
    }
