"""A pack on the screen: its cover, key figures, cards and commentary, and the way to freeze the month."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from components import cards, formats, linked, printed, tables
from components.language import _
from components.markdown import plain
from components.overview import kpi_cards
from components.pack import words
from components.pack.blocks import HEIGHT, Block, markdown
from components.pack.document import Document
from rules.pack import SECTION_NAMES, Comment, Section

_MONTH = "month"  # in the link
_LONGEST = 4000


@dataclass(frozen=True)
class Hand:
    """What somebody may do; each write gives the sentence that says why it was not taken."""

    check: Callable[[], object]  # ends the run for who may not see the page any more
    comment: Callable[[Section, str, int], str | None] | None = None
    freeze: Callable[[], str | None] | None = None


def month(offered: Sequence[date]) -> date:
    """The month end that the link asks for; the newest where it asks for none of them."""
    named = {f"{end:%Y-%m}": end for end in offered}
    return named[linked.value(_MONTH, list(named), next(iter(named)))]


def head(offered: Sequence[date], frozen: frozenset[date], hand: Hand | None) -> None:
    """Which month is looked at, and the button that freezes it. hand: None where it is frozen or can't be."""
    named = {f"{end:%Y-%m}": end for end in offered}
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="controls-pack"):
        linked.select(
            _MONTH,
            list(named),
            opening=next(iter(named)),
            label=_("Month end"),
            named=lambda code: " · ".join(
                [formats.month(named[code]), *([_("frozen")] if named[code] in frozen else [])]
            ),
        )
        if hand is not None and hand.freeze is not None:
            with st.popover(_("Freeze"), icon=":material/lock:", width="content", key="pack-freeze"):
                _freeze(hand, hand.freeze)


def _month(end: date, frozen: bool) -> str:
    said = formats.month(end)
    return _("{month} · frozen").format(month=said) if frozen else said


def draw(document: Document, differing: Sequence[str], hand: Hand) -> None:
    """Draw the pack. differing: the codes of what today's copy would say otherwise of a frozen month."""
    _cover(document, differing)
    comment = None if document.standing.frozen else hand.comment
    for section in Section:
        with st.container(key=f"pack-section-{section}"):
            st.markdown(f"## {_(SECTION_NAMES[section])}", anchors=False)
        _commentary(section, document.comments.get(section), comment, hand.check)
        if section is Section.FIGURES:
            view = document.read.at_end
            kpi_cards.row("rest", view, words.CARDS, document.told())
            st.caption(document.compared())
        _blocks([block for block in document.blocks() if block.section is section])
    printed.definitions("pack", document.definitions())


def _cover(document: Document, differing: Sequence[str]) -> None:
    with st.container(border=True, key="card-pack-cover", gap="small"):
        st.markdown(f"## {document.title}", anchors=False)
        facts = "".join(f"- {words.told(label, text)}\n" for label, text in document.cover())
        st.markdown(facts)
        if differing:
            names = ", ".join(document.named(differing))
            st.markdown(
                _(":orange[:material/difference:] Today's copy would say otherwise of: {names}. The pack stays as it "
                  "was frozen.").format(names=names)
            )  # fmt: skip


def _commentary(
    section: Section,
    held: Comment | None,
    write: Callable[[Section, str, int], str | None] | None,
    check: Callable[[], object],
) -> None:
    with st.container(key=f"pack-comment-{section}", gap="small"):
        if held is not None and held.text:
            st.markdown(quoted(held.text))
            st.caption(said(held))
        elif write is None:
            st.caption(_("Nothing was written about this."))
        if write is not None:
            label = _("Change the commentary") if held is not None and held.text else _("Write a commentary")
            with st.expander(label, icon=":material/edit_note:"):
                _form(section, held, write, check)


def quoted(text: str) -> str:
    """A person's text as Markdown that shows it as it was typed."""
    return "  \n".join(plain(line) for line in text.splitlines())


def said(held: Comment) -> str:
    """Who wrote a commentary and when."""
    return _("{by}, {moment}, version {version}").format(
        by=plain(held.by), moment=formats.moment(held.at), version=held.version
    )


def _form(
    section: Section,
    held: Comment | None,
    write: Callable[[Section, str, int], str | None],
    check: Callable[[], object],
) -> None:
    version = held.version if held else 0
    with st.form(f"pack-comment-form-{section}-{version}", border=False):
        text = st.text_area(
            _("Commentary on {section}").format(section=_(SECTION_NAMES[section])),
            value=held.text if held else "",
            max_chars=_LONGEST,
            key=f"pack-comment-text-{section}-{version}",
            help=_("Kept on record with your name, each version of it, and printed with the pack."),
        )
        if st.form_submit_button(_("Keep"), type="primary"):
            check()
            _told(write(section, text, version))


def _freeze(hand: Hand, freeze: Callable[[], str | None]) -> None:
    st.markdown(
        _("From then on the pack of this month says what it says now, figures and commentary, whatever becomes of the "
          "book. It can't be undone.")
    )  # fmt: skip
    if st.button(_("Freeze the month"), type="primary", key="pack-freeze-now", icon=":material/lock:"):
        hand.check()
        _told(freeze())


def _told(refused: str | None) -> None:
    if refused is None:
        st.rerun()
    st.error(_(refused))


def _blocks(blocks: Sequence[Block]) -> None:
    """Cards two by two; those that are wide by themselves."""
    waiting: list[Block] = []
    for block in blocks:
        if block.wide:
            _pair(waiting)
            waiting = []
            _block(block)
        else:
            waiting.append(block)
            if len(waiting) == 2:
                _pair(waiting)
                waiting = []
    _pair(waiting)


def _pair(blocks: Sequence[Block]) -> None:
    if blocks:
        for place, block in zip(st.columns(2, gap="small"), blocks, strict=False):
            with place:
                _block(block)


def _block(block: Block) -> None:
    tabular = not block.rows.empty and bool(block.columns)
    card = cards.begin(block.key, title=block.title, of=block.of, definition=block.definition, tabular=tabular)
    card.answer(
        block.sentence,
        height=HEIGHT if block.figure is not None or card.tabular else None,
        figure=partial(_drawn, block),
        table=(lambda height: tables.show(block.rows, block.columns, key=f"{block.key}-rows", height=height))
        if tabular
        else None,
        caption=block.caption,
    )


def _drawn(block: Block) -> None:
    if block.figure is not None:
        cards.chart(block.figure(), block.key)
    elif block.grid is not None:
        st.markdown(markdown(block.grid))
