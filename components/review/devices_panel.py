"""Who else is seen on their devices and at their addresses? Hashes alone are known of both."""

from collections.abc import Sequence

import pandas as pd

from components import formats
from components.language import _, ngettext
from components.markdown import plain
from components.review import panel
from components.review.seen import Seen
from rules.case_points import Side

_LISTED = 8
_HASH = 8  # characters of a hash that are shown


def draw(seen: Seen) -> None:
    """Draw the panel."""
    title, lacking = _("Who else uses their devices?"), seen.lacks("device_sighting")
    if lacking:
        panel.lacking("devices", title, lacking)
        return
    facts, shared = seen.facts, seen.shared
    if not facts.device_hashes and not facts.address_hashes:
        panel.card("devices", title, _("The applicant was seen on no device yet."))
        return
    rows = pd.DataFrame() if shared is None else shared
    body = None if rows.empty else lambda: _table(rows)
    panel.card("devices", title, _sentence(rows), body, caption=_caption(rows, seen))


def _sentence(rows: pd.DataFrame) -> str:
    if rows.empty:
        return _("{mark} Nobody: no other member was seen on their devices or at their addresses.").format(
            mark=panel.marked(Side.FOR)
        )
    on_device = rows.loc[rows["devices"] > 0]
    members, elsewhere = len(on_device), len(rows) - len(on_device)
    told = []
    if members:
        device = ngettext(
            "{mark} **{count} other member** on the same device, {tree} of the same tree, {defaulted} defaulted.",
            "{mark} **{count} other members** on the same devices, {tree} of the same tree, {defaulted} defaulted.",
            members,
        )
        told.append(
            device.format(
                mark=panel.marked(Side.AGAINST), count=formats.count(members), tree=int(on_device["same_tree"].sum()),
                defaulted=int(on_device["defaulted"].sum()),
            )
        )  # fmt: skip
    if elsewhere:
        address = ngettext(
            "{mark} {count} at the same address, which is weak by itself.",
            "{mark} {count} at the same address, which is weak by itself.",
            elsewhere,
        )
        told.append(address.format(mark=panel.marked(Side.NEITHER), count=formats.count(elsewhere)))
    return " ".join(told)


def _table(rows: pd.DataFrame) -> None:
    panel.table(
        [_("Member"), _("Devices"), _("Addresses"), _("Tree"), _("First loan")],
        [
            [
                plain(row.member_id), formats.count(row.devices), formats.count(row.addresses), _tie(row),
                _loan(row),
            ]
            for row in rows.head(_LISTED).itertuples()
        ],
        numbers=(1, 2),
    )  # fmt: skip


def _tie(row: tuple) -> str:  # type: ignore[type-arg]
    if row.referrer:  # type: ignore[attr-defined]
        return _("their referrer")
    if row.referee:  # type: ignore[attr-defined]
        return _("their referee")
    return _("same tree") if row.same_tree else _("another tree")  # type: ignore[attr-defined]


def _loan(row: tuple) -> str:  # type: ignore[type-arg]
    defaulted = _("defaulted")
    if row.defaulted:  # type: ignore[attr-defined]
        return f"{panel.marked(Side.AGAINST)} {defaulted}"
    return _("no default") if row.borrower else _("none")  # type: ignore[attr-defined]


def _caption(rows: pd.DataFrame, seen: Seen) -> list[str]:
    facts = seen.facts
    said = [
        _("devices {devices}").format(devices=_short(facts.device_hashes)),
        _("addresses {addresses}").format(addresses=_short(facts.address_hashes)),
        _("copy of {day}").format(day=formats.day(seen.shown.book.as_of)),
    ]
    if len(rows) > _LISTED:
        said.append(_("the first {count} of {all}").format(count=_LISTED, all=formats.count(len(rows))))
    return said


def _short(hashes: Sequence[str]) -> str:
    return ", ".join(plain(f"{each[:_HASH]}…") for each in hashes) or "–"
