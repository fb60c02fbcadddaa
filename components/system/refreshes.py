"""When the copy was built."""

import pandas as pd

from components import cards, tables
from components.language import _, ngettext
from components.system import HEIGHT
from components.tables import Column, Kind


def card(runs: pd.DataFrame) -> None:
    """When the copy was built. runs: started_at, seconds, outcome (succeeded, failed or null), rows, message."""
    shown = cards.begin("refreshes", title=_("When was the copy built?"), tabular=False)
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
    shown.answer(
        ngettext("{count} of the last {all} refreshes failed.", "{count} of the last {all} refreshes failed.", failed)
        .format(count=failed, all=len(runs)),
        height=HEIGHT,
        figure=lambda: tables.show(listed, columns, key="refreshes", height=HEIGHT),
        caption=_("times are Asia/Shanghai · python manage.py refresh builds one now"),
    )  # fmt: skip
