"""Which rewards are behind this? Those not paid in time, those still owed, or the whole ledger, one by one."""

from functools import partial

import pandas as pd

from components import cards, downloads, export, formats, states, tables
from components.filters.words import members_in_words
from components.language import _
from components.referrals import reward_choices, reward_words
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "reward-rows"
_METRICS = {
    reward_choices.LEDGER: "reward_cost",
    reward_choices.OPEN: "reward_liability",
    reward_choices.LATE: "reward_promise",
}


def draw(shown: View, rows: pd.DataFrame, counted: dict[str, int], stream: downloads.Batches) -> None:
    """Draw the card.

    rows: the first of `queries.rewards.behind`; counted: how many rewards each choice counts; stream: all of them.
    """
    which = reward_choices.behind()
    metric = METRICS[_METRICS[which]]
    card = cards.begin(_KEY, title=_("Which rewards are behind this?"), definition=_(metric.definition), tabular=False)
    with card.actions:
        downloads.buttons(
            f"{_KEY}-{which}",
            f"rewards-{which}",
            shown,
            partial(facts, shown, which),
            export.cny_columns(rows.columns),
            partial(export.in_cny, stream),
        )
    with card.controls:
        reward_choices.draw_behind()
    if rows.empty:
        with card.frame:
            states.nothing(_("There are none of these."))
        return
    card.answer(
        sentence(which, counted[which]),
        filed=True,
        height=tables.tall(len(rows), HEIGHT),
        figure=lambda: tables.show(_labelled(rows, shown), _columns(), key=f"{_KEY}-{which}", height=HEIGHT),
        caption=" · ".join(_caption(len(rows), counted[which])),
    )


def sentence(which: str, counted: int) -> str:
    """How many rewards the rows are, and which number they make up."""
    count = formats.count(counted)
    return {
        reward_choices.LATE: _("These **{count}** rewards were due and were paid later or not at all."),
        reward_choices.OPEN: _("These **{count}** rewards are accrued, neither paid nor reversed."),
        reward_choices.LEDGER: _("These **{count}** rewards are the ledger of the members who pass the filters."),
    }[which].format(count=count)


def facts(shown: View, which: str) -> export.Header:
    """What a file states of its rows."""
    metric = METRICS[_METRICS[which]]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Rewards"), _(reward_choices.BEHIND[which])),
        (_("Filters"), members_in_words(shown.members, shown.filters, shown.book)),
    ]


def _labelled(rows: pd.DataFrame, shown: View) -> pd.DataFrame:
    return rows.assign(
        label=[reward_words.rule(row) for row in rows.itertuples()],
        form=[reward_words.form(code) for code in rows["form"]],
        campaign=[reward_words.campaign(code, shown.book) for code in rows["inherited_campaign"]],
    )


def _columns() -> dict[str, Column]:
    return {
        "reward_id": Column(_("Reward"), pinned=True),
        "label": Column(_("Rule")),
        "fen": Column(_("Amount"), Kind.FEN),
        "form": Column(_("Form")),
        "beneficiary_id": Column(_("Beneficiary")),
        "referee_id": Column(_("Referee")),
        "accrued_on": Column(_("Accrued on"), Kind.DAY),
        "due_on": Column(_("Due on"), Kind.DAY),
        "paid_on": Column(_("Paid on"), Kind.DAY),
        "reversed_on": Column(_("Reversed on"), Kind.DAY),
        "campaign": Column(_("Campaign")),
    }


def _caption(listed: int, counted: int) -> list[str]:
    said = [_("oldest accrual first")]
    if listed < counted:
        said.append(_("first {count} shown, the files hold all").format(count=formats.count(listed)))
    return said
