"""English texts of the codes that loan books hold; `language.value_label` translates them."""

from rules import dimensions
from rules.dimensions import UNKNOWN
from rules.text import N_

_TIERS = {
    "ordinary": N_("Ordinary"),
    "bronze": N_("Bronze"),
    "silver": N_("Silver"),
    "gold": N_("Gold"),
    "platinum": N_("Platinum"),
}

# Codes of the contract, which mean the same in every book.
CODES: dict[str, dict[str, str]] = {
    **{dimension.code: _TIERS for dimension in (dimensions.TIER, *dimensions.MEMBER_TIERS)},
    dimensions.GENDER.code: {
        "female": N_("Female"),
        "male": N_("Male"),
    },
    dimensions.CHANNEL.code: {
        "organic": N_("Organic"),
        "referral": N_("Referral"),
        "opinion_leader": N_("Opinion leaders"),
        "advertising": N_("Advertising"),
        "offline": N_("Offline partners"),
        "partner": N_("Partner platforms"),
    },
    dimensions.DECIDED_BY.code: {
        "rules": N_("Rules"),
        "model": N_("Score model"),
        "manual": N_("Manual review"),
    },
    dimensions.CREDIT_POLICY.code: {
        "within": N_("Within policy"),
        "outside": N_("Outside policy"),
    },
    dimensions.PURPOSE.code: {
        "business": N_("Business"),
        "car": N_("Car"),
        "credit_card": N_("Credit card"),
        "daily_spending": N_("Daily spending"),
        "debt_consolidation": N_("Debt consolidation"),
        "educational": N_("Education"),
        "education": N_("Education"),
        "electronics": N_("Electronics"),
        "home_improvement": N_("Home improvement"),
        "house": N_("House"),
        "major_purchase": N_("Major purchase"),
        "medical": N_("Medical"),
        "moving": N_("Moving house"),
        "other": N_("Other"),
        "renewable_energy": N_("Renewable energy"),
        "small_business": N_("Small business"),
        "travel": N_("Travel"),
        "vacation": N_("Holiday"),
        "wedding": N_("Wedding"),
    },
    dimensions.PROVINCE.code: {
        name: name
        for name in (
            N_("Anhui"), N_("Beijing"), N_("Chongqing"), N_("Fujian"), N_("Gansu"), N_("Guangdong"), N_("Guangxi"),
            N_("Guizhou"), N_("Hainan"), N_("Hebei"), N_("Heilongjiang"), N_("Henan"), N_("Hubei"), N_("Hunan"),
            N_("Inner Mongolia"), N_("Jiangsu"), N_("Jiangxi"), N_("Jilin"), N_("Liaoning"), N_("Ningxia"),
            N_("Qinghai"), N_("Shaanxi"), N_("Shandong"), N_("Shanghai"), N_("Shanxi"), N_("Sichuan"), N_("Tianjin"),
            N_("Tibet"), N_("Xinjiang"), N_("Yunnan"), N_("Zhejiang"),
        )
    },
}  # fmt: skip

# Codes that read alike in every dimension.
ANYWHERE = {UNKNOWN: N_("Unknown")}
