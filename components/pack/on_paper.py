"""A pack as a page of HTML that stands alone: the same cover, figures, cards and commentary as on the screen."""

import html

import plotly.graph_objects as go

from components import paper
from components.language import _
from components.overview import kpi_paper
from components.pack import words
from components.pack.blocks import Block
from components.pack.document import Document
from components.pack.screen import said
from rules.pack import SECTION_NAMES, Section

_LONG = 14  # rows of a grid that may break over pages
_HIGH = 262  # px of a figure: two cards stand on a page


def page(document: Document) -> str:
    """The page, in the language of the moment."""
    language = document.read.view.language
    head = html.escape(_("Definitions"))
    meanings = f"<h2 class='section'>{head}</h2>{kpi_paper.definitions(document.definitions())}"
    sections = [_section(document, each) for each in Section]
    return paper.page(language, document.title, [_cover(document), *sections, meanings])


def _cover(document: Document) -> str:
    facts = "".join(f"<dt>{paper.text(label)}</dt><dd>{paper.text(text)}</dd>" for label, text in document.cover())
    return f"<div class='cover'><h1>{html.escape(document.title)}</h1><dl>{facts}</dl></div>"


def _section(document: Document, section: Section) -> str:
    held = document.comments.get(section)
    parts = [f"<h2 class='section'>{html.escape(_(SECTION_NAMES[section]))}</h2>"]
    if held is not None and held.text:
        parts.append(
            f"<div class='comment'>{html.escape(held.text)}</div><p class='muted'>{paper.text(said(held))}</p>"
        )
    if section is Section.FIGURES:
        parts += [
            kpi_paper.figures(words.CARDS, document.told()),
            f"<p class='muted'>{paper.text(document.compared())}</p>",
        ]
    parts += [_block(block) for block in document.blocks() if block.section is section]
    return "".join(parts)


def _block(block: Block) -> str:
    """One card: its figure and its rows beside each other."""
    grid = block.grid
    drawn = [] if block.figure is None else [paper.chart(_narrow(block.figure()))]
    drawn += [] if grid is None else [paper.table(grid.heads, grid.rows, grid.numbers)]
    kind = "card long" if grid is not None and len(grid.rows) > _LONG else "card"
    body = "".join(f"<div>{each}</div>" for each in drawn)
    return (
        f"<div class='{kind}'><h2>{html.escape(block.title)} <span class='muted'>{html.escape(block.of)}</span></h2>"
        f"<p>{paper.text(block.sentence)}</p><div class='{'beside' if len(drawn) > 1 else ''}'>{body}</div>"
        f"<p class='muted'>{paper.text(block.caption)}</p></div>"
    )


def _narrow(figure: go.Figure) -> go.Figure:
    """A figure as it fits beside its rows; a copy, for a figure that is drawn once is shared."""
    return go.Figure(figure).update_layout(height=_HIGH).update_xaxes(tickangle=0, tickfont_size=10)
