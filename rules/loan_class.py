"""The five-category class of a loan, by its days past due alone."""

from enum import StrEnum

from rules.text import N_


class LoanClass(StrEnum):
    """How doubtful it is that a loan is repaid."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


# Past due for more than so many days; the first class is that of loans on time. Source: metrics.md.
AFTER_DAYS = {
    LoanClass.SPECIAL_MENTION: 0,
    LoanClass.SUBSTANDARD: 90,
    LoanClass.DOUBTFUL: 270,
    LoanClass.LOSS: 360,
}
NAMES = {
    LoanClass.NORMAL: N_("Normal"),
    LoanClass.SPECIAL_MENTION: N_("Special mention"),
    LoanClass.SUBSTANDARD: N_("Substandard"),
    LoanClass.DOUBTFUL: N_("Doubtful"),
    LoanClass.LOSS: N_("Loss"),
}


def loan_class(days_past_due: int) -> LoanClass:
    """The class of one loan."""
    found = [each for each, days in AFTER_DAYS.items() if days_past_due > days]
    return found[-1] if found else LoanClass.NORMAL
