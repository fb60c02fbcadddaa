"""What is planted in the demo book: the answers that pages, queries and tests are held against."""

from dataclasses import dataclass
from datetime import date, timedelta

from loanbook.demo.draw import Ints
from rules import calendar


@dataclass(frozen=True)
class Truth:
    """What holds in every demo book of the default seed and size, whatever its as-of date.

    bad_province: its loans default `bad_province_hazard` times as often as they would elsewhere; it has many borrowers.
    looks_bad_province: few borrowers and the same hazard as everywhere; by accident its observed rate is high, and
        not significant once all provinces are compared.
    simpson_pair: (looks better, looks worse). The first tier's crude default rate is lower; within every value of
        `simpson_dimension` it is higher, because its members mostly take the product that rarely defaults.
    bad_vintage_hazard: loans of the quarter `bad_vintage` default so many times as often as they would otherwise.
    roll_forward: of the loans in a bucket at a month end, the share that is one bucket worse at the next month end,
        over all months and within `roll_tolerance` of itself; loans with moved due dates left out.
    redefault_share: of the loans that are cured after 90 days and owe enough instalments to fail again
        (`Planted.cured_loan_ids`), the share that goes over 90 days again.
    extended_default_share: of the extended loans at least so many go over 90 days past due later.
    reminded_late_ratio: borrowers reminded of their first due date (arm treated) are late with it so many times as
        often as those whom chance left out (arm held_out). A reminder to borrow again changes nothing.
    helping_perk, idle_perk: given by chance when a first loan is repaid; the first brings borrowers back, the second
        changes nothing, though those who redeem it have all come back.
    earning_tier, lending_tier: every tier is left with more than it costs; the members of the first with most a month,
        though those of the second bring in more interest and fees: their loans are lost oftener.
    champion, challenger: the model that decides, and the one that is tried beside it for `challenger_days` and ranks
        better. In the last `drift_days` the champion's scores are `drift_points` too good, and noisier.
    dear_campaign_channel: the channel with the campaign that is cheap per registration and dear per repaying borrower.
    lawful_hours: contacts outside these Asia/Shanghai hours (from, until) are planted; all others lie within.
    most_calls_a_day: no debtor is called more often on one day, save the planted ones.
    price_cap: no loan's all-in yearly rate (internal rate of return x 12) is over it, save the planted ones.
    """

    bad_province: str = "Sichuan"
    bad_province_hazard: float = 2.4
    looks_bad_province: str = "Qinghai"
    simpson_pair: tuple[str, str] = ("silver", "gold")
    simpson_dimension: str = "product"
    bad_vintage_hazard: float = 2.0
    roll_forward: tuple[tuple[str, float], ...] = (("M0", 0.031), ("M1", 0.36), ("M2", 0.52), ("M3", 0.67))
    roll_tolerance: float = 0.12
    redefault_share: float = 0.4
    extended_default_share: float = 0.3
    reminded_late_ratio: float = 0.6
    helping_perk: str = "rate_cut"
    idle_perk: str = "limit_boost"
    earning_tier: str = "platinum"
    lending_tier: str = "gold"
    champion: str = "A3"
    challenger: str = "B1"
    challenger_days: int = 720
    drift_days: int = 90
    drift_points: int = 35
    dear_campaign_channel: str = "advertising"
    lawful_hours: tuple[int, int] = (8, 22)
    most_calls_a_day: int = 3
    price_cap: float = 0.24

    def bad_vintage(self, as_of: date) -> tuple[date, date]:
        """The first and the last day of the calendar quarter of disbursement that is really worse."""
        within = calendar.add_months(as_of, -_BAD_VINTAGE_MONTHS_BACK)
        first = date(within.year, within.month - (within.month - 1) % 3, 1)
        return first, calendar.add_months(first, 3) - timedelta(days=1)


_BAD_VINTAGE_MONTHS_BACK = 27

TRUTH = Truth()


@dataclass(frozen=True)
class Planted:
    """The rows that a built book's truths are about; the same seed, size and as-of date give the same ids.

    ring_member_ids: one farmed referral tree, the farmer first, on few devices and one address.
    dear_campaign_ids: the campaign of `Truth.dear_campaign_channel`.
    price_cap_loan_ids: loans whose monthly guarantee fee lifts the all-in yearly rate over the cap.
    unlawful_contact_ids: contacts outside lawful hours.
    too_frequent_contact_ids: the calls of debtors who were called more than `Truth.most_calls_a_day` times on a day.
    planned_unlawful_contact_ids: contacts that are planned outside lawful hours of the running day.
    extended_loan_ids: loans whose due dates were moved while they were overdue: not cured, though nothing is due.
    restructured_loan_ids: loans whose due dates were moved after 90 days past due: not cured either.
    cured_loan_ids: loans that paid all that was due after more than 90 days and could fail again.
    redefaulted_loan_ids: those of them that did.
    just_in_time_loan_ids: loans that pay in the last second of the 91st day past due; they never default.
    just_too_late_loan_ids: loans that pay in the first second of the 92nd day (the 91st in UTC); they default.
    reversed_repayment_ids: negative repayments, each of a payment that bounced and was made again.
    undisclosed_application_ids: disbursed though the borrower never confirmed the all-in rate.
    unconsented_member_ids: verified without consent to the use of their sensitive data.
    """

    ring_member_ids: Ints
    dear_campaign_ids: Ints
    price_cap_loan_ids: Ints
    unlawful_contact_ids: Ints
    too_frequent_contact_ids: Ints
    planned_unlawful_contact_ids: Ints
    extended_loan_ids: Ints
    restructured_loan_ids: Ints
    cured_loan_ids: Ints
    redefaulted_loan_ids: Ints
    just_in_time_loan_ids: Ints
    just_too_late_loan_ids: Ints
    reversed_repayment_ids: Ints
    undisclosed_application_ids: Ints
    unconsented_member_ids: Ints
