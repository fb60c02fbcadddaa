"""Which tier really earns? What members on each tier bring in and cost a month, part by part, and what remains."""

import math
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, states, tables, theme
from components.charts import base
from components.charts.contributions import contributions
from components.filters.words import members_in_words
from components.language import _, value_label
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import worth
from rules.dimensions import TIER, UNKNOWN
from rules.metrics import METRICS
from rules.text import N_
from rules.worth import COSTS, INCOME, Part, Verdict

HEIGHT = 290
_KEY = "worth"
_NAMES = {
    Part.INTEREST: N_("interest"),
    Part.FEE: N_("fees"),
    Part.MEMBERSHIP_FEE: N_("membership fees"),
    Part.FUNDING: N_("funding"),
    Part.LOSS: N_("losses"),
    Part.PERK: N_("perks"),
    Part.CONTACT: N_("contacts"),
    Part.REWARD: N_("rewards"),
}
_COLOURS = {
    Part.INTEREST: theme.ACCENT,
    Part.FEE: theme.faded(theme.ACCENT, 0.62),
    Part.MEMBERSHIP_FEE: theme.faded(theme.ACCENT, 0.32),
    Part.FUNDING: theme.faded(theme.UNCERTAIN, 0.6),
    Part.LOSS: theme.BAD,
    Part.REWARD: theme.faded(theme.BAD, 0.45),
}
_FILE = ("member_no", "member_id", "tier", "months", *worth.COLUMNS, "contribution_fen")
_SMALL = (Part.PERK, Part.CONTACT, Part.REWARD)  # drawn as one: each has its own column in the table


def draw(shown: View, parts: pd.DataFrame, stream: downloads.Batches) -> None:
    """Draw the card. parts: `queries.worth.by_tier`; stream: `queries.worth.members_behind`, for files."""
    display, metric = shown.policy.display, METRICS["contribution"]
    card = cards.begin(
        _KEY, title=_("Which tier really earns?"), of=_("per member and month"), definition=_(metric.definition)
    )
    judge = {"significance": display.significance, "thin_members": display.thin_borrowers}
    found = worth.per_member_month(parts, **judge)
    held = found.loc[(found["value"] != UNKNOWN) & (found["months"] > 0)].reset_index(drop=True)
    if held.empty:
        with card.frame:
            states.nothing(_("No member who passes the filters was on a tier at the end of a month."))
        return
    named = {value: _tier(value, shown) for value in found["value"]}
    with card.actions:
        rows = partial(export.in_cny, stream)
        downloads.buttons(_KEY, "worth-of-members", shown, partial(facts, shown), export.cny_columns(_FILE), rows)
    card.answer(
        sentence(held, named, display.significance),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(held, named), _KEY),
        table=lambda height: tables.show(_listed(found, named), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(held, shown)),
    )


def sentence(held: pd.DataFrame, named: dict[str, str], significance: float) -> str:
    """Which tier is left with most, whether that is more than noise, who brings in more, and who does not earn."""
    firm = held.loc[held["verdict"] != Verdict.THIN].sort_values("contribution_each", ascending=False)
    if firm.empty:
        return _("Too few members stood on any tier to say which one earns.")
    best = firm.iloc[0]
    said = {
        "tier": named[best["value"]],
        "each": formats.money(round(best["contribution_each"])),
        "low": formats.money(round(best["low"])),
        "high": formats.money(round(best["high"])),
    }
    told = _("**{tier}** is left with **{each}** a member and month ({low} to {high}).").format(**said)
    if len(firm) > 1:
        second = firm.iloc[1]
        said["second"] = named[second["value"]]
        said["other"] = formats.money(round(second["contribution_each"]))
        is_sure = worth.differs(best, second, significance)
        told = (
            _("**{tier} earns most**: **{each}** a member and month ({low} to {high}), {second} {other}; the "
              "difference is not noise.")
            if is_sure
            else _("**{tier}** is left with most, **{each}** a member and month ({low} to {high}), but against "
                   "{second} with {other} the difference is no more than noise.")
        ).format(**said)  # fmt: skip
    return sentences(told, _brings_more(firm, best, named), _doubtful(firm, named))


def _brings_more(firm: pd.DataFrame, best: pd.Series, named: dict[str, str]) -> str:
    """A tier whose loans bring in more than those of the one that earns most, but which is left with less."""
    lent = firm["interest_fen_each"] + firm["fee_fen_each"]
    most = firm.loc[lent.idxmax()]
    if most["value"] == best["value"]:
        return ""
    return _("{tier} brings in more interest and fees ({more} against {less}), and loses more of it.").format(
        tier=named[most["value"]],
        more=formats.money(round(lent.max())),
        less=formats.money(round(best["interest_fen_each"] + best["fee_fen_each"])),
    )


def _doubtful(firm: pd.DataFrame, named: dict[str, str]) -> str:
    losing = [named[value] for value in firm.loc[firm["verdict"] == Verdict.LOSES, "value"]]
    unsure = [named[value] for value in firm.loc[firm["verdict"] == Verdict.UNSURE, "value"]]
    return sentences(
        _("**Costs more than it brings in**: {tiers}.").format(tiers=_listing(losing)) if losing else "",
        _("Whether it earns can't be told from noise: {tiers}.").format(tiers=_listing(unsure)) if unsure else "",
    )


def _listing(names: list[str]) -> str:
    return _(", ").join(names)


def _tier(value: str, shown: View) -> str:
    return _("No tier") if value == UNKNOWN else value_label(TIER.code, value, shown.book)


@base.drawn_once
def _figure(held: pd.DataFrame, named: dict[str, str]) -> go.Figure:
    rows = pd.DataFrame(
        {
            "label": [named[value] for value in held["value"]],
            **{part.value: held[f"{part.column}_each"] for part in worth.PARTS if part not in _SMALL},
            Part.REWARD.value: sum(held[f"{part.column}_each"] for part in _SMALL),
            "remains": held["contribution_each"],
            "low": held["low"],
            "high": held["high"],
            "remains_text": [_marked(row) for row in held.itertuples()],
            "colour": [_ink(verdict) for verdict in held["verdict"]],
            "hover": [_hover(row, named) for _place, row in held.iterrows()],
        }
    )
    income = {part.value: (_(_NAMES[part]), _COLOURS[part]) for part in INCOME}
    costs = {part.value: (_(_NAMES[part]), _COLOURS[part]) for part in (Part.LOSS, Part.FUNDING)}
    costs[Part.REWARD.value] = (_("perks, contacts, rewards"), _COLOURS[Part.REWARD])
    return contributions(rows, income=income, costs=costs, height=HEIGHT)


def _marked(row: tuple) -> str:
    mark = {Verdict.EARNS: "▲ ", Verdict.LOSES: "▼ ", Verdict.UNSURE: "≈ ", Verdict.THIN: ""}[row.verdict]
    return f"{mark}{formats.money(round(row.contribution_each))}"


def _ink(verdict: Verdict) -> str:
    return {Verdict.EARNS: theme.GOOD, Verdict.LOSES: theme.BAD}.get(verdict, theme.MUTED)


def _hover(row: pd.Series, named: dict[str, str]) -> str:
    spread = ""
    if not math.isnan(row["low"]):
        spread = f" ({formats.money(round(row['low']))} – {formats.money(round(row['high']))})"
    lines = [
        f"<b>{named[row['value']]}</b> {formats.money(round(row['contribution_each']))}{spread}",
        *(
            f"{'+' if part in INCOME else formats.MINUS} {_(_NAMES[part])} "
            f"{formats.money(round(row[f'{part.column}_each']))}"
            for part in worth.PARTS
        ),
        _("{members} members, {months} months").format(
            members=formats.count(row["members"]), months=formats.count(row["months"])
        ),
    ]
    return "<br>".join(lines)


def facts(shown: View) -> export.Header:
    """What a file states of its rows: the metric and the filters."""
    metric = METRICS["contribution"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Filters"), members_in_words(shown.members.over_all_time(), shown.filters, shown.book)),
    ]


def _caption(held: pd.DataFrame, shown: View) -> list[str]:
    level = formats.percent(1 - shown.policy.display.significance, 0)
    said = [
        _("n = {count} months of members").format(count=formats.count(int(held["months"].sum()))),
        _("all members, on the tier of each month, held at its end"),
        _("○ = what is left, whisker {level}, by member").format(level=level),
        _("losses = written off less recovered, plus expected on loans late now"),
    ]
    if (held["verdict"] == Verdict.THIN).any():
        said.append(_("no mark = few members"))
    return said


def _listed(found: pd.DataFrame, named: dict[str, str]) -> pd.DataFrame:
    return found.assign(label=[named[value] for value in found["value"]])


def _columns() -> dict[str, Column]:
    metric = METRICS["contribution"]
    return {
        "label": Column(_("Tier"), pinned=True),
        "contribution_each": Column(_("Remains"), Kind.FEN, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.FEN),
        "high": Column(_("Upper end"), Kind.FEN),
        **{f"{part.column}_each": Column(_(_NAMES[part]).capitalize(), Kind.FEN) for part in (*INCOME, *COSTS)},
        "members": Column(_("Members"), Kind.COUNT),
        "months": Column(_("Months"), Kind.COUNT),
        "contribution_fen": Column(_("Remains in all"), Kind.FEN),
    }
