"""Overview: how we stand, what moved it, and what needs somebody today."""

import streamlit as st

from components import access, states, view
from components.overview import deck, kpi_cards
from desk import rights
from pages.parts import key_figures, needs_attention, reading, what_moved

PAGE = "overview"
COLUMNS = (1.57, 1)


def show() -> None:
    """The page: the key figures that somebody sees the pages of, all of them read at once."""
    person = access.require(PAGE)
    shown = view.current()
    if not (shown.book.loans or shown.book.members):
        states.empty(["loan", "member"])
        return
    seen = rights.pages_of(person.role)
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
