"""Overview: how we stand, what moved it, what needs somebody today; and the risk committee's pack of a month end."""

import streamlit as st

from components import access, parts, states, view
from components.overview import deck, kpi_cards, part
from components.view import View
from desk import rights
from pages.parts import committee, key_figures, needs_attention, reading, what_moved

PAGE = "overview"
COLUMNS = (1.57, 1)


def show() -> None:
    """The page: the part that is chosen, where somebody sees more than the morning."""
    person = access.require(PAGE)
    shown = view.current()
    if committee.offered_to(person):
        chosen = parts.chosen(part.PARTS)
        parts.switch(part.PARTS, part.whole_book() if chosen == part.COMMITTEE else "")
        if chosen == part.COMMITTEE:
            committee.draw(shown)
            return
    _today(shown, rights.pages_of(person.role))


def _today(shown: View, seen: frozenset[str]) -> None:
    """The key figures that somebody sees the pages of, all of them read at once."""
    if not (shown.book.loans or shown.book.members):
        states.empty(["loan", "member"])
        return
    asked = key_figures.asked(shown, seen) | what_moved.asked(shown, seen) | needs_attention.asked(shown, seen)
    frames = reading.frames(PAGE, shown, asked)
    if frames is None:
        return
    cards, told = [card for card in deck.DECK if card.page in seen], key_figures.told(shown, frames, seen)
    kpi_cards.first(shown, cards, told)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        what_moved.draw(shown, frames, seen)
    with right:
        needs_attention.draw(shown, frames, told, seen)
    kpi_cards.rest(shown, cards, told)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
