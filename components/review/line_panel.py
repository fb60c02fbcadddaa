"""Who referred them? The referral line upward, and how the others repaid whom that line brought."""

import pandas as pd

from components import formats
from components.filters.words import default_in_words
from components.language import _, ngettext
from components.markdown import plain
from components.review import panel, point_words
from components.review.seen import Seen
from rules.case_margin import Share
from rules.case_points import Side
from rules.case_standing import Line
from rules.metrics import METRICS

_LISTED = 6
_METRIC = METRICS["line_default_rate"]


def draw(seen: Seen) -> None:
    """Draw the panel."""
    title, lacking = _("Who referred them?"), seen.lacks("member")
    if lacking:
        panel.lacking("line", title, lacking)
        return
    referrer, found = seen.opened.case.referred_by_id, seen.line
    if referrer is None:
        panel.card("line", title, _("Nobody: the applicant came by themselves."))
        return
    if found is None:
        panel.card(
            "line", title,
            _("Member {member}, of whose line this morning's copy does not tell yet.").format(member=plain(referrer)),
        )  # fmt: skip
        return
    panel.card(
        "line", title, _sentence(found, referrer, len(seen.frames["line"])), lambda: _table(seen.frames["line"]),
        definition=_(_METRIC.definition), caption=_caption(found, seen),
    )  # fmt: skip


def _sentence(found: Line, referrer: str, above: int) -> str:
    steps = ngettext("{count} step up to the root", "{count} steps up to the root", above).format(count=above)
    who = _("Member {member}, {steps}.").format(member=plain(referrer), steps=steps)
    if not found.told:
        none = _(
            "Of the {count} others whom this line brought nobody has been followed for long enough to say anything."
        )
        return f"{who} {none.format(count=formats.count(found.members))}"
    share = point_words.share_told(Share(found.rate, found.low, found.high, found.mature))
    if found.better:
        told = _("{mark} The others of this line repay better than the book: **{share}** default, {book} of the rest.")
    else:
        told = _("{mark} Of the others of this line **{share}** default; the rest of the book, {book}. The difference "
                 "is no better than noise, and a worse one is never held against anybody.")  # fmt: skip
    mark = panel.marked(Side.FOR if found.better else Side.NEITHER)
    return f"{who} {told.format(mark=mark, share=share, book=formats.percent(found.book_rate))}"


def _table(rows: pd.DataFrame) -> None:
    panel.table(
        [_("Member"), _("Steps"), _("Own first loan"), _("Brought"), _("Followed"), _("Defaulted")],
        [
            [
                plain(row.member_id), formats.count(row.steps), _own(row), formats.count(row.members),
                formats.count(row.mature), formats.count(row.defaulted),
            ]
            for row in rows.head(_LISTED).itertuples()
        ],
        numbers=(1, 3, 4, 5),
    )  # fmt: skip


def _own(row: tuple) -> str:  # type: ignore[type-arg]
    if not row.own_borrowers:  # type: ignore[attr-defined]
        return _("none")
    if not row.own_mature:  # type: ignore[attr-defined]
        return _("still maturing")
    told = _("defaulted") if row.own_defaulted else _("no default")  # type: ignore[attr-defined]
    return f"{panel.marked(Side.NEITHER)} {told}"


def _caption(found: Line, seen: Seen) -> list[str]:
    rates, thin = seen.rates, seen.shown.policy.display.thin_borrowers
    said = [
        _("default: {default}").format(default=default_in_words(rates.definition, rates.horizon)),
        _("of first loans; brought directly, without whoever leads on to the applicant"),
        _("copy of {day}").format(day=formats.day(seen.shown.book.as_of)),
    ]
    if found.told and found.mature < thin:
        said.insert(0, _("few: n = {count}, under {thin}").format(count=found.mature, thin=thin))
    if len(seen.frames["line"]) > _LISTED:
        said.append(_("the nearest {count} of {all}").format(count=_LISTED, all=len(seen.frames["line"])))
    return said
