"""Which decided cases somebody is asked to decide again, and how many second looks decided otherwise."""

from collections.abc import Sequence

import streamlit as st

from components import formats, linked, parts
from components.language import _, ngettext
from components.review import part
from components.review.queue_choices import OPEN
from desk.blind import Look

_MOST = 6


def draw(looks: Sequence[Look], differing: int) -> None:
    """Draw both above the queue; nothing where there is neither."""
    if not looks and not differing:
        return
    with st.container(border=True, key="card-blind", gap="small"):
        if looks:
            text = ngettext(
                "**Second look**: decide {count} decided case again, without seeing how it was decided.",
                "**Second look**: decide {count} decided cases again, without seeing how they were decided.",
                len(looks),
            )
            st.markdown(text.format(count=formats.count(len(looks))))
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key="blind-looks"):
                for look in looks[:_MOST]:
                    st.button(
                        look.external_number, key=f"blind-{look.external_number}", type="tertiary",
                        icon=":material/visibility_off:", on_click=linked.choose,
                        args=(OPEN, look.external_number, ""),
                    )  # fmt: skip
        if differing:
            text = ngettext(
                "{count} second look decided otherwise and waits for somebody to take note of it.",
                "{count} second looks decided otherwise and wait for somebody to take note of them.",
                differing,
            )
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key="blind-differing"):
                st.markdown(text.format(count=formats.count(differing)), width="content")
                st.button(
                    _("Quality"), key="blind-quality", type="tertiary", icon=":material/fact_check:",
                    on_click=linked.choose, args=(parts.KEY, part.QUALITY, part.QUEUE),
                )  # fmt: skip
