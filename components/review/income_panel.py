"""Can the income carry it? A month's income against all obligations of a month, this loan among them."""

from components import formats
from components.language import _
from components.review import panel
from components.review.panel import Value
from components.review.seen import Seen
from rules.case_burden import Burden
from rules.case_points import Side
from rules.metrics import METRICS

_METRIC = METRICS["debt_to_income"]


def draw(seen: Seen) -> None:
    """Draw the panel."""
    title, found = _("Can the income carry it?"), seen.facts.burden
    if found is None:
        panel.card("income", title, _("Without a rate and a term there is no instalment to hold against the income."))
        return
    panel.card(
        "income",
        title,
        _sentence(found, seen),
        lambda: panel.grid(_values(found)),
        definition=_(_METRIC.definition),
        caption=_caption(found, seen),
    )


def _sentence(found: Burden, seen: Seen) -> str:
    if found.debt_to_income is None or found.monthly_incomes is None:
        return _("No income is known; neither the application nor the member's record states one.")
    limit, most = seen.shown.policy.case.most_debt_to_income, seen.shown.policy.exposure.most_monthly_incomes
    over, extended = found.debt_to_income > limit, found.monthly_incomes > most
    return _(
        "**{ratio}** of each month's income goes into debt with this loan, {mark} limit {limit}; all debt together "
        "would be **{incomes} monthly incomes**, {other} limit {most}."
    ).format(
        ratio=formats.percent(found.debt_to_income, 0), mark=panel.marked(Side.AGAINST if over else Side.FOR),
        limit=formats.percent(limit, 0), incomes=formats.index(found.monthly_incomes, 1),
        other=panel.marked(Side.AGAINST if extended else Side.FOR), most=formats.index(most, 0),
    )  # fmt: skip


def _values(found: Burden) -> list[Value]:
    declared = _("not stated") if found.declared_fen is None else _("of {amount} declared").format(
        amount=formats.money_exact(found.declared_fen))  # fmt: skip
    return [
        Value(_("Income"), "–" if found.income_fen is None else formats.money_exact(found.income_fen)),
        Value(_("This loan"), panel.cny(found.asked_fen)),
        Value(_("Loans here"), panel.cny(found.running_fen)),
        Value(_("Debt elsewhere"), panel.cny(found.elsewhere_fen), declared),
        Value(_("All obligations"), panel.cny(found.monthly_fen)),
    ]


def _caption(found: Burden, seen: Seen) -> list[str]:
    share = formats.percent(seen.shown.policy.case.elsewhere_monthly_ratio, 0)
    stated = seen.facts.application["monthly_income"]
    return [
        _("amounts of a month"),
        _("debt elsewhere: {share} of what was declared falls due a month").format(share=share),
        _("income as the application states it") if stated else _("income as the member's record states it"),
    ]
