"""What kind of member is this? Tier and history, time as a member, place in the referral tree, perks."""

from components import formats
from components.language import _, ngettext, value_label
from components.review import panel
from components.review.panel import Value
from components.review.seen import Seen
from rules.calendar import business_date, months_between
from rules.case_facts import Spell, instant
from rules.dimensions import CHANNEL, TIER
from rules.text import N_

REASONS = {
    "paid": N_("paid"), "task": N_("by tasks"), "upgrade": N_("upgrade"), "downgrade": N_("downgrade"),
    "lapse": N_("lapse"),
}  # fmt: skip
_LISTED = 6


def draw(seen: Seen) -> None:
    """Draw the panel."""
    title = _("What kind of member is this?")
    lacking = seen.lacks("member", "membership")
    if lacking:
        panel.lacking("membership", title, lacking)
        return
    panel.card("membership", title, _sentence(seen), lambda: _body(seen), caption=_caption(seen))


def _sentence(seen: Seen) -> str:
    member, today = seen.facts.member, business_date(seen.opened.now)
    if not member:
        return _("The loan database does not hold this member any more.")
    since = business_date(instant(member["registered_at"]))
    months = months_between(since, today)
    now = next((spell for spell in seen.facts.spells if _runs(spell, seen)), None)
    joined = (
        ngettext("a member for **{count} month**", "a member for **{count} months**", months).format(count=months)
        if months
        else _("a member for **less than a month**")
    )
    if now is None:
        return _("On no paid tier today, {joined} (since {day}).").format(joined=joined, day=formats.day(since))
    return _("**{tier}** since {from_on}, {joined} (since {day}).").format(
        tier=value_label(TIER.code, now.tier, seen.shown.book), from_on=formats.day(now.from_on), joined=joined,
        day=formats.day(since),
    )  # fmt: skip


def _body(seen: Seen) -> None:
    panel.grid(_values(seen))
    spells = seen.facts.spells
    if spells:
        panel.table(
            [_("Tier"), _("From"), _("Until"), _("Joined by"), _("Fee")],
            [
                [
                    value_label(TIER.code, spell.tier, seen.shown.book), formats.day(spell.from_on),
                    "–" if spell.until_on is None else formats.day(spell.until_on),
                    _(REASONS.get(spell.reason, spell.reason)), formats.money_exact(spell.fee_fen),
                ]
                for spell in spells[:_LISTED]
            ],
        numbers=(4,),
    )  # fmt: skip


def _values(seen: Seen) -> list[Value]:
    facts, content = seen.facts, seen.facts.content
    before = content["earlier_application"]
    declined = sum(row["status"] == "declined" for row in before)
    perks = [row for row in content["perk"] if row["redeemed_at"] is None and instant(row["expires_at"]) > facts.now]
    place, channel = seen.frames.get("place"), facts.member.get("acquisition_channel")
    values = [
        Value(_("Came by"), "–" if channel is None else value_label(CHANNEL.code, channel, seen.shown.book)),
        Value(_("Line"), "–" if facts.line_fen is None else formats.money_exact(facts.line_fen)),
        Value(_("Earlier applications"), formats.count(len(before)),
              ngettext("{count} declined", "{count} declined", declined).format(count=declined) if declined else ""),
        Value(_("Open perks"), formats.count(len(perks))),
    ]  # fmt: skip
    if place is not None and not place.empty:
        row = place.iloc[0]
        values.append(Value(_("Referred"), formats.count(int(row["referrals"])), _("members directly")))
    return values


def _caption(seen: Seen) -> list[str]:
    spells = seen.facts.spells
    said = [_("read live")]
    if len(spells) > _LISTED:
        said.append(_("the newest {count} of {all} memberships").format(count=_LISTED, all=len(spells)))
    if not seen.facts.member.get("sensitive_data_consent_at"):
        said.append(_("no consent to the use of sensitive data on record"))
    return said


def _runs(spell: Spell, seen: Seen) -> bool:
    today = business_date(seen.opened.now)
    return spell.from_on <= today and (spell.until_on is None or spell.until_on > today)
