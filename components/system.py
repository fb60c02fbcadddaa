"""The cards of the System page. Each is given frames whose columns its function names."""

import pandas as pd
import streamlit as st

from components import cards, formats, tables
from components.language import _, ngettext
from components.tables import Column, Kind
from rules.book import Book, Evidence
from rules.metrics import METRICS, Metric
from rules.text import N_

_HEIGHT = 330
_DEPTHS = {
    Evidence.INSTALMENTS: N_("instalments and repayments"),
    Evidence.TAPE: N_("a month-end tape"),
    Evidence.OUTCOMES: N_("outcomes alone"),
}


def data(book: Book, found: pd.DataFrame) -> None:
    """What was read. found: name, present, rows, missing_columns, rejected (`queries.system.tables`)."""
    missing, rejected = int((~found["present"]).sum()), int(found["rejected"].sum())
    card = cards.begin("tables", title=_("What was read from the loan database?"), tabular=False)
    said = [
        _("**{book}**, closed to {day}: {count} rows.").format(
            book=book.name, day=formats.day(book.as_of), count=formats.count(int(found["rows"].sum()))
        ),
        ngettext("{count} table of the contract is missing.", "{count} tables of the contract are missing.", missing)
        .format(count=missing) if missing else _("No table of the contract is missing."),
        ngettext("{count} row can't be used.", "{count} rows can't be used.", rejected)
        .format(count=formats.count(rejected)) if rejected else _("Every row can be used."),
    ]  # fmt: skip
    columns = {
        "name": Column(_("Table"), pinned=True),
        "present": Column(_("Present"), Kind.YES),
        "rows": Column(_("Rows"), Kind.COUNT),
        "rejected": Column(_("Can't be used"), Kind.COUNT),
        "missing_columns": Column(_("Missing columns")),
    }
    depths = ", ".join(_(_DEPTHS[depth]) for depth in Evidence if depth in book.evidence)
    card.answer(
        " ".join(said),
        height=_HEIGHT,
        figure=lambda: tables.show(found, columns, key="tables", height=_HEIGHT),
        caption=_("repayment is proved by {depths} · snapshot {snapshot}").format(
            depths=depths, snapshot=book.snapshot_id
        ),
    )


def refused(rows: pd.DataFrame) -> None:
    """Rows that can't be used. rows: table_name, key, reason (`queries.system.rejected`)."""
    card = cards.begin("refused", title=_("Which rows can't be used?"), tabular=False)
    listed = rows.assign(reason=[_(reason) for reason in rows["reason"]])
    columns = {
        "table_name": Column(_("Table"), pinned=True),
        "key": Column(_("Key")),
        "reason": Column(_("Reason")),
    }
    card.answer(
        _("They are left out of every figure; correct them in the loan database, then refresh."),
        height=_HEIGHT,
        figure=lambda: tables.show(listed, columns, key="refused", height=_HEIGHT),
        caption=_("the first {count} are listed").format(count=formats.count(len(rows)))
        if rows.attrs.get("capped")
        else "",
    )


def refreshes(runs: pd.DataFrame) -> None:
    """When the copy was built. runs: started_at, seconds, outcome (succeeded, failed or null), rows, message."""
    card = cards.begin("refreshes", title=_("When was the copy built?"), tabular=False)
    named = {"succeeded": _("succeeded"), "failed": _("failed")}
    listed = runs.assign(outcome=[named.get(outcome, _("running or stopped")) for outcome in runs["outcome"]])
    columns = {
        "started_at": Column(_("Started"), Kind.INSTANT, pinned=True),
        "outcome": Column(_("Outcome")),
        "seconds": Column(_("Seconds"), Kind.COUNT),
        "rows": Column(_("Rows"), Kind.COUNT),
        "message": Column(_("What happened")),
    }
    failed = int((runs["outcome"] == "failed").sum())
    card.answer(
        ngettext("{count} of the last {all} refreshes failed.", "{count} of the last {all} refreshes failed.", failed)
        .format(count=failed, all=len(runs)),
        height=_HEIGHT,
        figure=lambda: tables.show(listed, columns, key="refreshes", height=_HEIGHT),
        caption=_("times are Asia/Shanghai · python manage.py refresh builds one now"),
    )  # fmt: skip


def people(staff: pd.DataFrame) -> None:
    """Who may sign in. staff: name, role (their English name), active."""
    card = cards.begin("people", title=_("Who works with Loanboard?"), tabular=False)
    listed = staff.assign(role=[_(role) for role in staff["role"]], name=[_(name) for name in staff["name"]])
    columns = {
        "name": Column(_("Name"), pinned=True),
        "role": Column(_("Role")),
        "active": Column(_("Active"), Kind.YES),
    }
    card.answer(
        _("A role decides which pages a person sees; it is looked up anew at every click."),
        height=_HEIGHT,
        figure=lambda: tables.show(listed, columns, key="people", height=_HEIGHT),
    )


def glossary() -> None:
    """What each metric means, from the registry."""
    card = cards.begin("glossary", title=_("What does each number mean?"), tabular=False)

    def figure() -> None:
        for metric in METRICS.values():
            st.markdown(f"**{_(metric.name)}** · {_(metric.definition)}")
            st.caption(" · ".join(_facts(metric)))

    card.answer(_("The same words stand wherever a number is shown, and in its files."), height=_HEIGHT, figure=figure)


def _facts(metric: Metric) -> list[str]:
    facts = [_("counts {calendar}").format(calendar=_(metric.calendar))]
    if metric.interval:
        facts.append(_("interval: {method}").format(method=_(metric.interval)))
    if metric.noise_test:
        facts.append(_("noise: {test}").format(test=_(metric.noise_test)))
    return [*facts, metric.source]
