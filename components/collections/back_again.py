"""Do messages bring borrowers back? Those who got one beside those who did not, by chance or by likeness."""

import math

import pandas as pd

from components import cards, elsewhere, formats, states, tables
from components.collections import effects
from components.language import _
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import messages
from rules.messages import AGAIN_DAYS, PROMPT, RAISED
from rules.metrics import METRICS
from rules.reminders import COVARIATES
from rules.text import N_

HEIGHT = 144
_KEY = "back-again"
_NAMES = {PROMPT: N_("Prompt to borrow"), RAISED: N_("Raised limit")}


def draw(shown: View, cells: pd.DataFrame, *, leads_on: bool) -> None:
    """Draw the card. cells: `queries.collections.messaged`; leads_on: the reader sees the page on members too."""
    metric = METRICS["message_effect"]
    found = messages.effect(cells, significance=shown.policy.display.significance)
    card = cards.begin(
        _KEY,
        title=_("Do messages bring borrowers back?"),
        of=_("within {days} days").format(days=AGAIN_DAYS),
        definition=_(metric.definition),
        tabular=not found.empty,
    )
    if found.empty:
        with card.frame:
            missing = sorted(shown.book.missing_tables & {"contact", "instalment", "loan"})
            if missing:
                states.empty(missing)
            else:
                states.nothing(_("No message about a raised limit and no prompt to borrow again reached anybody."))
        return
    found = found.assign(
        label=[_(_NAMES[purpose]) for purpose in found["purpose"]],
        treated_of=[_counted(members) for members in found["treated"]],
        held_of=[_counted(members) for members in found["held"]],
    )
    names = _("with the message"), _("without")
    card.answer(
        sentences(*(sentence(row) for row in found.itertuples()), warning(cells, found)),
        height=HEIGHT,
        figure=lambda: cards.chart(effects.figure(found, names, HEIGHT), _KEY),
        table=lambda height: tables.show(found, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(found, shown)),
    )
    if leads_on:
        with card.frame:
            elsewhere.link(
                shown, "membership", _("The prompt by days, and who borrows again"), {"part": "movement"},
                icon=":material/arrow_forward:",
            )  # fmt: skip


def sentence(row: tuple) -> str:
    """What one message changes, if anything."""
    if math.isnan(row.difference):
        return _("**{message}**: nobody who got it can be held against a like borrower who did not.").format(
            message=row.label
        )
    text = {
        "above": _(
            "**{message}**: {treated} borrowed again with it, **{points} more** than the {held} without ({low} to "
            "{high}); the difference is not noise."
        ),
        "below": _(
            "**{message}**: {treated} borrowed again with it, **{points} fewer** than the {held} without ({low} to "
            "{high}); the difference is not noise."
        ),
        "": _(
            "**{message}**: **no effect shows**; {treated} borrowed again with it and {held} without, the difference "
            "({low} to {high} points) is no more than noise."
        ),
    }[row.stands_out]
    return text.format(
        message=row.label,
        treated=formats.percent(row.treated_rate),
        held=formats.percent(row.held_rate),
        points=formats.points_size(row.difference),
        low=formats.points_signed(row.low),
        high=formats.points_signed(row.high),
    )


def warning(cells: pd.DataFrame, found: pd.DataFrame) -> str:
    """That those compared were not alike before; empty where they were."""
    said = []
    for row in found.loc[~found["planned"]].itertuples():
        apart = messages.apart(cells, row.purpose)
        unlike = apart.loc[apart["unlike"], "covariate"]
        if len(unlike):
            said.append(
                _(
                    ":orange[:material/warning: {message}: those who got it differed before in {what}, so the effect "
                    "may be theirs.]"
                ).format(message=row.label, what=_(", ").join(_(COVARIATES[name]) for name in unlike))
            )
    return sentences(*said)


def _counted(members: int) -> str:
    return _("of {count} borrowers, with the mix of those who got it").format(count=formats.count(members))


def _caption(found: pd.DataFrame, shown: View) -> list[str]:
    level = formats.percent(1 - shown.policy.display.significance, 0)
    said = [
        _("n = {treated} with, {held} without").format(
            treated=formats.count(int(found["treated"].sum())), held=formats.count(int(found["held"].sum()))
        ),
        _("difference in points, {level} intervals").format(level=level),
    ]
    for row in found.itertuples():
        if row.planned:
            said.append(_("{message}: chance held some out").format(message=row.label))
        else:
            said.append(
                _(
                    "{message}: nobody was held out, so beside like borrowers on the same day before or after it "
                    "({share} have one); the lender chose whom, by what is not all known here"
                ).format(message=row.label, share=formats.percent(row.matched_ratio, 0))
            )
    return said


def _columns() -> dict[str, Column]:
    metric = METRICS["message_effect"]
    return {
        "label": Column(_("Message"), pinned=True),
        "treated_rate": Column(_("With it"), Kind.RATIO),
        "held_rate": Column(_("Without"), Kind.RATIO),
        "difference": Column(_("Difference"), Kind.POINTS, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.POINTS),
        "high": Column(_("Upper end"), Kind.POINTS),
        "p_value": Column(_("p-value"), Kind.DECIMAL),
        "treated": Column(_("Borrowers with it"), Kind.COUNT),
        "treated_again": Column(_("of them again"), Kind.COUNT),
        "held": Column(_("Borrowers without"), Kind.COUNT),
        "held_again": Column(_("of those again"), Kind.COUNT),
    }
