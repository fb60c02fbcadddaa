"""What the lender has decided once: tiers, products, funders, prime rates, and the provinces it lends in."""

from datetime import date

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import table
from loanbook.demo.draw import NONE, Floats, Ints, day_number

TIERS = ("ordinary", "bronze", "silver", "gold", "platinum")
TIER_FEE_CNY = (0, 68, 168, 298, 688)
TIER_LIMIT_CNY = (10_000, 20_000, 50_000, 100_000, 200_000)
TIER_DISCOUNT = (0.0, 0.005, 0.01, 0.02, 0.03)

PRODUCTS = ("cash", "instalment", "revolving")

FUNDERS = ("Loanboard Lending", "Harbour City Bank", "Evergreen Trust", "Bright Consumer Finance")
FUNDER_KINDS = ("own", "bank", "trust", "consumer_finance")
FUNDER_PICKED = (0.25, 0.4, 0.15, 0.2)
FUNDER_SHARE = (1.0, 0.8, 1.0, 0.7)  # of a loan's principal

# Province, its code in identity numbers, and its weight among members. The small province of the truth has none here.
PROVINCES: tuple[tuple[str, int, float], ...] = (
    ("Anhui", 34, 3.6), ("Beijing", 11, 2.6), ("Chongqing", 50, 2.8), ("Fujian", 35, 3.4), ("Gansu", 62, 1.2),
    ("Guangdong", 44, 12.0), ("Guangxi", 45, 2.8), ("Guizhou", 52, 1.9), ("Hainan", 46, 0.6), ("Hebei", 13, 4.2),
    ("Heilongjiang", 23, 1.8), ("Henan", 41, 6.0), ("Hubei", 42, 4.4), ("Hunan", 43, 4.6), ("Inner Mongolia", 15, 1.3),
    ("Jiangsu", 32, 7.4), ("Jiangxi", 36, 2.8), ("Jilin", 22, 1.4), ("Liaoning", 21, 2.6), ("Ningxia", 64, 0.5),
    ("Qinghai", 63, 0.0), ("Shaanxi", 61, 2.4), ("Shandong", 37, 6.8), ("Shanghai", 31, 2.8), ("Shanxi", 14, 2.0),
    ("Sichuan", 51, 13.0), ("Tianjin", 12, 1.2), ("Tibet", 54, 0.3), ("Xinjiang", 65, 1.2), ("Yunnan", 53, 2.4),
    ("Zhejiang", 33, 6.2),
)  # fmt: skip
PROVINCE_NAMES = tuple(name for name, _, _ in PROVINCES)

# One-year loan prime rate, in force from the date.
PRIME_RATES = (
    ("2019-08-20", 0.0425), ("2019-11-20", 0.0415), ("2020-02-20", 0.0405), ("2020-04-20", 0.0385),
    ("2021-12-20", 0.0380), ("2022-01-20", 0.0370), ("2022-08-22", 0.0365), ("2023-06-20", 0.0355),
    ("2023-08-21", 0.0345), ("2024-07-22", 0.0335), ("2024-10-21", 0.0310), ("2025-05-20", 0.0300),
)  # fmt: skip


def tables(as_of_day: int) -> dict[str, pa.Table]:
    """The tables that hold what is decided once."""
    started = np.array([day_number(date.fromisoformat(day)) for day, _ in PRIME_RATES])
    known = started <= as_of_day
    return {
        "tier": table("tier", {
            "code": pa.array(TIERS), "rank": np.arange(5), "name_en": pa.array([t.capitalize() for t in TIERS]),
            "name_zh": pa.array(["普通会员", "青铜会员", "白银会员", "黄金会员", "铂金会员"]),
            "annual_fee": _fen(TIER_FEE_CNY), "credit_limit": _fen(TIER_LIMIT_CNY),
            "rate_discount": np.array(TIER_DISCOUNT),
        }),
        "product": table("product", {
            "id": np.arange(1, 4), "code": pa.array(PRODUCTS), "kind": pa.array(PRODUCTS),
            "name_en": pa.array(["Cash loan", "Instalment purchase", "Revolving line"]),
            "name_zh": pa.array(["现金贷", "分期购", "循环额度"]),
        }),
        "funder": table("funder", {
            "id": np.arange(1, 5), "name": pa.array(FUNDERS), "kind": pa.array(FUNDER_KINDS),
            "cost_rate": np.array([0.03, 0.048, 0.062, 0.055]),
            "quota": np.array([NONE, 80_000_000_000, 20_000_000_000, 40_000_000_000]),
            "share_of_margin": np.array([1.0, 0.35, 0.6, 0.45]),
        }),
        "prime_rate": table("prime_rate", {
            "id": np.arange(1, known.sum() + 1), "starts_on": started[known],
            "one_year_rate": np.array([rate for _, rate in PRIME_RATES])[known],
        }),
    }  # fmt: skip


def prime_rate(days: Ints) -> Floats:
    """The one-year prime rate in force on each day; the first one before its date."""
    started = np.array([day_number(date.fromisoformat(day)) for day, _ in PRIME_RATES])
    rates = np.array([rate for _, rate in PRIME_RATES])
    result: Floats = rates[(np.searchsorted(started, days, side="right") - 1).clip(0)]
    return result


def _fen(cny: tuple[int, ...]) -> Ints:
    return np.array(cny, dtype=np.int64) * 100
