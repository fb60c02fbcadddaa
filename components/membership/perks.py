"""Do perks bring members back? Those granted one beside like members granted none, and whether they were alike."""

import math

import pandas as pd

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts.dumbbells import dumbbells
from components.language import _, ngettext
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import perks
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.perks import COVARIATES, Occasion
from rules.text import N_

HEIGHT = 200
_KEY = "perks"
_DOT = 12
_MATCHED = 0.9  # share of the granted with like members, below which it is said
_NAMES = {
    "interest_free_coupon": N_("Interest-free coupon"),
    "limit_boost": N_("Limit boost"),
    "rate_cut": N_("Rate cut"),
}
_AT = {
    Occasion.FIRST_REPAID: N_("first loan repaid"),
    Occasion.FIRST_TIER: N_("first tier joined"),
}
_OUT = {Verdict.HIGHER: "above", Verdict.LOWER: "below"}


def draw(shown: View, cells: pd.DataFrame) -> None:
    """Draw the card. cells: `queries.perks.by_stratum`."""
    display, rule, metric = shown.policy.display, shown.policy.perks, METRICS["perk_effect"]
    card = cards.begin(
        _KEY,
        title=_("Do perks bring members back?"),
        of=_("borrowed again within {days} days").format(days=rule.again_days),
        definition=_(metric.definition),
    )
    found = perks.compare(cells, significance=display.significance, thin_members=display.thin_borrowers)
    if found.empty:
        with card.frame:
            if "perk" in shown.book.missing_tables:
                states.empty(["perk"])
            else:
                states.nothing(_("No member who passes the filters was granted a perk at an occasion old enough."))
        return
    found = found.assign(
        label=[_label(row) for row in found.itertuples()], noise=found["verdict"] == Verdict.NOISE
    ).sort_values(["noise", "difference"], ascending=[True, False], ignore_index=True)
    firm = found.loc[~found["thin"]].reset_index(drop=True)

    def figure() -> None:
        if firm.empty:
            states.incomparable()
        else:
            cards.chart(_figure(firm), _KEY)

    card.answer(
        sentence(found, rule.again_days, rule.value_months),
        height=HEIGHT,
        figure=figure,
        table=lambda height: tables.show(_listed(found), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(firm)),
    )


def sentence(found: pd.DataFrame, days: int, months: int) -> str:
    """Which perks bring members back and which change nothing, whether that pays, and of which nothing can be told."""
    firm = found.loc[~found["thin"]]
    few = _("Too few members were granted a perk, or too few none, to say what it brings.")
    said = [
        sentences(_effect(row, days), _return(row, months) if row.verdict == Verdict.HIGHER else "")
        for row in firm.itertuples()
    ] or [few]
    said += [_warning(row) for row in firm.itertuples() if row.unlike]
    alone = found.loc[(found["none"] == 0) & (found["granted"] > 0)]
    said += [
        _("**{perk}**: granted to all, so there is nobody like them to hold them against.").format(perk=row.label)
        for row in alone.itertuples()
    ]
    return sentences(*said)


def _effect(row: tuple, days: int) -> str:
    text = {
        Verdict.HIGHER: _(
            "**{perk} brings members back**: {rate} of those granted it borrowed again, {none} of like members granted "
            "none, **{points} more**; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{perk} keeps members away**: {rate} of those granted it borrowed again, {none} of like members granted "
            "none, **{points} less**; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "**{perk} changes nothing** that is more than noise ({rate} against {none}), though {redeemed} of those "
            "who redeemed it borrowed again."
        ),
        Verdict.NOT_COMPARED: _("**{perk}**: there are no like members granted none to hold it against."),
    }[row.verdict]
    return text.format(
        perk=_(_NAMES.get(row.kind, row.kind)),
        rate=formats.percent(row.granted_rate),
        none=formats.percent(row.none_rate),
        points=formats.points_size(row.difference),
        redeemed=formats.percent(row.redeemed_again / row.redeemed, 0) if row.redeemed else _("none"),
        days=days,
    )


def _return(row: tuple, months: int) -> str:
    said = {
        "value": formats.money(round(row.value_difference_fen)),
        "low": formats.money(round(row.value_low_fen)),
        "high": formats.money(round(row.value_high_fen)),
        "months": months,
    }
    if math.isnan(row.value_p_value):
        return _("Whether it pays can't be told yet.")
    if row.value_low_fen > 0:
        text = _("It pays: {value} more a member in {months} months ({low} to {high}).")
    elif row.value_high_fen < 0:
        text = _("It does not pay: {value} a member in {months} months ({low} to {high}).")
    else:
        text = _("Whether it pays is not settled: {value} a member in {months} months ({low} to {high}).")
    return text.format(**said)


def _warning(row: tuple) -> str:
    return _(
        ":orange[:material/warning: **{perk}**: the groups differed before in {what}, so the effect may be theirs "
        "rather than the perk's.]"
    ).format(perk=_(_NAMES.get(row.kind, row.kind)), what=_(", ").join(_(COVARIATES[name]) for name in row.unlike))


def _label(row: tuple) -> str:
    return _(", ").join([_(_NAMES.get(row.kind, row.kind)), _(_AT[Occasion(row.occasion)])])


@base.drawn_once
def _figure(firm: pd.DataFrame) -> object:
    names = (_("granted"), _("like, none"))
    rows = firm.assign(
        label=[_(_NAMES.get(kind, kind)) for kind in firm["kind"]],
        first_rate=firm["granted_rate"],
        second_rate=firm["none_rate"],
        first_size=_DOT,
        second_size=_DOT,
        summary=False,
        stands_out=[_OUT.get(each, "") for each in firm["verdict"]],
        difference_text=[formats.points_signed(gap) for gap in firm["difference"]],
        first_hover=[_hover(names[0], row, row.granted_rate, row.granted) for row in firm.itertuples()],
        second_hover=[_hover(names[1], row, row.none_rate, row.none) for row in firm.itertuples()],
    )
    return dumbbells(rows, names=names, head=_("Difference"), height=HEIGHT, judged=theme.WELCOME)


def _hover(name: str, row: tuple, rate: float, members: int) -> str:
    return "<br>".join(
        [
            f"<b>{name}</b> · {row.label}: {formats.percent(rate)}",
            _("difference {low} to {high} points").format(
                low=formats.points_signed(row.low), high=formats.points_signed(row.high)
            ),
            ngettext("{count} member", "{count} members", members).format(count=formats.count(members)),
        ]
    )


def _caption(firm: pd.DataFrame) -> list[str]:
    said = [
        _("{perk}: {granted} granted, {none} none").format(
            perk=_(_NAMES.get(row.kind, row.kind)),
            granted=formats.count(row.granted),
            none=formats.count(row.none),
        )
        for row in firm.itertuples()
    ]
    said.append(_("all who were granted it count, redeemed or not, whenever registered"))
    said.append(_("like = same tier, channel, score band, quarter and number of loans"))
    if len(firm) and firm["matched_ratio"].min() < _MATCHED:
        said.append(
            _("{share} of them have a counterpart").format(share=formats.percent(firm["matched_ratio"].min(), 0))
        )
    if len(firm) and not firm["unlike"].map(bool).any():
        said.append(_("alike before in all that is known"))
    return said


def _listed(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(
        redeemed_rate=found["redeemed"] / found["granted"],
        differed=[_(", ").join(_(COVARIATES[name]) for name in names) for names in found["unlike"]],
    )


def _columns() -> dict[str, Column]:
    effect, value = METRICS["perk_effect"], METRICS["perk_return"]
    return {
        "label": Column(_("Perk"), pinned=True),
        "granted_rate": Column(_("Again, granted"), Kind.RATIO),
        "none_rate": Column(_("Again, like but none"), Kind.RATIO),
        "difference": Column(_(effect.name), Kind.POINTS, help=_(effect.definition)),
        "low": Column(_("Lower end"), Kind.POINTS),
        "high": Column(_("Upper end"), Kind.POINTS),
        "q_value": Column(_("q-value"), Kind.DECIMAL, help=_("Benjamini-Hochberg over all that is looked at")),
        "value_difference_fen": Column(_(value.name), Kind.FEN, help=_(value.definition)),
        "value_low_fen": Column(_("Return, lower end"), Kind.FEN),
        "value_high_fen": Column(_("Return, upper end"), Kind.FEN),
        "matched_ratio": Column(_("Have a counterpart"), Kind.RATIO),
        "distance": Column(
            _("Largest distance before"),
            Kind.DECIMAL,
            help=_("In standard deviations, after matching; above 0.1 the groups are called unlike"),
        ),
        "differed": Column(_("Differed before in")),
        "granted": Column(_("Granted"), Kind.COUNT),
        "none": Column(_("Granted none"), Kind.COUNT),
        "redeemed_rate": Column(_("Redeemed"), Kind.RATIO),
    }
