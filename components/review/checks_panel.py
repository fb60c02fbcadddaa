"""What did the checks find? Each check of rules and model with what it saw and what it is held against."""

from components import formats
from components.language import _, ngettext, value_label
from components.markdown import plain
from components.review import act_words, panel
from components.review.seen import Seen
from rules.case_facts import CheckSeen
from rules.case_points import Side
from rules.dimensions import DECIDED_BY

_SIDES = {"pass": Side.FOR, "flag": Side.NEITHER, "fail": Side.AGAINST}


def draw(seen: Seen) -> None:
    """Draw the panel."""
    title, lacking = _("What did the checks find?"), seen.lacks("application_check")
    if lacking:
        panel.lacking("checks", title, lacking)
        return
    checks = seen.facts.checks
    if not checks:
        panel.card("checks", title, _("No check of this application is on record."))
        return
    panel.card("checks", title, _sentence(checks), lambda: _table(checks), caption=_caption(checks))


def _sentence(checks: tuple[CheckSeen, ...]) -> str:
    counts = {outcome: sum(check.outcome == outcome for check in checks) for outcome in _SIDES}
    told = ngettext("Of **{count} check**, {said}.", "Of **{count} checks**, {said}.", len(checks))
    parts = {
        "fail": ngettext("**{count} failed**", "**{count} failed**", counts["fail"]),
        "flag": ngettext("{count} flagged something", "{count} flagged something", counts["flag"]),
        "pass": ngettext("{count} passed", "{count} passed", counts["pass"]),
    }
    said = panel.listed(parts[name].format(count=counts[name]) for name in parts if counts[name])
    return told.format(count=len(checks), said=said)


def _table(checks: tuple[CheckSeen, ...]) -> None:
    worst_first = sorted(checks, key=lambda check: ["fail", "flag", "pass"].index(check.outcome))
    panel.table(
        [_("Check"), _("Said"), _("Value seen"), _("Limit"), _("Source")],
        [
            [
                act_words.check(check.code),
                f"{panel.marked(_SIDES[check.outcome])} {act_words.check_said(check.outcome)}",
                plain(check.value or "–"), plain(check.threshold or "–"),
                plain(check.provider or value_label(DECIDED_BY.code, check.layer)),
            ]
            for check in worst_first
        ],
        numbers=(2, 3),
    )  # fmt: skip


def _caption(checks: tuple[CheckSeen, ...]) -> list[str]:
    newest = max((check.at for check in checks if check.at is not None), default=None)
    said = [_("rules and score model; a flag asks for a person, it says neither yes nor no")]
    if newest is not None:
        said.insert(0, _("checked on {at}").format(at=formats.moment(newest)))
    return said
