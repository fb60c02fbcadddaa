"""The guide of the page that is shown, as the frame offers it."""

from collections.abc import Callable

import streamlit as st

from components import elsewhere, linked, parts
from components.guides.guide import Guide, Step
from components.guides.registry import GUIDES
from components.language import _
from components.system import glossary
from components.view import View

KEY = "guide"  # of the popover


def shown_guide(page: str, may_do: Callable[[str], bool]) -> Guide:
    """The guide of the part of a page that the link asks for, where whoever looks may see that part."""
    of_page = GUIDES[page]
    codes = [code for code, guide in of_page.items() if not guide.act or may_do(guide.act)]
    return of_page[linked.value(parts.KEY, codes, codes[0])]


def draw(shown: View, page: str, may_open: Callable[[str], bool], may_do: Callable[[str], bool]) -> None:
    """Fill the popover: four lines, then where to go on from here, as far as whoever looks may, and the glossary."""
    guide = shown_guide(page, may_do)
    said = {
        _("It answers"): guide.answers,
        _("It is for"): guide.readers,
        _("Read it so"): guide.reading,
        _("Its limits"): guide.limits,
    }
    with st.container(key=f"{KEY}-text", gap="xsmall"):
        st.markdown("\n\n".join(f"**{label}** · {_(text)}" for label, text in said.items()))
        for step in guide.steps:
            if step.page == page:  # a link to the page that is open does nothing
                st.button(
                    _(step.text),
                    icon=":material/arrow_forward:",
                    type="tertiary",
                    key=f"{KEY}-{step.text}",
                    on_click=_go_on,
                    args=(step,),
                )
            elif may_open(step.page):
                elsewhere.link(shown, step.page, _(step.text), step.parameters, icon=":material/arrow_forward:")
        if may_open(glossary.PAGE):
            elsewhere.link(
                shown, glossary.PAGE, _("What each number means"), glossary.OPENED, icon=":material/menu_book:"
            )


def _go_on(step: Step) -> None:
    """Open another view of this page. For use in callbacks."""
    for key, value in step.parameters.items():
        linked.choose(key, value, "")
