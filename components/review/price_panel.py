"""What does it cost? The all-in rate with every fee against the caps of the day, and what it is made of."""

from components import formats
from components.language import _
from components.review import panel
from components.review.panel import Value
from components.review.seen import Seen
from rules.case_points import Side
from rules.case_price import Price
from rules.metrics import METRICS


def draw(seen: Seen) -> None:
    """Draw the panel."""
    price, title = seen.facts.price, _("What does it cost the applicant?")
    metric = METRICS["all_in_rate"]
    if price is None:
        panel.card("price", title, _("The application states no rate or no term, so its price can't be found."))
        return
    panel.card(
        "price", title, _sentence(price, seen), lambda: panel.grid(_values(price, seen)),
        definition=_(metric.definition), caption=_caption(price, seen),
    )  # fmt: skip


def _sentence(price: Price, seen: Seen) -> str:
    told = _("**{rate}** a year with every fee ({effective} compounded): {cap}{prime}.")
    caps = price.caps
    cap = (_("{mark} over the cap of {cap}") if price.over_cap else _("{mark} under the cap of {cap}")).format(
        mark=panel.marked(Side.AGAINST if price.over_cap else Side.FOR), cap=formats.percent(caps.cap, 0)
    )
    prime = ""
    if caps.prime is not None:
        multiple = formats.index(seen.shown.policy.price.prime_multiple, 0)
        over = bool(price.over_prime)
        prime = (
            _(", {mark} over {multiple} times the prime rate, {cap}")
            if over
            else _(", {mark} under {multiple} times the prime rate, {cap}")
        ).format(
            mark=panel.marked(Side.AGAINST if over else Side.FOR), multiple=multiple, cap=formats.percent(caps.prime, 1)
        )
    return told.format(
        rate=formats.percent(price.all_in.nominal, 2), effective=formats.percent(price.all_in.effective, 2), cap=cap,
        prime=prime,
    )  # fmt: skip


def _values(price: Price, seen: Seen) -> list[Value]:
    terms, facts = price.terms, seen.facts
    interest, months = sum(price.schedule.interest_fen), len(price.schedule.fee_fen)
    told, confirmed = facts.disclosed_rate, facts.disclosure_confirmed_at
    return [
        Value(_("Interest"), formats.money_exact(interest), _("{rate} a year").format(
            rate=formats.percent(terms.annual_rate, 2))),
        Value(_("Upfront fee"), formats.money_exact(terms.upfront_fee_fen)),
        Value(_("Monthly fees"), formats.money_exact(terms.monthly_fee_fen * months),
              _("{amount} a month").format(amount=formats.money_exact(terms.monthly_fee_fen))
              if terms.monthly_fee_fen else ""),
        Value(_("Membership fee required"), formats.money_exact(terms.membership_fee_fen),
              _("{rate} without it").format(rate=formats.percent(price.own.nominal, 2))
              if terms.membership_fee_fen else ""),
        Value(_("Told to the applicant"), "–" if told is None else formats.percent(told, 2),
              _("not confirmed") if confirmed is None
              else _("confirmed on {at}").format(at=formats.moment(confirmed)),
              Side.AGAINST if any(each.code in {"not_disclosed", "disclosed_otherwise"} for each in seen.points)
              else None),
    ]  # fmt: skip


def _caption(price: Price, seen: Seen) -> list[str]:
    said = [
        _("monthly internal rate of return × 12"),
        _("equal payments; a guarantee's fee stands among the monthly fees"),
        _("a membership fee paid within {days} days before counts whole").format(
            days=seen.shown.policy.price.membership_fee_days
        ),
    ]
    if price.caps.prime is None:
        said.append(_("no prime rate in the loan database, so that cap is not told"))
    return said
