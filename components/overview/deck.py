"""Which key figures there are: their metric, what they need, and the page and filter behind each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from components.overview.looked import looked_at
from components.view import View
from rules.filters import Comparison, Period
from rules.kpi import Good
from rules.overview_members import AGAIN_DAYS
from rules.text import N_

Parameters = Mapping[str, str]


class Shape(StrEnum):
    """How a figure is written."""

    MONEY = "money"
    EACH = "each"  # money of one head, to the yuan
    COUNT = "count"
    RATIO = "ratio"
    INDEX = "index"


@dataclass(frozen=True)
class Card:
    """One key figure as it is shown."""

    code: str  # of its `rules.kpi.Kpi`
    name: str  # short; the metric's own is in its help
    metric: str  # in the registry
    page: str  # behind it; whoever does not see that page does not see the card
    shape: Shape
    good: Good
    needs: tuple[str, ...] = ()  # tables of the book, all of them
    needs_one: tuple[str, ...] = ()  # tables of the book, one of them at least
    behind: Callable[[View], Parameters] = lambda _shown: {}  # what the link adds to the filters


def _months(shown: View) -> Parameters:
    months = looked_at(shown)
    return {"period": Period.CUSTOM.value, "from": f"{months.first:%Y-%m}", "to": f"{months.last:%Y-%m}"}


_LOANS = ("loan", "application")

DECK = (
    Card("lent_yesterday", N_("Lent yesterday"), "lent_yesterday", "system", Shape.MONEY, Good.MORE, _LOANS),
    Card(
        "arrears",
        N_("Arrears"),
        "overdue",
        "default_rates",
        Shape.MONEY,
        Good.LESS,
        _LOANS,
        behind=lambda _shown: {"period": Period.ALL.value, "compare": Comparison.NONE.value},
    ),
    Card(
        "quota_left",
        N_("Funders' quota left"),
        "quota_left",
        "default_rates",
        Shape.MONEY,
        Good.MORE,
        (*_LOANS, "funder"),
        behind=lambda _shown: {"by": "funder"},
    ),
    Card("disbursed", N_("Disbursed"), "disbursed", "default_rates", Shape.MONEY, Good.MORE, _LOANS, behind=_months),
    Card("default_rate", N_("Default rate"), "default_rate", "default_rates", Shape.RATIO, Good.LESS, _LOANS),
    Card(
        "reserve_cover",
        N_("Reserve cover"),
        "reserve_cover",
        "default_rates",
        Shape.INDEX,
        Good.MORE,
        (*_LOANS, "reserve_movement"),
        behind=lambda _shown: {"part": "reserve"},
    ),
    Card("new_members", N_("New members"), "new_members", "membership", Shape.COUNT, Good.MORE, ("member",)),
    Card(
        "paid_share",
        N_("On a paid tier"),
        "paid_tier_share",
        "membership",
        Shape.RATIO,
        Good.MORE,
        ("member", "membership", "tier"),
        behind=lambda _shown: {"part": "movement"},
    ),
    Card(
        "applications",
        N_("Applications"),
        "applications",
        "membership",
        Shape.COUNT,
        Good.MORE,
        ("member", "application"),
    ),
    Card(
        "approval_rate",
        N_("Approval rate"),
        "approval_rate",
        "membership",
        Shape.RATIO,
        Good.NEITHER,
        ("member", "application"),
    ),
    Card(
        "outstanding",
        N_("Outstanding"),
        "month_end_outstanding",
        "default_rates",
        Shape.MONEY,
        Good.MORE,
        _LOANS,
        behind=lambda _shown: {"part": "time"},
    ),
    Card(
        "late_30",
        N_("Late 30+"),
        "current_late_ratio",
        "default_rates",
        Shape.RATIO,
        Good.LESS,
        _LOANS,
        behind=lambda _shown: {"part": "time"},
    ),
    Card(
        "lagged_30",
        N_("Late 30+, lagged"),
        "lagged_late_ratio",
        "default_rates",
        Shape.RATIO,
        Good.LESS,
        _LOANS,
        behind=lambda _shown: {"part": "time"},
    ),
    Card(
        "yield",
        N_("All-in yield"),
        "all_in_yield",
        "default_rates",
        Shape.RATIO,
        Good.MORE,
        (*_LOANS, "instalment", "repayment"),
        behind=lambda _shown: {"part": "time"},
    ),
    Card(
        "risk_cost",
        N_("Cost of risk"),
        "cost_of_risk",
        "default_rates",
        Shape.RATIO,
        Good.LESS,
        (*_LOANS, "instalment", "repayment"),
        behind=lambda _shown: {"part": "time"},
    ),
    Card(
        "borrower_cost",
        N_("Cost per borrower"),
        "cost_per_acquisition",
        "referrals",
        Shape.EACH,
        Good.LESS,
        ("member", "loan"),
        ("campaign_spend", "reward"),
        behind=lambda _shown: {"part": "cost"},
    ),
    Card(
        "value_over_cost",
        N_("Value over cost"),
        "value_over_cost",
        "referrals",
        Shape.INDEX,
        Good.MORE,
        ("member", "loan", "campaign", "campaign_spend", "instalment"),
        behind=lambda _shown: {"part": "cost"},
    ),
    Card(
        "repeat_rate",
        N_("Borrowed again"),
        "repeat_rate",
        "membership",
        Shape.RATIO,
        Good.MORE,
        ("member", "loan"),
        behind=lambda _shown: {"part": "movement", "again_within": str(AGAIN_DAYS)},
    ),
    Card(
        "cases_waiting",
        N_("Cases waiting"),
        "cases_waiting",
        "review_queue",
        Shape.COUNT,
        Good.NEITHER,
        ("application",),
    ),
    Card("cases_late", N_("Cases late"), "cases_late", "review_queue", Shape.COUNT, Good.LESS, ("application",)),
)


def missing(card: Card, shown: View) -> list[str]:
    """The tables that a card needs and the book lacks; none where it can be told."""
    lacking = shown.book.missing_tables
    found = [name for name in card.needs if name in lacking]
    if not found and card.needs_one and set(card.needs_one) <= lacking:
        found = list(card.needs_one)
    return found
