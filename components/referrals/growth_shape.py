"""How deep do the trees go? Members by the size of their tree, and what the trees' shape comes to."""

import math

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables
from components.charts import bars as bars_chart
from components.charts import base
from components.language import _, ngettext
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import growth
from rules.growth import Shape
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "growth-shape"


def draw(_shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.growth.trees`."""
    metric = METRICS["structural_virality"]
    card = cards.begin(_KEY, title=_("How deep do the trees go?"), definition=_(metric.definition))
    if parts.empty:
        with card.frame:
            states.nothing(_("No root passes the filters."))
        return
    found = growth.shape(parts)
    sizes = found.sizes.assign(
        label=[_size(row.size, row.last) for row in found.sizes.itertuples(index=False)],
        value=found.sizes["member_share"],
        text=[_beside(row) for row in found.sizes.itertuples(index=False)],
    )
    card.answer(
        sentence(found),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(sizes), _KEY),
        table=lambda height: tables.show(sizes, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(found)),
    )


def sentence(found: Shape) -> str:
    """How far the trees reach, and whether invitations are passed on or come from few."""
    if found.trees == found.members:
        return _("No root who passes the filters has referred anybody yet.")
    reach = ngettext(
        "The deepest tree has **{deepest}** level below its root, the largest **{largest}** members.",
        "The deepest tree has **{deepest}** levels below its root, the largest **{largest}** members.",
        found.deepest,
    ).format(deepest=found.deepest, largest=formats.count(found.largest))
    shape = _(
        "Whoever invites brings **{branching}** on average, {leaves} bring nobody; two members of one tree stand "
        "**{distance}** steps apart."
    ).format(
        branching=formats.index(found.branching),
        leaves=formats.percent(found.leaf_share, 0),
        distance=formats.index(found.mean_distance, 1),
    )
    return words.sentences(reach, shape)


@base.drawn_once
def _figure(sizes: pd.DataFrame) -> go.Figure:
    return bars_chart.bars(sizes, height=HEIGHT)


def _size(first: int, last: int) -> str:
    if first == 1:
        return _("alone")
    if not last:
        return _("{size}+ members").format(size=first)
    numbers = str(first) if first == last else f"{first}–{last}"
    return _("{size} members").format(size=numbers)


def _beside(row: tuple) -> str:
    return f"{formats.percent(row.member_share)} · {formats.count(row.trees)}"


def _caption(found: Shape) -> list[str]:
    said = [
        _("n = {members} members in {trees} trees").format(
            members=formats.count(found.members), trees=formats.count(found.trees)
        ),
        _("bar = share of members, beside it the trees"),
        _("mean level {level}").format(level=formats.index(found.mean_level)),
        _("as they stand, whatever the period"),
    ]
    if math.isnan(found.mean_distance):
        return said
    return [*said, _("structural virality {virality}").format(virality=formats.index(found.mean_distance))]


def _columns() -> dict[str, Column]:
    metric = METRICS["structural_virality"]
    return {
        "label": Column(_("Size of the tree"), pinned=True),
        "trees": Column(_("Trees"), Kind.COUNT),
        "members": Column(_("Members"), Kind.COUNT),
        "member_share": Column(_("Share of members"), Kind.RATIO),
        "leaves": Column(_("Who bring nobody"), Kind.COUNT),
        "deepest": Column(_("Deepest level"), Kind.COUNT),
        "largest": Column(_("Largest"), Kind.COUNT),
        "mean_distance": Column(_(metric.name), Kind.DECIMAL, help=_(metric.definition)),
    }
