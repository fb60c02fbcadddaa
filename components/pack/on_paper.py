"""A pack as a page of HTML that stands alone: the same cover, figures, cards and commentary as on the screen."""

import html

from components import paper
from components.language import _
from components.overview import kpi_paper
from components.pack import words
from components.pack.blocks import Block
from components.pack.document import Document
from components.pack.screen import said
from rules.pack import SECTION_NAMES, Section

_LONG = 12  # rows of a grid that may break over pages


def page(document: Document) -> str:
    """The page, in the language of the moment."""
    language = document.read.view.language
    return paper.page(language, document.title, [_cover(document), *(_section(document, each) for each in Section)])


def _cover(document: Document) -> str:
    facts = "".join(f"<dt>{paper.text(label)}</dt><dd>{paper.text(text)}</dd>" for label, text in document.cover())
    return f"<div class='cover'><h1>{html.escape(document.title)}</h1><dl>{facts}</dl></div>"


def _section(document: Document, section: Section) -> str:
    title, held = html.escape(_(SECTION_NAMES[section])), document.comments.get(section)
    begins = "" if section is Section.FIGURES else " class='section'"  # the key figures stand below the cover
    parts = [f"<h2{begins}>{title}</h2>"]
    if held is not None and held.text:
        parts.append(
            f"<div class='comment'>{html.escape(held.text)}</div><p class='muted'>{paper.text(said(held))}</p>"
        )
    if section is Section.FIGURES:
        parts += [
            kpi_paper.figures(words.CARDS, document.told()),
            f"<p class='muted'>{paper.text(document.compared())}</p>",
        ]
    blocks = [block for block in document.blocks() if block.section is section]
    parts.append(f"<div class='halves'>{''.join(map(_block, blocks))}</div>")
    if section is Section.FIGURES:
        parts.append(kpi_paper.definitions(document.definitions()))
    return "".join(parts)


def _block(block: Block) -> str:
    drawn = "" if block.figure is None else paper.chart(block.figure())
    grid = block.grid
    listed = "" if grid is None else paper.table(grid.heads, grid.rows, grid.numbers)
    kinds = [
        "card", *(["wide"] if block.wide else []), *(["long"] if grid is not None and len(grid.rows) > _LONG else []),
    ]  # fmt: skip
    return (
        f"<div class='{' '.join(kinds)}'><h2>{html.escape(block.title)} "
        f"<span class='muted'>{html.escape(block.of)}</span></h2><p>{paper.text(block.sentence)}</p>{drawn}{listed}"
        f"<p class='muted'>{paper.text(block.caption)}</p><p class='muted'>{html.escape(block.definition)}</p></div>"
    )
