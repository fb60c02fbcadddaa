"""What would a lawyer ask about? Facts of the book over a number of the policy: flags to be judged, never a verdict."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from components import cards, downloads, export, formats, language, states, tables
from components.language import _, value_label
from components.referrals import reward_choices, reward_words
from components.tables import Column, Kind
from components.view import View
from rules.dimensions import CHANNEL
from rules.legal_source import LegalSource
from rules.metrics import METRICS
from rules.policy import RewardLimits
from rules.reward_limits import DEFINITIONS, NAMES, Flag, Question

HEIGHT = 260
_KEY = "reward-flags"


def draw(flags: Sequence[Flag], limits: RewardLimits) -> None:
    """Draw the card with the flags. flags: `rules.reward_limits.flags`."""
    metric = METRICS["reward_flags"]
    card = cards.begin(_KEY, title=_("What would a lawyer ask about?"), definition=_(metric.definition), tabular=False)
    card.answer(
        sentence(flags),
        height=None,
        figure=lambda: _listed(flags, limits),
        caption=" · ".join([_("the whole book, whatever the filters"), _("limits and sources: the policy file")]),
    )


def draw_rows(shown: View, rows: pd.DataFrame, flags: Sequence[Flag], stream: downloads.Batches) -> None:
    """Draw the card with the rows behind one flag. rows: the first of `queries.reward_limits.behind`."""
    question = reward_choices.question()
    flag = next(each for each in flags if each.question is question)
    card = cards.begin(
        "reward-flag-rows", title=_("Which rows are behind this?"), definition=_(DEFINITIONS[question]), tabular=False
    )
    with card.actions:
        downloads.buttons(
            f"{_KEY}-{question}",
            f"flag-{question}",
            shown,
            partial(facts, flag, shown.policy.reward_limits),
            export.cny_columns(rows.columns),
            partial(export.in_cny, stream),
        )
    with card.controls:
        reward_choices.draw_question()
    if rows.empty:
        with card.frame:
            states.nothing(_("There are none of these."))
        return
    card.answer(
        _("{found}. {source}").format(found=_found(flag), source=_source(flag.source)),
        filed=True,
        height=tables.tall(len(rows), HEIGHT),
        figure=lambda: tables.show(
            _labelled(rows, question, shown), _row_columns(question), key=f"{_KEY}-{question}-rows", height=HEIGHT
        ),
        caption=_("to be judged by a person"),
    )


def sentence(flags: Sequence[Flag]) -> str:
    """How many flags are raised, and that none of them is a verdict."""
    raised, told = [flag for flag in flags if flag.is_raised], [flag for flag in flags if flag.is_told]
    if not raised:
        return _("No flag is raised. That is a count, not a legal opinion.")
    names = _(", ").join(_(NAMES[flag.question]) for flag in raised)
    return _("**{count}** of {all} flags are raised: {names}. A person judges what that means.").format(
        count=len(raised), all=len(told), names=names
    )


def facts(flag: Flag, limits: RewardLimits) -> export.Header:
    """What a file of flagged rows states."""
    return [
        (_("Flag"), _(NAMES[flag.question])),
        (_("Definition"), _(DEFINITIONS[flag.question])),
        (_("Found"), _found(flag)),
        (_("Limit"), _limit(flag, limits)),
        (_("Source"), f"{_source(flag.source)}, {flag.source.dated.isoformat()}"),
        (_("Standing"), _("A flag to be judged by a person, not a verdict.")),
    ]


def _found(flag: Flag) -> str:
    said = {"found": formats.count(flag.found), "all": formats.count(flag.of)}
    if flag.question is Question.LEVELS:
        return _("{found} of {all} rewards").format(**said)
    if flag.question is Question.TREES:
        return _("{found} of {all} trees").format(**said)
    share = formats.percent(flag.found / flag.of) if flag.of else "–"
    return _("{found} of {all} who invited ({share})").format(share=share, **said)


def _limit(flag: Flag, limits: RewardLimits) -> str:
    if flag.question is Question.LEVELS:
        return _("beyond level {level}").format(level=limits.deepest_level)
    if flag.question is Question.TREES:
        return _("{people} people over {levels} levels, the root's own among them").format(
            people=limits.tree_people, levels=limits.tree_levels
        )
    return _("from {share} on").format(share=formats.percent(limits.paid_inviters_ratio, 0))


def _source(source: LegalSource) -> str:
    return source.name_zh if language.current() == "zh" else source.name_en


def _listed(flags: Sequence[Flag], limits: RewardLimits) -> None:
    """Each flag that the book tells of: what was found, what it is held against, and where that stands written."""
    for flag in flags:
        if not flag.is_told:
            continue
        icon = ":orange[:material/flag:]" if flag.is_raised else ":gray[:material/check:]"
        state = _("flag") if flag.is_raised else _("no flag")
        name = _(NAMES[flag.question])
        said = _("{icon} **{name}** ({state}): {found}; {limit}").format(
            icon=icon, name=name, state=state, found=_found(flag), limit=_limit(flag, limits)
        )
        written = _("{source}, {day}").format(source=_source(flag.source), day=formats.day(flag.source.dated))
        st.markdown(f"{said}  \n:gray[{written}]", help=_(DEFINITIONS[flag.question]))


def _labelled(rows: pd.DataFrame, question: Question, shown: View) -> pd.DataFrame:
    if question is Question.LEVELS:
        return rows.assign(label=[reward_words.rule(row) for row in rows.itertuples()])
    if question is Question.TREES:
        return rows.assign(channel=[value_label(CHANNEL.code, value, shown.book) for value in rows["channel"]])
    return rows


def _row_columns(question: Question) -> dict[str, Column]:
    if question is Question.LEVELS:
        metric = METRICS["reward_cost"]
        return {
            "label": Column(_("Rule"), pinned=True),
            "level": Column(_("Level"), Kind.COUNT),
            "rewards": Column(_("Rewards"), Kind.COUNT),
            "fen": Column(_(metric.name), Kind.FEN),
            "paid_fen": Column(_("Paid out"), Kind.FEN),
        }
    if question is Question.TREES:
        return {
            "root_id": Column(_("Root"), pinned=True),
            "members": Column(_("People"), Kind.COUNT),
            "levels": Column(_("Levels"), Kind.COUNT),
            "leaves": Column(_("Without referees"), Kind.COUNT),
            "registered_on": Column(_("Root registered"), Kind.DAY),
            "channel": Column(_("Root's channel")),
        }
    return {
        "member_id": Column(_("Member"), pinned=True),
        "paid_on": Column(_("Paid on"), Kind.DAY),
        "paid_fen": Column(_("Paid for memberships"), Kind.FEN),
        "first_referral_on": Column(_("First referee on"), Kind.DAY),
        "referrals": Column(_("Referees"), Kind.COUNT),
    }
