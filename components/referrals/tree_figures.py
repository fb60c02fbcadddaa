"""What does this branch come to? Members, borrowers, defaults, value and rewards, beside those of all trees."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from components import cards, downloads, export, formats, states, tables
from components.filters.words import default_in_words
from components.language import _
from components.rates.time import words
from components.tables import Column
from components.view import View
from rules.default_rates import Verdict, verdict
from rules.intervals import wilson
from rules.metrics import METRICS
from rules.proportions import difference
from rules.trees import Scope

HEIGHT = 340
_KEY = "tree-figures"
_FILE = ("position", "parent_position", "member_id", "level", "referrals", "depth")

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, scope: Scope, here: pd.Series, whole: pd.Series, stream: downloads.Batches) -> None:
    """Draw the card. here, whole: what the scope and all trees come to; stream: all its members."""
    metric = METRICS["branch_default"]
    card = cards.begin(_KEY, title=_("What does it come to?"), definition=_(metric.definition), tabular=False)
    if here.empty or pd.isna(here["members"]):
        with card.frame:
            states.nothing(_("No tree was found to sum up."))
        return
    card.answer(
        sentence(here, whole, shown.policy.display.significance),
        height=HEIGHT,
        figure=lambda: tables.show(_rows(here, whole), _columns(), key=_KEY, height=HEIGHT),
        caption=_("default = {definition}").format(definition=default_in_words(*opening(shown))),
    )
    with (
        card.frame,
        st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"controls-{_KEY}-file"),
    ):
        st.caption(_("Every member of it:"), width="content")
        downloads.buttons(_KEY, "referral-tree", shown, partial(_facts, shown, scope), _file_columns(), stream)


def opening(shown: View) -> tuple:
    """The definition of default and the horizon with which the pages open: those by which branches are summed."""
    rule = shown.policy.default
    own = shown.book.definition
    return (type(rule.definition)(own) if own else rule.definition), rule.horizon


def sentence(here: pd.Series, whole: pd.Series, significance: float) -> str:
    """The default rate against all other borrowers, and what a member is worth."""
    said = [_default(here, whole, significance)]
    if pd.notna(here["value_fen"]):
        said.append(
            _("A member has been worth **{each}** so far.").format(
                each=formats.money(round(here["value_fen"] / here["members"]))
            )
        )
    return words.sentences(*said)


def _default(here: pd.Series, whole: pd.Series, significance: float) -> str:
    k, n = int(here["defaulted"]), int(here["mature"])
    if not n:
        return _("No borrower has been observed for long enough to tell of defaults.")
    low, high = wilson(k, n, 1 - significance)
    gap = difference(k, n, int(whole["defaulted"]) - k, int(whole["mature"]) - n).iloc[0]
    told = {
        Verdict.HIGHER: _("**{rate}** ({interval}) of {n} borrowers defaulted, **more** than all others; not noise."),
        Verdict.LOWER: _("**{rate}** ({interval}) of {n} borrowers defaulted, **fewer** than all others; not noise."),
        Verdict.NOISE: _("**{rate}** ({interval}) of {n} borrowers defaulted; against all others that is noise."),
        Verdict.NOT_COMPARED: _("**{rate}** ({interval}) of {n} borrowers defaulted."),
    }[verdict(float(gap["difference"]), float(gap["p_value"]), significance)]
    return told.format(
        rate=formats.percent(k / n), interval=formats.interval(float(low), float(high)), n=formats.count(n)
    )


def hover(row: tuple) -> str:
    """What is said of a branch on hover. row: of `rules.trees.judged`."""
    name = _("{count} more below {member}") if row.more else _("{member}, level {level}")
    said = [
        f"<b>{name.format(count=formats.count(row.members), member=row.member_id, level=row.level)}</b>",
        _("{members} members, {borrowers} borrowers").format(
            members=formats.count(row.members), borrowers=formats.count(row.borrowers)
        ),
    ]
    if row.mature:
        said.append(
            _("{rate} defaulted, {defaulted} of {mature}").format(
                rate=formats.percent(row.default_rate),
                defaulted=formats.count(row.defaulted),
                mature=formats.count(row.mature),
            )
        )
    if pd.notna(row.value_fen):
        said.append(_("value {value}").format(value=formats.money(int(row.value_fen))))
    if pd.notna(row.reward_fen):
        said.append(_("rewards {rewards}").format(rewards=formats.money(int(row.reward_fen))))
    if pd.notna(row.suspected) and row.suspected:
        said.append(_("{count} suspected of abuse").format(count=formats.count(int(row.suspected))))
    return "<br>".join(said)


def _rows(here: pd.Series, whole: pd.Series) -> pd.DataFrame:
    """A row per figure: what it is, here, and of all."""
    listed = {
        _("Members"): lambda of: formats.count(int(of["members"])),
        _("Borrowers"): lambda of: formats.count(int(of["borrowers"])),
        _("Observed for the horizon"): lambda of: formats.count(int(of["mature"])),
        _("Defaulted"): lambda of: formats.count(int(of["defaulted"])),
        _("Default rate"): lambda of: formats.percent(of["defaulted"] / of["mature"]) if of["mature"] else "–",
        _("Value so far"): lambda of: _money(of["value_fen"]),
        _("Value per member"): lambda of: _money(of["value_fen"], of["members"]),
        _("Rewards"): lambda of: _money(of["reward_fen"]),
        _("Rewards per member"): lambda of: _money(of["reward_fen"], of["members"]),
        _("Suspected of abuse"): lambda of: "–" if pd.isna(of["suspected"]) else formats.count(int(of["suspected"])),
    }
    return pd.DataFrame(
        [{"figure": name, "here": told(here), "all": told(whole)} for name, told in listed.items()]
    )  # fmt: skip


def _money(fen: float, members: float = 1) -> str:
    return "–" if pd.isna(fen) else formats.money(round(fen / members))


def _columns() -> dict[str, Column]:
    return {
        "figure": Column(_("Figure"), pinned=True),
        "here": Column(_("Here")),
        "all": Column(_("All trees")),
    }


def _file_columns() -> list[str]:
    sums = ("members", "borrowers", "mature", "defaulted", "value_cny", "reward_cny", "suspected")
    return [*_FILE, *sums, *(f"own_{name}" for name in sums)]


def _facts(shown: View, scope: Scope) -> export.Header:
    """What a file states of its rows."""
    metric = METRICS["branch_default"]
    whose = scope.member_id or scope.campaign or _("All trees")
    return [
        (_("Metric"), f"{_(metric.name)}: {default_in_words(*opening(shown))}"),
        (_("Definition"), _(metric.definition)),
        (_("Shown"), whose),
    ]
