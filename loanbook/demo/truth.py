"""What is planted in the demo book: the answers that pages, queries and tests are held against."""

from dataclasses import dataclass

from loanbook.demo.draw import Ints


@dataclass(frozen=True)
class Truth:
    """What holds in every demo book of the default seed and size, whatever its as-of date.

    bad_province: its loans default `bad_province_hazard` times as often as they would elsewhere; it has many borrowers.
    looks_bad_province: few borrowers and the same hazard as everywhere; by accident its observed rate is high, and
        not significant once all provinces are compared.
    simpson_pair: (looks better, looks worse). The first tier's crude default rate is lower; within every value of
        `simpson_dimension` it is higher, because its members mostly take the product that rarely defaults.
    drift_days, drift_points: in the last so many days scores are that many points too good, and noisier.
    dear_campaign_channel: the channel with the campaign that is cheap per registration and dear per repaying borrower.
    lawful_hours: contacts outside these Asia/Shanghai hours (from, until) are planted; all others lie within.
    price_cap: no loan's all-in yearly rate (internal rate of return x 12) is over it, save the planted ones.
    """

    bad_province: str = "Sichuan"
    bad_province_hazard: float = 2.4
    looks_bad_province: str = "Qinghai"
    simpson_pair: tuple[str, str] = ("silver", "gold")
    simpson_dimension: str = "product"
    drift_days: int = 90
    drift_points: int = 35
    dear_campaign_channel: str = "advertising"
    lawful_hours: tuple[int, int] = (8, 22)
    price_cap: float = 0.24


TRUTH = Truth()


@dataclass(frozen=True)
class Planted:
    """The rows that a built book's truths are about; the same seed, size and as-of date give the same ids.

    ring_member_ids: one farmed referral tree, the farmer first, on few devices and one address.
    dear_campaign_ids: the campaign of `Truth.dear_campaign_channel`.
    price_cap_loan_ids: loans whose monthly guarantee fee lifts the all-in yearly rate over the cap.
    unlawful_contact_ids: contacts outside lawful hours.
    """

    ring_member_ids: Ints
    dear_campaign_ids: Ints
    price_cap_loan_ids: Ints
    unlawful_contact_ids: Ints
