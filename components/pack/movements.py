"""What moved since the month end before: the late balance, the default rate, and the balance of each bucket."""

import pandas as pd

from components import formats
from components.language import _, dimension_name
from components.overview import moved
from components.overview.moved_choices import DEFAULT, LATE, RATES
from components.pack import words
from components.pack.blocks import Block, Grid
from components.pack.read import Read
from components.rates.time.words import sentences, state
from components.tables import Column, Kind
from rules.balance_walk import FLOWS
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.pack import Section
from rules.text import N_

_MOST = 8  # segments that a grid names
_FLOW_NAMES = {
    "lent_fen": N_("Lent"),
    "came_fen": N_("Came in"),
    "left_fen": N_("Left"),
    "paid_off_fen": N_("Paid off"),
    "written_off_fen": N_("Written off"),
    "repaid_fen": N_("Repaid"),
    "unseen_fen": N_("No month end"),
}


def blocks(read: Read) -> list[Block]:
    """The cards."""
    return [
        _split(read, LATE, "late", _("What moved the late balance?")),
        _split(read, DEFAULT, "default", _("What moved the default rate?")),
        _balances(read),
    ]


def _split(read: Read, rate: str, name: str, title: str) -> Block:
    found, asked = read.split(name), read.asked(rate)
    _page, metric, of = RATES[rate]
    definition = sentences(*(_(METRICS[code].definition) for code in (metric, "rate_effect", "mix_effect")))
    block = {"key": f"pack-moved-{name}", "section": Section.MOVEMENTS, "title": title, "of": _(of)}
    if found is None:
        nothing = _("One of the two periods has nobody of whom the rate can be told.")
        return Block(**block, sentence=nothing, definition=definition)
    told = moved.told(read.at_end, found)
    said = [*moved.caption(asked, found)]
    if rate == DEFAULT:
        told = sentences(told, _entered(str(read.pack.about["entered"])))
        said.append(_("both periods share eleven months"))
    listed = moved.listed(read.at_end, found)
    return Block(
        **block,
        sentence=told,
        definition=definition,
        caption=" · ".join(said),
        figure=lambda: moved.figure(read.at_end, asked, found),
        grid=_segments(found.code, listed),
        rows=listed,
        columns=moved.columns(found.code),
    )


def _entered(judged: str) -> str:
    """Whether the month that came in differs from the one that went out by more than noise."""
    if judged == Verdict.NOT_COMPARED.value:
        return ""
    if judged == Verdict.NOISE.value:
        return _("The month that came in differs from the one that went out by no more than noise.")
    return _("The month that came in differs from the one that went out by more than noise.")


def _segments(code: str, listed: pd.DataFrame) -> Grid:
    return Grid(
        heads=[dimension_name(code), _("Moved"), _("By rate"), _("By mix"), _("Rate before"), _("Rate after")],
        rows=[
            [
                row.label,
                formats.points_signed(row.effect, 2),
                formats.points_signed(row.rate_effect, 2),
                formats.points_signed(row.mix_effect, 2),
                words.share(row.before_rate, 2),
                words.share(row.after_rate, 2),
            ]
            for row in listed.head(_MOST).itertuples()
        ],
        numbers=frozenset(range(1, 6)),
    )


def _balances(read: Read) -> Block:
    rows, metric = read.table("balances"), METRICS["balance_walk"]
    flows = [name for name in FLOWS if rows[name].any()]
    return Block(
        key="pack-balances",
        section=Section.MOVEMENTS,
        title=_("How did the balance move between buckets?"),
        sentence=_balance_sentence(rows, read),
        definition=_(metric.definition),
        caption=_("principal · each row and each column sums exactly · came and left: as at the month end before"),
        grid=_walk(rows, flows, read),
        rows=rows.assign(label=[state(each) for each in rows["bucket"]]),
        columns=_columns(flows, read),
        wide=True,
    )


def _balance_sentence(rows: pd.DataFrame, read: Read) -> str:
    opening, closing = int(rows["opening_fen"].sum()), int(rows["closing_fen"].sum())
    late = rows.loc[rows["bucket"] != "M0"]
    text = (
        _("{opening} at the end of {before} became **{closing}**; what is late went from {late_before} to **{late}**, "
          "and {written_off} was written off.")
    )  # fmt: skip
    return text.format(
        opening=formats.money(opening),
        before=formats.month(read.earlier),
        closing=formats.money(closing),
        late_before=formats.money(int(late["opening_fen"].sum())),
        late=formats.money(int(late["closing_fen"].sum())),
        written_off=formats.money(-int(rows["written_off_fen"].sum())),
    )


def _walk(rows: pd.DataFrame, flows: list[str], read: Read) -> Grid:
    names = ["opening_fen", *flows, "closing_fen"]
    whole = pd.concat([rows[names], rows[names].sum().to_frame().T], ignore_index=True)
    labels = [*(state(each) for each in rows["bucket"]), f"**{_('All')}**"]
    return Grid(
        heads=[_("Days late"), formats.month(read.earlier), *(_(_FLOW_NAMES[name]) for name in flows),
               formats.month(read.end)],
        rows=[
            [label, *(words.money(value) for value in row)]
            for label, row in zip(labels, whole.to_numpy().tolist(), strict=True)
        ],
        numbers=frozenset(range(1, len(names) + 1)),
    )  # fmt: skip


def _columns(flows: list[str], read: Read) -> dict[str, Column]:
    return {
        "label": Column(_("Days late"), pinned=True),
        "opening_fen": Column(formats.month(read.earlier), Kind.FEN),
        **{name: Column(_(_FLOW_NAMES[name]), Kind.FEN) for name in flows},
        "closing_fen": Column(formats.month(read.end), Kind.FEN),
    }
