"""The key figures on paper, and what figures mean."""

import html
from collections.abc import Mapping, Sequence

from components import paper
from components.language import _
from components.overview import kpi_words
from components.overview.deck import Card
from components.overview.kpi_cards import Told
from rules.kpi import Kpi


def figures(cards: Sequence[Card], told: Told) -> str:
    """Cards beside each other: value, change, course, goal."""
    return f"<div class='cards'>{''.join(_figure(card, told) for card in cards)}</div>"


def definitions(named: Mapping[str, str]) -> str:
    """What figures mean, as a list."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in named.items())
    return f"<dl>{rows}</dl>"


def _figure(card: Card, told: Told) -> str:
    found = told.figures.get(card.code, Kpi(card.code, float("nan")))
    moved_by = kpi_words.change(card, found.change)
    change = "" if moved_by is None else f"{moved_by} · {kpi_words.judged(found.change)}".rstrip(" ·")
    lines = [change, kpi_words.goal(card, found.goal), told.notes.get(card.code, "")]
    return (
        f"<div class='card'><div>{html.escape(_(card.name))}</div>"
        f"<div class='value'>{html.escape(kpi_words.value(card, found.value))}</div>{paper.spark(found.series)}"
        + "".join(f"<div class='muted'>{paper.text(line)}</div>" for line in lines if line)
        + "</div>"
    )
