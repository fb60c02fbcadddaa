"""What has changed of the application since it was on somebody's screen: field by field, to be acknowledged first."""

import pandas as pd
import streamlit as st

from components import formats, tables
from components.language import _, ngettext
from components.review import acting, change_words
from components.review.acting import Acting
from components.tables import Column
from rules.review_changes import Change, changes

HEIGHT = 240


def acknowledged(at: Acting) -> bool:
    """Whether what is on the screen is what was typed on; where it is not, draw what is new and wait for a word."""
    seen, now = at.draft.seen(), at.opened.seen
    if seen is None:
        at.draft.see(at.opened)
        return True
    if seen[0] == now.evidence.hash:
        return True
    found = changes(seen[1], now.content)
    with st.container(border=True, key="changed"):
        st.markdown(
            ":orange[:material/difference:] "
            + ngettext(
                "**The application was changed since you looked: {count} change.** Look at it, then go on; what you "
                "wrote is kept.",
                "**The application was changed since you looked: {count} changes.** Look at them, then go on; what "
                "you wrote is kept.",
                len(found),
            ).format(count=formats.count(len(found)))
        )
        tables.show(_rows(found), _columns(), key="changed-rows", height=HEIGHT)
        st.button(
            _("I have seen it"), key="changed-seen", type="primary", icon=":material/visibility:", on_click=_seen,
            args=(at,),
        )  # fmt: skip
    return False


def _seen(at: Acting) -> None:
    acting.hush()
    at.draft.see(at.opened)


def _rows(found: tuple[Change, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "where": change_words.where(change),
                "what": change_words.what(change),
                "before": change_words.side(change, change.before),
                "after": change_words.side(change, change.after),
            }
            for change in found
        ]
    )


def _columns() -> dict[str, Column]:
    return {
        "where": Column(_("Where"), pinned=True),
        "what": Column(_("What changed")),
        "before": Column(_("Before")),
        "after": Column(_("Now")),
    }
