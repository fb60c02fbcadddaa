"""Flows between states on two days: who stays is pale, who moves has the colour of where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from components import theme
from components.charts import base

_PAD = 16  # px between neighbours, so that no two names lie on each other
_THICK = 14
_HEAD = 24  # px over the flows for the two days
_STAYS, _MOVES = 0.10, 0.42  # opacity
_HALO = ", ".join([f"0 0 2px {theme.BACKGROUND}"] * 4)  # around names, which lie on the flows


@dataclass(frozen=True)
class Node:
    """A state on one of the two days."""

    state: str
    name: str
    colour: str
    size: int
    hover: str


@dataclass(frozen=True)
class Flow:
    """How many go from a state on the first day to one on the second."""

    before: str
    after: str
    size: int
    hover: str


@base.drawn_once
def sankey(
    before: Sequence[Node], after: Sequence[Node], flows: Sequence[Flow], *, heads: tuple[str, str], height: int
) -> go.Figure:
    """States of the first day on the left, of the second on the right, from top to bottom in the order given.

    heads: what is said over the two sides.
    """
    made = base.figure(height=height, left=4, right=4, top=_HEAD, bottom=6)
    plot = height - _HEAD - 6
    scale = min(_scale(side, plot) for side in (before, after))
    colours = {node.state: node.colour for node in before}
    left = {node.state: place for place, node in enumerate(before)}
    right = {node.state: len(before) + place for place, node in enumerate(after)}
    nodes = [*before, *after]
    made.add_trace(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [node.name for node in nodes],
                "color": [node.colour for node in nodes],
                "x": [0.001] * len(before) + [0.999] * len(after),
                "y": [*_middles(before, scale, plot), *_middles(after, scale, plot)],
                "pad": _PAD,
                "thickness": _THICK,
                "line": {"width": 1, "color": theme.MUTED},
                "customdata": [node.hover for node in nodes],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            link={
                "source": [left[flow.before] for flow in flows],
                "target": [right[flow.after] for flow in flows],
                "value": [flow.size for flow in flows],
                "color": [
                    theme.faded(theme.TEXT, _STAYS)
                    if flow.before == flow.after
                    else theme.faded(colours[flow.before][:7], _MOVES)
                    for flow in flows
                ],
                "customdata": [flow.hover for flow in flows],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            textfont={"size": base.TICK, "color": theme.TEXT, "shadow": _HALO},
        )
    )
    for head, x, anchor in zip(heads, (0, 1), ("left", "right"), strict=True):
        base.over(made, head, x=x, xref="paper", xanchor=anchor, colour=theme.MUTED)
    made.update_xaxes(visible=False)
    made.update_yaxes(visible=False)
    return made


def _scale(nodes: Sequence[Node], plot: float) -> float:
    """Px a member takes where one side just fits, as Plotly finds it."""
    return (plot - (len(nodes) - 1) * _PAD) / max(1, sum(node.size for node in nodes))


def _middles(nodes: Sequence[Node], scale: float, plot: float) -> list[float]:
    """Where the middles of the nodes are, as shares of the height from its top."""
    found, top = [], 0.0
    for node in nodes:
        tall = node.size * scale
        found.append(min(0.999, max(0.001, (top + tall / 2) / plot)))
        top += tall + _PAD
    return found
