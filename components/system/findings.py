"""Rules of the contract that rows break, and the rows behind each."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from components import cards, downloads, export, formats, linked, tables, view
from components.language import _, ngettext
from components.system import HEIGHT
from components.tables import Column, Kind
from rules.text import N_

_COLUMNS = (1.9, 1)
_HEAD = 58  # px, of the chosen sentence above its rows
_EMPTY = 30  # px
_KEY = "finding"  # in the link
_TABLE = "findings-table"
_SEVERITIES = {"missing": N_("missing"), "unusable": N_("unusable"), "broken": N_("broken")}

Which = tuple[str, str, str]  # the kind of a finding, its table and its column


def chosen(found: pd.DataFrame) -> Which:
    """The broken rule that the link names, else the one that most rows break; empty texts where none is broken."""
    codes = _codes(found)
    kind, table, column = linked.value(_KEY, codes, codes[0]).split(":") if codes else ("", "", "")
    return kind, table, column


def card(found: pd.DataFrame, sentences: Mapping[str, str], behind: pd.DataFrame, batches: downloads.Batches) -> None:
    """Broken rules, and the rows of the one that is chosen.

    found: kind, severity, table_name, column_name, expected, rows, examples (`queries.system.broken_invariants`);
    sentences: what each kind says; behind: table_name, key of the rows that break the chosen rule
    (`queries.system.broken_rows`); batches: the same, for files.
    """
    shown = cards.begin("findings", title=_("Which rules do rows of the loan database break?"), tabular=False)
    if found.empty:
        shown.answer(_("None: every row keeps the contract."), height=_EMPTY, figure=lambda: None)
        return
    listed = found.assign(
        sentence=[sentence_of(sentences[row.kind], row) for row in found.itertuples()],
        severity=[_(_SEVERITIES[severity]) for severity in found["severity"]],
    )
    codes = _codes(found)
    finding = listed.iloc[codes.index(":".join(chosen(found)))]
    with shown.actions:
        downloads.buttons(
            "findings",
            f"rows-{finding['kind']}",
            view.current(),
            partial(_facts, sentences[finding["kind"]], finding),
            list(behind.columns),
            batches,
        )
    shown.answer(
        _said(found),
        height=HEIGHT,
        figure=partial(_body, listed, finding, behind, codes),
        caption=_caption(int(finding["rows"]), len(behind)),
    )


def _codes(found: pd.DataFrame) -> list[str]:
    return [":".join(which) for which in found[["kind", "table_name", "column_name"]].itertuples(index=False)]


def sentence_of(template: str, row: Any) -> str:
    """What is wrong, with the first rows."""
    listed = len(row.examples.split("; "))
    return _(template).format(
        table=row.table_name,
        column=row.column_name,
        count=formats.count(row.rows),
        expected=row.expected,
        examples=row.examples + ("; …" if row.rows > listed else ""),
    )


def _said(found: pd.DataFrame) -> str:
    count = len(found)
    said = ngettext("**{count}** rule is broken.", "**{count}** rules are broken.", count)
    stays = _("The pages live on; correct the rows in the loan database, then refresh.")
    return f"{said.format(count=formats.count(count))} {stays}"


def _body(listed: pd.DataFrame, finding: Any, behind: pd.DataFrame, codes: list[str]) -> None:
    left, right = st.columns(_COLUMNS, gap="small")
    columns = {
        "sentence": Column(_("What is wrong"), pinned=True),
        "rows": Column(_("Rows"), Kind.COUNT),
        "severity": Column(_("Severity")),
    }
    with left:
        picked = partial(_picked, codes)
        tables.show(listed, columns, key=_TABLE, height=HEIGHT, on_select=picked, selection_mode="single-row")
    with right:
        name = finding["table_name"] + (f".{finding['column_name']}" if finding["column_name"] else "")
        st.caption(_("The rows of `{name}`: {sentence}").format(name=name, sentence=finding["sentence"]))
        keys = {"key": Column(_("Key"), pinned=True), "table_name": Column(_("Table"))}
        tables.show(behind, keys, key="findings-rows", height=HEIGHT - _HEAD)


def _picked(codes: list[str]) -> None:
    rows = st.session_state[_TABLE]["selection"]["rows"]
    if rows:
        linked.choose(_KEY, codes[rows[0]], codes[0])


def _caption(count: int, listed: int) -> str:
    said = [_("choose a rule to see its rows")]
    if listed < count:
        said.append(
            _("the first {listed} of {count} rows are kept; `python manage.py check --rows` lists all").format(
                listed=formats.count(listed), count=formats.count(count)
            )
        )
    return " · ".join(said)


def _facts(template: str, finding: Any) -> export.Header:
    """What a file states of the rows, in its own language."""
    return [(_("Rule"), sentence_of(template, finding)), (_("Rows"), formats.count(int(finding["rows"])))]
