"""What would other terms have cost? The rules of rewards, changed in their table; the link keeps what is tried."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from components import cards, formats, linked, states, tables
from components.language import _
from components.referrals import reward_choices, reward_words
from rules import reward_simulator as simulator
from rules.metrics import METRICS
from rules.reward_simulator import Plan, PlanError, Rule

HEIGHT = 310
_KEY = "reward-terms"
_FAULT = f"{_KEY}-fault"


def plan(rules: pd.DataFrame) -> Plan:
    """What the link asks to try. rules: `queries.reward_simulation.rules`."""
    standing, asked = simulator.rules(rules), reward_choices.terms()
    return simulator.plan(standing, simulator.read(asked.rules, standing), asked.cap_fen)


def draw(rules: pd.DataFrame, tried: Plan, by_campaign: pd.DataFrame) -> None:
    """Draw the card. by_campaign: `queries.reward_simulation.by_campaign` under the plan that is tried."""
    metric = METRICS["reward_simulated"]
    card = cards.begin(
        _KEY, title=_("What would other terms have cost?"), definition=_(metric.definition), tabular=False
    )
    standing = simulator.rules(rules)
    if not standing:
        with card.frame:
            states.empty(["reward_rule"])
        return
    with card.actions:
        st.button(
            _("As they stand"),
            icon=":material/undo:",
            type="tertiary",
            key=f"{_KEY}-reset",
            disabled=tried.is_idle,
            on_click=_reset,
        )
    with card.controls:
        _draw_cap(tried)
    card.answer(
        sentence(simulator.outcome(by_campaign), tried),
        height=HEIGHT,
        figure=lambda: _draw_editor(standing, simulator.read(reward_choices.terms().rules, standing)),
        caption=" · ".join(
            [_("change a number to try it"), _("twelve months to the as-of date"), reward_words.all_times()]
        ),
    )
    with card.frame:
        if fault := st.session_state.get(_FAULT):
            st.markdown(f":red[:material/error: {_(fault)}]")
        st.caption(_(simulator.FIXED))


def sentence(outcome: Mapping[str, int], tried: Plan) -> str:
    """What the year cost, and what it would have cost under the terms that are tried."""
    was, would = outcome["fen"] - outcome["reversed_fen"], outcome["new_fen"] - outcome["new_reversed_fen"]
    said = {"was": formats.money(was), "would": formats.money(would), "change": formats.money(abs(would - was))}
    if tried.is_idle:
        return _("The rewards of the past year cost **{was}**, less what was reversed.").format(**said)
    if would == was:
        return _("Under these terms the past year would have cost **{would}**, as much as it did.").format(**said)
    text = (
        _("Under these terms the past year would have cost **{would}**, **{change} more** than the {was} it did.")
        if would > was
        else _("Under these terms the past year would have cost **{would}**, **{change} less** than the {was} it did.")
    )
    return text.format(**said)


def _draw_cap(tried: Plan) -> None:
    widget = f"{_KEY}-cap"
    st.session_state[widget] = None if tried.cap_fen is None else tried.cap_fen // 100
    if tried.cap_fen is not None:  # a number hides the words in the box
        label = _("{label}, CNY").format(label=_("Cap per beneficiary"))
        st.markdown(f":gray[{label}]", width="content")
    st.number_input(
        _("Most that one beneficiary receives in the year, CNY"),
        min_value=0,
        step=100,
        key=widget,
        placeholder=_("No cap per beneficiary, CNY"),
        on_change=_write_cap,
        args=(widget,),
        label_visibility="collapsed",
        width=250,
    )


def _draw_editor(standing: tuple[Rule, ...], tried: tuple[Rule, ...]) -> None:
    shown = pd.DataFrame(
        {
            "label": [reward_words.rule(rule) for rule in standing],
            "pays": [rule.pays for rule in tried],
            "amount": [rule.amount_fen / 100 for rule in tried],
            "threshold": pd.array([rule.threshold for rule in tried], dtype="Int64"),
            "level": pd.array([rule.level for rule in tried], dtype="Int64"),
        }
    )
    widget = f"{_KEY}-{reward_choices.terms().rules}"
    number = st.column_config.NumberColumn
    st.data_editor(
        shown,
        key=widget,
        hide_index=True,
        height=tables.tall(len(shown), HEIGHT),
        row_height=tables.ROW,
        placeholder="",
        disabled=["label"],
        column_config={
            "label": st.column_config.TextColumn(_("Rule"), pinned=True),
            "pays": st.column_config.CheckboxColumn(_("Pays"), width=56),
            "amount": number(_("Amount, CNY"), min_value=0, step=1, format="localized", width=104),
            "threshold": number(_("Threshold"), min_value=1, step=1, width=84),
            "level": number(_("Level"), min_value=1, max_value=simulator.DEEPEST, step=1, width=64),
        },
        on_change=_write_terms,
        args=(widget, standing, tried),
    )


def _write_terms(widget: str, standing: tuple[Rule, ...], tried: tuple[Rule, ...]) -> None:
    """Keep what was edited in the link; what can't be tried is said instead."""
    edited = st.session_state[widget]["edited_rows"]
    rules = tuple(_edited(rule, edited.get(place, {})) for place, rule in enumerate(tried))
    try:
        changed = simulator.plan(standing, rules)
    except PlanError as error:
        st.session_state[_FAULT] = str(error)
        return
    st.session_state.pop(_FAULT, None)
    linked.choose(reward_choices.TERMS, simulator.written(changed), "")


def _edited(rule: Rule, cells: Mapping[str, Any]) -> Rule:
    """A rule with the cells that were changed; an amount that was emptied stays as it was."""
    if cells.get("amount") is not None:
        rule = replace(rule, amount_fen=round(cells["amount"] * 100))
    if "threshold" in cells:
        rule = replace(rule, threshold=cells["threshold"])
    if "level" in cells:
        rule = replace(rule, level=cells["level"])
    return replace(rule, pays=bool(cells.get("pays", rule.pays)))


def _write_cap(widget: str) -> None:
    asked = st.session_state[widget]
    linked.choose(reward_choices.CAP, "" if asked is None else str(int(asked) * 100), "")


def _reset() -> None:
    st.session_state.pop(_FAULT, None)
    linked.choose(reward_choices.TERMS, "", "")
    linked.choose(reward_choices.CAP, "", "")
