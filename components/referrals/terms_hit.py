"""Whom would these terms hit? Beneficiaries by size of the change, or the cost by campaign or rule, then and now."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, linked, states, tables, theme
from components.charts.bars import bars
from components.charts.paired_bars import paired_bars
from components.filters.words import members_in_words
from components.language import _, ngettext
from components.referrals import reward_words
from components.tables import Column, Kind
from components.view import View
from rules import reward_simulator as simulator
from rules.metrics import METRICS
from rules.reward_simulator import Plan
from rules.text import N_

HEIGHT = 310
_KEY = "reward-hit"
SIZE, CAMPAIGN, RULE = "size", "campaign", "rule"
_BY = {SIZE: N_("By size of the change"), CAMPAIGN: N_("By campaign"), RULE: N_("By rule")}
_DRAWN = 8  # rows


def draw(
    shown: View, rules: pd.DataFrame, tried: Plan, frames: dict[str, pd.DataFrame], stream: downloads.Batches
) -> None:
    """Draw the card.

    frames: by_size, by_campaign, by_rule, hit of `queries.reward_simulation`; stream: all who would be hit, for files.
    """
    metric = METRICS["reward_simulated"]
    card = cards.begin(_KEY, title=_("Whom would these terms hit?"), definition=_(metric.definition))
    if frames["by_campaign"].empty:
        with card.frame:
            states.nothing(_("No reward was accrued in the past year for members who pass the filters."))
        return
    with card.actions:
        downloads.buttons(
            _KEY,
            "rewards-under-other-terms",
            shown,
            partial(facts, shown, tried),
            export.cny_columns(frames["hit"].columns),
            partial(export.in_cny, stream),
        )
    with card.controls:
        by = linked.select("hit_by", list(_BY), opening=SIZE, label=_("Group by"), named=lambda code: _(_BY[code]))
    sizes = simulator.sizes(frames["by_size"])
    if by == SIZE:
        figure, table = partial(_sizes, sizes), partial(_hit_table, frames["hit"])
    else:
        found = _named(frames[f"by_{by}"], by, rules, shown)
        figure, table = partial(_pairs, found), partial(_cost_table, found, by)
    card.answer(
        sentence(sizes),
        height=HEIGHT,
        figure=lambda: cards.chart(figure(), f"{_KEY}-{by}"),
        table=table,
        caption=" · ".join(_caption(by, frames, tried)),
    )


def sentence(sizes: pd.DataFrame) -> str:
    """How many beneficiaries would have kept less, and how many more."""
    lose, gain = sizes.loc[sizes["change_fen"] < 0], sizes.loc[sizes["change_fen"] > 0]
    fewer, more = int(lose["beneficiaries"].sum()), int(gain["beneficiaries"].sum())
    same = int(sizes["beneficiaries"].sum()) - fewer - more
    if not fewer and not more:
        return ngettext(
            "**{count}** beneficiary would have kept what they kept.",
            "**{count}** beneficiaries would have kept what they kept.",
            same,
        ).format(count=formats.count(same))
    return _("**{fewer}** beneficiaries would have kept less, **{more}** more, {same} as much as they did.").format(
        fewer=formats.count(fewer), more=formats.count(more), same=formats.count(same)
    )


def facts(shown: View, tried: Plan) -> export.Header:
    """What a file states of its rows."""
    metric = METRICS["reward_simulated"]
    cap = "" if tried.cap_fen is None else formats.money_exact(tried.cap_fen)
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Terms tried"), simulator.written(tried) or _("none")),
        (_("Cap per beneficiary"), cap or _("none")),
        (_("Held fixed"), _(simulator.FIXED)),
        (_("Filters"), members_in_words(shown.members, shown.filters, shown.book)),
    ]


def _sizes(sizes: pd.DataFrame) -> go.Figure:
    rows = pd.DataFrame(
        {
            "label": [_band(row) for row in sizes.itertuples()],
            "value": sizes["beneficiaries"],
            "text": [
                formats.count(row.beneficiaries) + (f" · {_signed(row.change_fen)}" if row.change_fen else "")
                for row in sizes.itertuples()
            ],
        }
    )
    return bars(rows, height=HEIGHT)


def _band(row: tuple) -> str:
    """What a band of changes is called: ¥100–500 less, as much, over ¥500 more."""
    if pd.isna(row.from_fen):
        return _("Over {amount} less").format(amount=formats.money(-int(row.until_fen)))
    if row.from_fen == 0:
        return _("As much")
    if pd.isna(row.until_fen):
        return _("Over {amount} more").format(amount=formats.money(int(row.from_fen) - 1))
    if row.from_fen < 0:
        low, high = -int(row.until_fen), -int(row.from_fen)
        text = _("Up to {high} less") if low <= 0 else _("{low} to {high} less")
    else:
        low, high = int(row.from_fen) - 1, int(row.until_fen) - 1
        text = _("Up to {high} more") if low <= 0 else _("{low} to {high} more")
    return text.format(low=formats.money(low), high=formats.money(high))


def _signed(fen: int) -> str:
    return f"+{formats.money(fen)}" if fen > 0 else formats.money(fen)


def _named(parts: pd.DataFrame, by: str, rules: pd.DataFrame, shown: View) -> pd.DataFrame:
    """Cost less reversals then and now, the largest change first."""
    if by == CAMPAIGN:
        labels = [reward_words.campaign(code, shown.book) for code in parts[CAMPAIGN]]
    else:
        known = {rule.rule_id: reward_words.rule(rule) for rule in simulator.rules(rules)}
        labels = [known.get(rule, _("Rule not in the book")) for rule in parts["rule_id"]]
    found = parts.assign(
        label=labels,
        was_fen=parts["fen"] - parts["reversed_fen"],
        would_fen=parts["new_fen"] - parts["new_reversed_fen"],
    )
    found = found.assign(change_fen=found["would_fen"] - found["was_fen"])
    order = found.assign(size=found["change_fen"].abs()).sort_values(
        ["size", "was_fen"], ascending=False, kind="stable"
    )
    return order.drop(columns="size").reset_index(drop=True)


def _pairs(found: pd.DataFrame) -> go.Figure:
    rows = found.iloc[:_DRAWN]
    rows = rows.assign(
        colour=theme.ACCENT,
        first=rows["would_fen"],
        second=rows["was_fen"],
        first_text=[formats.money(fen) for fen in rows["would_fen"]],
        second_text=[formats.money(fen) for fen in rows["was_fen"]],
        hover=[f"<b>{row.label}</b><br>{_signed(row.change_fen)}" for row in rows.itertuples()],
    )
    return paired_bars(rows, names=(_("under these terms"), _("as it was")), height=HEIGHT)


def _cost_table(found: pd.DataFrame, by: str, height: int) -> None:
    columns = {
        "label": Column(_("Campaign") if by == CAMPAIGN else _("Rule"), pinned=True),
        "was_fen": Column(_("As it was"), Kind.FEN),
        "would_fen": Column(_("Under these terms"), Kind.FEN),
        "change_fen": Column(_("Change"), Kind.FEN),
        "rewards": Column(_("Rewards then"), Kind.COUNT),
        "new_rewards": Column(_("Rewards now"), Kind.COUNT),
    }
    tables.show(found, columns, key=f"{_KEY}-{by}-rows", height=height)


def _hit_table(hit: pd.DataFrame, height: int) -> None:
    if hit.empty:
        states.nothing(_("Nobody would have kept more or less."))
        return
    columns = {
        "member_id": Column(_("Beneficiary"), pinned=True),
        "fen": Column(_("Kept"), Kind.FEN),
        "new_fen": Column(_("Under these terms"), Kind.FEN),
        "change_fen": Column(_("Change"), Kind.FEN),
    }
    tables.show(hit, columns, key=f"{_KEY}-members-rows", height=height)


def _caption(by: str, frames: Mapping[str, pd.DataFrame], tried: Plan) -> list[str]:
    said = [_("what was reversed left out"), reward_words.all_times()]
    if by == CAMPAIGN:
        said.insert(0, _("campaign of the referee, else of the nearest referrer above"))
    if by != SIZE and len(frames[f"by_{by}"]) > _DRAWN:
        said.insert(0, _("{shown} of {all} drawn, the table has all").format(
            shown=_DRAWN, all=len(frames[f"by_{by}"])
        ))  # fmt: skip
    if tried.cap_fen is not None:
        said.append(_("capped at {cap} a beneficiary, the first rewards first").format(
            cap=formats.money(tried.cap_fen)
        ))  # fmt: skip
    return said
