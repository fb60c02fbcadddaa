"""What of the queue is shown: kept in the link, so that a view of it can be sent to a colleague."""

from collections.abc import Callable, Sequence

import streamlit as st

from components import formats, linked
from components.language import _, value_label
from components.view import View
from desk.review_opening import Cause
from desk.review_queue import Show, Sort, Tally, Wanted
from rules.text import N_

OPEN = "case"  # in the link: the external number of the application that is open
PAGE_ROWS = 50
_STATE, _SORT, _CAUSE, _MINE, _PAGE = "state", "sort", "cause", "mine", "page"
_PRODUCT = "of_product"  # “product” is a shared filter's
_ALL = ""
_ALWAYS = (Show.WAITING, Show.OVERDUE)
_NAMES = {
    Show.WAITING: N_("Waiting"),
    Show.OVERDUE: N_("Past deadline"),
    Show.CLAIMED: N_("Claimed"),
    Show.SECOND: N_("Second decision"),
    Show.REFUSED: N_("Refused by lending"),
    Show.PARKED: N_("Parked"),
    Show.ASKED: N_("Information asked"),
    Show.SENT: N_("Not acknowledged"),
    Show.DECIDED: N_("Decided"),
    Show.WITHDRAWN: N_("Withdrawn"),
    Show.CLOSED: N_("Closed by lending"),
}
_SORTS = {
    Sort.DUE: N_("By deadline"),
    Sort.AMOUNT: N_("By amount"),
    Sort.AGE: N_("By age"),
    Sort.RISK: N_("By risk"),
}
CAUSES = {Cause.AMOUNT.value: N_("Large amount"), Cause.REFERRED.value: N_("Referred by rules or score")}


def wanted(email: str) -> Wanted:
    """What the link asks for; `email`: of whoever looks, whose cases are shown where only their own are asked for."""
    return Wanted(
        Show(linked.value(_STATE, list(Show), Show.WAITING)),
        Sort(linked.value(_SORT, list(Sort), Sort.DUE)),
        linked.value(_CAUSE, list(CAUSES), _ALL) or None,
        linked.text(_PRODUCT) or None,
        email if linked.text(_MINE) else None,
    )


def page(total: int) -> int:
    """Which page of the list the link asks for, from 0; the last one where there are fewer."""
    asked = linked.text(_PAGE)
    last = max(0, (total - 1) // PAGE_ROWS)
    return min(int(asked) - 1, last) if asked.isascii() and asked.isdecimal() and asked != "0" else 0


def name(show: Show) -> str:
    """What cases that stand so are called."""
    return _(_NAMES[show])


def draw_states(chosen: Wanted, tally: Tally) -> None:
    """The states with their counts, and the switch to one's own; a state without cases is offered while it is shown."""
    counts = {show: tally.of(show, chosen.product, chosen.cause) for show in Show}
    offered = [show for show in Show if counts[show] or show in _ALWAYS or show is chosen.show]
    st.session_state["queue-state"] = chosen.show
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="queue-states"):
        st.pills(
            _("State"),
            offered,
            format_func=lambda show: f"{name(show)} {formats.count(counts[show])}",
            key="queue-state",
            required=True,
            on_change=_choose_state,
            label_visibility="collapsed",
            wrap=True,
        )
        mine = chosen.of is not None
        st.button(
            _("Mine {count}").format(count=formats.count(tally.mine)),
            key="queue-mine",
            icon=":material/check_box:" if mine else ":material/check_box_outline_blank:",
            type="tertiary",
            on_click=_choose,
            args=(_MINE, "" if mine else "1"),
            help=_("Cases that you hold, that were given to you or that you have parked, asked about or decided"),
        )


def draw_filters(shown: View, chosen: Wanted, tally: Tally) -> None:
    """Cause, product and order, each where there is more than one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="queue-filters"):
        _select(_SORT, list(Sort), Sort.DUE, _("Order"), lambda code: _(_SORTS[Sort(code)]))
        if len(tally.causes) > 1 or chosen.cause:
            _select(
                _CAUSE, [_ALL, *CAUSES], _ALL, _("Cause"), lambda code: _(CAUSES[code]) if code else _("All causes")
            )
        if len(tally.products) > 1 or chosen.product:
            products = [_ALL, *sorted({*tally.products, *([chosen.product] if chosen.product else [])})]
            _select(_PRODUCT, products, _ALL, _("Product"), lambda code: _product(code, shown))


def draw_pages(shown_page: int, total: int) -> None:
    """Steps through a list that is longer than a page."""
    if total <= PAGE_ROWS:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key="queue-pages", width="content"):
        for step, icon, label, possible in (
            (-1, ":material/chevron_left:", _("Earlier page"), shown_page > 0),
            (1, ":material/chevron_right:", _("Later page"), (shown_page + 1) * PAGE_ROWS < total),
        ):
            to = shown_page + step
            st.button(
                "",
                key=f"queue-page{step:+}",
                icon=icon,
                help=label,
                type="tertiary",
                disabled=not possible,
                on_click=linked.choose,
                args=(_PAGE, str(to + 1), "1"),
            )


def _product(code: str, shown: View) -> str:
    return value_label("product", code, shown.book) if code else _("All products")


def _select(key: str, options: Sequence[str], opening: str, label: str, named: Callable[[str], str]) -> None:
    linked.select(key, options, opening=opening, label=label, named=named, clears=_PAGE)


def _choose_state() -> None:
    _choose(_STATE, st.session_state["queue-state"], Show.WAITING)


def _choose(key: str, chosen: str, opening: str = "") -> None:
    linked.choose(key, chosen, opening)
    linked.choose(_PAGE, "", "")
