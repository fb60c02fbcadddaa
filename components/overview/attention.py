"""What needs attention: each line a way to what is behind it, and a place to say that one knows of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from components import elsewhere
from components.language import _, ngettext
from components.overview import attention_words
from components.view import View
from rules.attention import Item, Level

_ICONS = {
    Level.ALARM: ":red[:material/error:]",
    Level.WARNING: ":orange[:material/warning:]",
    Level.NOTE: ":gray[:material/info:]",
}
_SHOWN = 7


@dataclass(frozen=True)
class Acknowledge:
    """How somebody says that they know of an item; `write` gives a sentence where it was not taken."""

    write: Callable[[Item, str], str | None]
    check: Callable[[], object]  # ends the run for who may not see the page any more


def draw(shown: View, loud: Sequence[Item], silent: Sequence[Item], write: Acknowledge | None) -> None:
    """Draw the list. loud: what is told, in its order; silent: what is acknowledged; write: None for who may not."""
    title = _("Needs attention")
    with st.container(border=True, key="card-attention", gap="small", height="stretch"):
        st.markdown(f"## {title}", anchors=False)
        if not loud:
            st.markdown(_(":green[:material/check_circle:] Nothing needs attention now."))
        for item in loud[:_SHOWN]:
            _line(shown, item, write)
        if len(loud) > _SHOWN:
            with st.expander(_("{count} more").format(count=len(loud) - _SHOWN)):
                for item in loud[_SHOWN:]:
                    _line(shown, item, write)
        if silent:
            told = ngettext("{count} acknowledged", "{count} acknowledged", len(silent)).format(count=len(silent))
            with st.expander(told):
                for item in silent:
                    _line(shown, item, None)


def _line(shown: View, item: Item, write: Acknowledge | None) -> None:
    said = attention_words.said(item, shown)
    with st.container(horizontal=True, gap="small", vertical_alignment="top", key=f"attention-{item.key}"):
        with st.container(gap=None):
            label = f"{_ICONS[item.level]} **{said.title}**"
            if elsewhere.leads_to(said.page):
                elsewhere.link(shown, said.page, label, said.parameters)
            else:
                st.markdown(label)
            st.caption(said.detail)
        if write is not None:
            with st.popover(":material/check:", help=_("Say that you know of it"), type="tertiary", width="content"):
                _form(item, write)


def _form(item: Item, write: Acknowledge) -> None:
    with st.form(f"acknowledge-{item.key}", border=False):
        note = st.text_area(
            _("What you know of it, or do about it"),
            key=f"note-{item.key}",
            max_chars=500,
            help=_("Kept on record with your name. It is not told again for some days, unless it gets worse."),
        )
        if st.form_submit_button(_("I know of it"), type="primary"):
            write.check()
            refused = write.write(item, note)
            if refused is None:
                st.rerun()
            st.error(_(refused))
