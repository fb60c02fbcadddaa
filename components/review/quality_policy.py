"""By which rules do we decide? Every version of the policy on record: what changed, who changed and who approved it."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from components import cards, formats, tables
from components.language import _, ngettext
from components.review import quality_words
from components.review.quality import Quality
from components.tables import Column, Kind
from components.view import View
from desk.policy_versions import Recorded
from rules.calendar import BUSINESS_ZONE
from rules.policy_changes import Value

HEIGHT = 200
_BORDERS = 8  # px
_KEY = "quality-policy"


def draw(shown: View, quality: Quality) -> None:
    """Draw the card."""
    card = cards.begin(_KEY, title=_("By which rules do we decide?"), tabular=False)
    if not quality.versions:
        quality_words.nothing(card, _("No version of the policy is on record yet."))
        return
    rows = pd.DataFrame([row for version in quality.versions for row in _rows(version)])
    columns = {
        "effective_from": Column(_("Holds from"), Kind.DAY, pinned=True),
        "field": Column(_("What")),
        "old": Column(_("Before")),
        "new": Column(_("Now")),
        "changed_by": Column(_("Changed by")),
        "approved_by": Column(_("Approved by")),
        "seen_at": Column(_("In use since"), Kind.INSTANT),
    }
    height = min(HEIGHT, tables.ROW * (len(rows) + 1) + _BORDERS)
    card.answer(
        sentence(quality.versions, shown.policy.effective_from),
        height=height,
        figure=lambda: tables.show(rows, columns, key=f"{_KEY}-rows", height=height),
        caption=_("every version is an event of the audit chain, and decisions carry the one that they were taken by"),
    )


def sentence(versions: "list[Recorded] | tuple[Recorded, ...]", in_force: date) -> str:
    """Which version holds, what it changed, and who approved it."""
    now = next((version for version in versions if version.effective_from == in_force), versions[0])
    text = _("The version of **{day}** holds.").format(day=formats.day(now.effective_from))
    if now.rewritten:
        text += " " + _("**It was changed after it had been in use.**")
    if now.changes:
        text += " " + ngettext(
            "It changed {count} value.", "It changed {count} values.", len(now.changes)
        ).format(count=formats.count(len(now.changes)))  # fmt: skip
    if now.approved_by:
        return f"{text} " + _("{who} approved it.").format(who=now.approved_by)
    return f"{text} " + _("The policy file does not say who approved it.")


def _rows(version: Recorded) -> Iterator[dict[str, object]]:
    common = {
        "effective_from": version.effective_from,
        "changed_by": version.changed_by or "–",
        "approved_by": version.approved_by or "–",
        "seen_at": version.seen_at.astimezone(BUSINESS_ZONE).replace(tzinfo=None),
    }
    if version.taken_back:
        yield {**common, "field": _("taken back: the policy file does not have it any more"), "old": "", "new": ""}
    elif not version.changes:
        yield {**common, "field": _("first version on record"), "old": "", "new": ""}
    for change in version.changes:
        yield {**common, "field": change.field, "old": _written(change.old), "new": _written(change.new)}


def _written(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) if value != "" else _("none")
