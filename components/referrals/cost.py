"""What does a borrower cost, all in? Every part of the cost stacked, beside what a borrower is worth."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from components import cards, formats, tables
from components.charts.cost_bars import cost_bars
from components.language import _
from components.rates.time import words
from components.referrals import cost_choices, cost_words
from components.referrals.cost_words import between, money
from components.tables import Column, Kind
from components.view import View
from rules.acquisition import SHOWN, Change, Step
from rules.default_rates import Verdict
from rules.metrics import METRICS

HEIGHT = 320
_KEY = "cost"
_FIT = 9  # rows that the height holds


@dataclass(frozen=True)
class Deceptive:
    """A campaign that is cheap per registration and dear per repaying borrower, beside all paid channels."""

    value: str
    name: str
    registered_fen: float
    repaying_fen: float
    whole_fen: float


def draw(
    shown: View,
    found: pd.DataFrame,
    told: pd.DataFrame,
    change: Change | None,
    deceptive: Deceptive | None,
    files: Callable[[], None],
) -> None:
    """Draw the card.

    found: `rules.acquisition.per_head` by what is chosen, with `value_each`; told: the same rows of everything, of the
    paid channels and of the others (value all, paid). change: the cost per first loan against the period before.
    deceptive: the campaign that only looks cheap. files: draws the buttons of the rows behind it.
    """
    step, by = cost_choices.step(), cost_choices.by()
    metric = METRICS["cost_per_repaying_borrower" if step is Step.REPAYING else "cost_per_acquisition"]
    card = cards.begin(
        _KEY,
        title=_("What does a borrower cost, all in?"),
        of=_(cost_words.STEPS[step]),
        definition=_(metric.definition),
    )
    with card.actions:
        files()
    with card.controls:
        cost_choices.draw()
    rows = _with_texts(found, shown, by, step)
    drawn = _fitting(rows, by, "" if deceptive is None else deceptive.value)
    card.answer(
        words.sentences(sentence(told, change, step), looks_cheap(deceptive)),
        height=HEIGHT,
        figure=lambda: cards.chart(
            cost_bars(
                drawn, parts=cost_words.part_names(), heads=(_("Cost"), _(cost_words.HEADS[step])), height=HEIGHT
            ),
            f"{_KEY}-{by}-{step}",
        ),
        table=lambda height: tables.show(rows, _columns(step), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(rows, drawn, shown, step)),
    )


def sentence(told: pd.DataFrame, change: Change | None, step: Step) -> str:
    """What a head costs over all, paid and blended apart, and whether that has changed by more than noise."""
    whole, paid = (told.loc[told["value"] == which].iloc[0] for which in ("all", "paid"))
    if not whole["heads"] > 0:
        return _("Nobody has come that far yet: choose a longer period or an earlier step.")
    said = _("All in, {what} **{cost}** ({interval}) over all channels").format(
        what=_(cost_words.COSTS[step]),
        cost=money(whole["each_fen"]),
        interval=between(whole["low"], whole["high"]),
    )
    if paid["heads"] > 0:
        said += _(", **{paid}** ({interval}) by the paid ones").format(
            paid=money(paid["each_fen"]), interval=between(paid["low"], paid["high"])
        )
    return words.sentences(said + _("."), _changed(change))


def looks_cheap(found: Deceptive | None) -> str:
    """The campaign that is cheap per registration and dear per repaying borrower."""
    if found is None:
        return ""
    return _(
        "**{name} only looks cheap**: {registered} per registration, but {repaying} per repaying borrower against the "
        "{whole} of all paid channels."
    ).format(
        name=found.name,
        registered=money(found.registered_fen),
        repaying=money(found.repaying_fen),
        whole=money(found.whole_fen),
    )


def _changed(change: Change | None) -> str:
    if change is None or change.verdict is Verdict.NOT_COMPARED:
        return ""
    said = {
        "now": money(change.each_fen),
        "before": money(change.before_each_fen),
        "change": formats.percent(abs(change.ratio - 1), 0),
    }
    return {
        Verdict.HIGHER: _(
            "At the same age a first loan costs {now}, **{change} more** than the {before} of the period before; the "
            "difference is not noise."
        ),
        Verdict.LOWER: _(
            "At the same age a first loan costs {now}, **{change} less** than the {before} of the period before; the "
            "difference is not noise."
        ),
    }.get(
        change.verdict,
        _("At the same age a first loan costs {now}; against the {before} of the period before that is noise."),
    ).format(**said)


def _with_texts(found: pd.DataFrame, shown: View, by: str, step: Step) -> pd.DataFrame:
    book = shown.book
    rows = found.loc[(found["cost_fen"] != 0) | (found["heads"] > 0)].reset_index(drop=True)
    thin = rows["heads"] < shown.policy.display.thin_borrowers
    forecast = rows["waiting_share"] if step is Step.REPAYING else pd.Series(0.0, index=rows.index)
    rows = rows.assign(
        label=[cost_words.value_name(by, value, book) for value in rows["value"]],
        thin=thin,
        forecast=forecast,
        hatched=thin | (forecast > 0.5),
        total=rows["each_fen"],
        worth=rows["value_each_fen"],
        loses=rows["value_each_fen"] < rows["low"],
        total_text=[money(each) for each in rows["each_fen"]],
        count_text=[formats.count(round(heads)) for heads in rows["heads"]],
    )
    each = rows.assign(**{str(part): rows[f"{part}_each"] for part in SHOWN})
    return each.assign(hover=[_hover(row, step) for row in each.to_dict("records")])


def _hover(row: dict, step: Step) -> str:
    said = [f"<b>{row['label']}</b> {row['total_text']} ({between(row['low'], row['high'])})"]
    said += [f"{name} {money(row[part])}" for part, (name, _colour) in cost_words.part_names().items() if row[part]]
    if not pd.isna(row["worth"]):
        worth = _("Worth {value} in 12 months, projected") if row["projected"] else _("Worth {value} in 12 months")
        said.append(worth.format(value=money(row["worth"])))
    if step is Step.REPAYING and row["forecast"] > 0:
        said.append(_("{share} of the borrowers are forecast").format(share=formats.percent(row["forecast"], 0)))
    return "<br>".join(said)


def _fitting(rows: pd.DataFrame, by: str, named: str) -> pd.DataFrame:
    """As many rows as the height holds: the newest months, else the one that is named and those that cost most in all,
    the dearest head first.
    """
    if by == "month":
        return rows.sort_values("value").iloc[-_FIT:]
    ranked = rows.assign(named=rows["value"] == named)
    kept = ranked.sort_values(["named", "cost_fen"], ascending=False, kind="stable").iloc[:_FIT]
    return kept.sort_values("each_fen", ascending=False, kind="stable", na_position="last")


def _caption(rows: pd.DataFrame, drawn: pd.DataFrame, shown: View, step: Step) -> list[str]:
    said = [_("◇ = worth in 12 months, rewards left out (◁ ▷ further out)")] if drawn["worth"].notna().any() else []
    if len(drawn) < len(rows):
        said.append(
            _("{shown} of {all} drawn, the table has all").format(
                shown=formats.count(len(drawn)), all=formats.count(len(rows))
            )
        )
    said.append(_("whisker = {level}").format(level=formats.percent(1 - shown.policy.display.significance, 0)))
    if drawn["thin"].any():
        said.append(_("hatched = few or still maturing"))
    elif drawn["hatched"].any():
        said.append(_("hatched = still maturing, forecast"))
    if step is not Step.REPAYING:
        said.append(_("rewards at all levels, accrued by now"))
    return said


def _columns(step: Step) -> dict[str, Column]:
    metric = METRICS["cost_per_acquisition"]
    return {
        "label": Column(_("Whom"), pinned=True),
        "each_fen": Column(_(metric.name), Kind.FEN, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.FEN),
        "high": Column(_("Upper end"), Kind.FEN),
        "value_each_fen": Column(_("Worth in 12 months"), Kind.FEN),
        "heads": Column(_(cost_words.HEADS[step]), Kind.COUNT),
        "cost_fen": Column(_("Cost in all"), Kind.FEN),
        **{f"{part}_each": Column(name, Kind.FEN) for part, (name, _colour) in cost_words.part_names().items()},
    }
