"""The spend desk: entries of spend and clicks, typed or uploaded, with every fault named before anything is stored."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

import pandas as pd
import streamlit as st

from components import cards, formats, tables
from components.language import _, ngettext
from components.markdown import plain
from components.referrals import cost_words
from components.referrals.cost_words import money
from components.tables import Column, Kind
from components.view import View
from rules.acquisition import SPEND, Part
from rules.calendar import BUSINESS_ZONE
from rules.spend import COLUMNS, Entry, Fault, Kept, Read, Stage, Taken
from rules.text import N_

HEIGHT = 290
_EMPTY = 60  # px
_FORM = 420  # px of a form
_FAULTS, _FEW = 240, 5  # px that more faults than so few take
_KEY = "spend"
_SAID, _TURN = "_spend_said", "_spend_turn"
_STAGES = {Stage.ESTIMATED: N_("Estimated"), Stage.INVOICED: N_("Invoiced")}
_LISTED = 200  # newest entries


class Desk(Protocol):
    """What the card needs: see `desk.spend_desk.SpendDesk`."""

    @property
    def campaigns(self) -> Mapping[str, str]:
        """The book's campaigns, id -> name."""

    def read_file(self, name: str, content: bytes) -> Read:
        """The entries of a file and everything that is wrong with it."""

    def read_row(self, cells: Mapping[str, str]) -> Read:
        """One entry as it was typed."""

    def store(self, entries: Sequence[tuple[int, Entry]], name: str = "", content: bytes = b"") -> Taken:
        """Store entries; `PermissionError` for who may not."""

    def template(self) -> bytes:
        """A file to fill in."""


def draw(
    shown: View,
    kept: Sequence[Kept],
    double: Sequence[Entry],
    desk: Desk,
    *,
    may_enter: bool,
    check: Callable[[], object],
) -> None:
    """Draw the card.

    kept: the entries in force, the newest first; double: those that don't count, for the book has spend of that day.
    may_enter: the forms are shown; check: ends the run for who may not see the page any more.
    """
    card = cards.begin(_KEY, title=_("What has been entered at the spend desk?"), tabular=False)
    if may_enter:
        with card.actions:
            with st.popover(_("Enter"), icon=":material/edit:", type="tertiary"), st.container(width=_FORM):
                _typed(shown, desk, check)
            with st.popover(_("Upload"), icon=":material/upload:", type="tertiary"), st.container(width=_FORM):
                _uploaded(desk, check)
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        with card.controls:
            (st.success if said[0] else st.info)(said[1], icon=":material/check:" if said[0] else ":material/info:")
    card.answer(
        sentence(kept, double),
        height=HEIGHT if kept else _EMPTY,
        figure=lambda: (
            tables.show(_listed(kept, desk.campaigns), _columns(), key=f"{_KEY}-rows", height=HEIGHT)
            if kept
            else st.caption(_nothing(may_enter=may_enter))
        ),
        caption=_("an invoice takes the place of its estimate · every change is in the audit chain"),
    )


def sentence(kept: Sequence[Kept], double: Sequence[Entry]) -> str:
    """How much has been entered, how sure it is, and what of it does not count."""
    if not kept:
        return _("Nothing has been entered yet; the costs are those of the loan database.")
    invoiced = sum(each.entry.amount_fen for each in kept if each.entry.stage is Stage.INVOICED)
    said = ngettext(
        "**{count}** entry of **{amount}** in all, {invoiced} of it invoiced; it counts in every cost on this page",
        "**{count}** entries of **{amount}** in all, {invoiced} of it invoiced; they count in every cost on this page",
        len(kept),
    ).format(
        count=formats.count(len(kept)),
        amount=money(sum(each.entry.amount_fen for each in kept)),
        invoiced=money(invoiced),
    )
    if double:
        said += _(", but for {amount} that the loan database has spend of on the same days").format(
            amount=money(sum(entry.amount_fen for entry in double))
        )
    return said + _(".")


def _nothing(*, may_enter: bool) -> str:
    if may_enter:
        return _(
            "Enter a row or upload a file: day, campaign or creator, kind, stage and amount; post, code and clicks "
            "where you have them."
        )
    return _("Marketing enters spend here.")


@st.fragment
def _typed(shown: View, desk: Desk, check: Callable[[], object]) -> None:
    check()
    turn = st.session_state.setdefault(_TURN, 0)
    with st.form(f"{_KEY}-form-{turn}", border=False):
        left, right = st.columns([2, 3], gap="small")
        day = left.date_input(_("Day"), value=shown.book.as_of, format="YYYY-MM-DD")
        campaign = right.selectbox(
            _("Campaign"),
            ["", *reversed(desk.campaigns)],
            format_func=lambda key: desk.campaigns[key] if key else _("None, a creator alone"),
        )
        left, right = st.columns(2, gap="small")
        creator, code = left.text_input(_("Creator"), max_chars=100), right.text_input(_("Code"), max_chars=64)
        left, right = st.columns(2, gap="small")
        post = left.text_input(_("Post"), max_chars=200)
        clicks = right.text_input(_("Clicks"), placeholder="340")
        left, middle, right = st.columns(3, gap="small")
        kind = left.selectbox(_("Kind"), [part.value for part in SPEND], format_func=_kind)
        stage = middle.selectbox(_("Stage"), [stage.value for stage in Stage], format_func=_stage)
        amount = right.text_input(_("Amount, CNY"), placeholder="1200.50")
        answer = st.container()  # over the button, where it is seen
        submitted = st.form_submit_button(_("Store"), icon=":material/save:", type="primary", width="stretch")
    if not submitted:
        return
    texts = (
        day.isoformat() if isinstance(day, date) else "",
        campaign,
        creator,
        post,
        code,
        kind,
        stage,
        amount,
        clicks,
    )
    read = desk.read_row(dict(zip(COLUMNS, map(str, texts), strict=True)))
    if read.faults:
        answer.error("\n\n".join(plain(_said(fault)) for fault in read.faults), icon=":material/error:")
        return
    _store(desk, read)


@st.fragment
def _uploaded(desk: Desk, check: Callable[[], object]) -> None:
    check()
    turn = st.session_state.setdefault(_TURN, 0)
    st.caption(_("CSV or Excel with the columns {columns}; names of columns, kinds and stages may be Chinese.").format(
        columns=_(", ").join(f"`{name}`" for name in COLUMNS)
    ))  # fmt: skip
    st.download_button(
        _("Template"), desk.template, file_name="spend.csv", mime="text/csv", icon=":material/download:",
        type="tertiary", on_click="ignore", key=f"{_KEY}-template",
    )  # fmt: skip
    file = st.file_uploader(
        _("File"), type=["csv", "xlsx"], key=f"{_KEY}-file-{turn}", label_visibility="collapsed", max_upload_size=5
    )
    if file is None:
        return
    content = file.getvalue()
    read = desk.read_file(file.name, content)
    if read.faults:
        _faults(read.faults)
        return
    total = sum(entry.amount_fen for _number, entry in read.entries)
    st.markdown(
        ngettext(
            "**{count}** row of **{amount}**, all good.",
            "**{count}** rows of **{amount}**, all good.",
            len(read.entries),
        ).format(count=formats.count(len(read.entries)), amount=money(total))
    )
    if st.button(_("Store them"), icon=":material/save:", type="primary", key=f"{_KEY}-store-{turn}", width="stretch"):
        _store(desk, read, file.name, content)


def _store(desk: Desk, read: Read, name: str = "", content: bytes = b"") -> None:
    """Store, say what became of it and draw the page anew, for every cost on it has changed; faults stay here."""
    try:
        taken = desk.store(read.entries, name, content)
    except PermissionError:
        st.error(_("Entering spend is not part of your role any more; nothing was stored."), icon=":material/lock:")
        return
    if taken.faults:
        _faults(taken.faults)
        return
    st.session_state[_SAID] = bool(taken.new or taken.replaced), became(taken)
    st.session_state[_TURN] += 1
    st.rerun()


def became(taken: Taken) -> str:
    """What became of entries, in words."""
    if taken.earlier is not None:
        return _("This very file was stored on {at} ({rows} rows); nothing was stored again.").format(
            at=formats.moment(taken.earlier.at), rows=formats.count(taken.earlier.rows)
        )
    if not taken.new and not taken.replaced:
        return _("All of it is stored already; nothing was stored again.")
    return _("{new} stored, {replaced} in place of earlier ones, {unchanged} were stored already.").format(
        new=formats.count(taken.new), replaced=formats.count(taken.replaced), unchanged=formats.count(taken.unchanged)
    )


def _faults(faults: Sequence[Fault]) -> None:
    st.error(
        ngettext(
            "Nothing was stored: **{count}** fault.", "Nothing was stored: **{count}** faults.", len(faults)
        ).format(count=formats.count(len(faults))),
        icon=":material/error:",
    )
    told = [f"- {_of_row(fault)}" for fault in faults[:_LISTED]]
    if len(faults) > len(told):
        told.append("- " + _("{count} more").format(count=formats.count(len(faults) - len(told))))
    with st.container(height=_FAULTS if len(told) > _FEW else "content", border=False, key=f"{_KEY}-faults"):
        st.markdown("\n".join(told))


def _of_row(fault: Fault) -> str:
    said = plain(_said(fault))
    return _("**Row {row}**: {said}").format(row=formats.count(fault.row), said=said) if fault.row else said


def _said(fault: Fault) -> str:
    return _(fault.sentence).format(**fault.values)


def _kind(kind: str) -> str:
    return _(cost_words.PARTS[Part(kind)][0])


def _stage(stage: str) -> str:
    return _(_STAGES[Stage(stage)])


def _listed(kept: Sequence[Kept], campaigns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "day": each.entry.day,
                "campaign": campaigns.get(each.entry.campaign, each.entry.campaign),
                "creator": each.entry.creator,
                "post": each.entry.post,
                "code": each.entry.code,
                "kind": _kind(each.entry.kind),
                "stage": _stage(each.entry.stage),
                "amount_fen": each.entry.amount_fen,
                "clicks": each.entry.clicks,
                "at": each.at.astimezone(BUSINESS_ZONE).replace(tzinfo=None),
                "staff": each.staff_email,
            }
            for each in kept[:_LISTED]
        ]
    ).astype({"clicks": "Int64"})


def _columns() -> dict[str, Column]:
    return {
        "day": Column(_("Day"), Kind.DAY, pinned=True),
        "campaign": Column(_("Campaign")),
        "creator": Column(_("Creator")),
        "kind": Column(_("Kind")),
        "stage": Column(_("Stage")),
        "amount_fen": Column(_("Amount"), Kind.FEN),
        "clicks": Column(_("Clicks"), Kind.COUNT),
        "post": Column(_("Post")),
        "code": Column(_("Code")),
        "at": Column(_("Entered at"), Kind.INSTANT),
        "staff": Column(_("By")),
    }
