"""Taiwan's public card accounts of 2005: six month ends of each, and whether it defaulted in the month after them.

The file gives no day on which an account was opened, and of the default only its month, so these dates are imputed and
marked: every account begins twelve months before the book closes, a default falls on the last day of October 2005.
Amounts are New Taiwan dollars and stay as they are. What the contract has no place for is left out: education,
marriage, and the payments of each month, which have neither days nor instalments to settle.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from loanbook import books, schema
from loanbook.importers.reading import Sheet, open_csv
from loanbook.importers.writing import Progress, midnight, write
from rules.filters import Definition

AS_OF = date(2005, 10, 31)  # the end of the "next month" whose default the file tells
OPENED_ON = date(2004, 10, 31)  # so that the twelve months in which a default counts end with the book
TERM_MONTHS = 12  # a card has no term; the book looks at it for so long

# The repayment status and the bill of each month end. (The file has no PAY_1.)
MONTH_ENDS = {
    date(2005, 4, 30): ("PAY_6", "BILL_AMT6"),
    date(2005, 5, 31): ("PAY_5", "BILL_AMT5"),
    date(2005, 6, 30): ("PAY_4", "BILL_AMT4"),
    date(2005, 7, 31): ("PAY_3", "BILL_AMT3"),
    date(2005, 8, 31): ("PAY_2", "BILL_AMT2"),
    date(2005, 9, 30): ("PAY_0", "BILL_AMT1"),
}
# Days past due of a repayment status: -2 (not used), -1 (paid in full) and 0 (paid in part) are not past due; so many
# months late are 30 days each, which makes 1 month M1 (1-30 days), 2 M2, 3 M3 (61-90), 4 and more M3+ (over 90).
DAYS_PAST_DUE = {str(status): 30 * max(status, 0) for status in range(-2, 10)}
GENDERS = {"1": "male", "2": "female"}
DEFAULTED_ON = {"0": pd.NaT, "1": pd.Timestamp(AS_OF)}
COLUMNS = (
    "ID", "LIMIT_BAL", "SEX", "AGE", "DEFAULT", *(column for columns in MONTH_ENDS.values() for column in columns),
)  # fmt: skip
_PRODUCT_ID = 1


def load(file: Path, target: Path, progress: Progress) -> None:
    """Write the accounts of a card-default file as a book; `ImportFault` names every faulty row and leaves no book.

    The book opens with the default that the file records. Days past due alone would add the accounts that were more
    than 90 days late at a month end and are not in default by the file.
    """
    progress("Reading", 0.0)
    sheet = open_csv(file, COLUMNS)
    ids = sheet.key("ID")
    limit = sheet.whole("LIMIT_BAL", minimum=1)
    gender = sheet.code("SEX", GENDERS)
    birth_year = AS_OF.year - sheet.whole("AGE", minimum=18)
    defaulted_on = sheet.code("DEFAULT", DEFAULTED_ON)
    tape = _tape(sheet, ids)
    sheet.finish()

    opened_at = midnight(pd.Series(pd.Timestamp(OPENED_ON), index=ids.index))
    source = "Yeh & Lien 2009, UCI Machine Learning Repository, CC BY 4.0"
    write(
        target,
        books.Note("Taiwan card accounts 2005", AS_OF, public=True, source=source, definition=Definition.RECORDED),
        {
            schema.product: {
                "id": [_PRODUCT_ID],
                "code": "credit_card",
                "name_en": "Credit card",
                "name_zh": "信用卡",
                "kind": "revolving",
            },
            schema.member: {
                "id": ids,
                "registered_at": opened_at,
                "full_name": "",
                "phone": "",
                "id_number": "",
                "birth_year": birth_year,
                "gender": gender,
                "dates_imputed": True,
            },
            schema.application: {
                "id": ids,
                "external_number": ids.astype(str),
                "member_id": ids,
                "product_id": _PRODUCT_ID,
                "applied_at": opened_at,
                "amount": limit,
                "term_months": TERM_MONTHS,
                "status": "disbursed",
                "approved_amount": limit,
            },
            schema.loan: {
                "id": ids,
                "application_id": ids,
                "member_id": ids,
                "product_id": _PRODUCT_ID,
                "disbursed_at": opened_at,
                "principal": limit,
                "term_months": TERM_MONTHS,
                "status": "active",
                "defaulted_on": defaulted_on,
                "dates_imputed": True,
            },
            schema.month_state: tape,
        },
        progress,
    )


def _tape(sheet: Sheet, ids: "pd.Series[Any]") -> dict[str, "pd.Series[Any]"]:
    """The six month ends of every account; a credit balance is nothing outstanding."""
    months = [
        pd.DataFrame(
            {
                "loan_id": ids,
                "month_end": pd.Timestamp(month_end),
                "days_past_due": sheet.code(status, DAYS_PAST_DUE),
                "outstanding": sheet.number(bill, negative=True).clip(lower=0),
            }
        )
        for month_end, (status, bill) in MONTH_ENDS.items()
    ]
    together = pd.concat(months, ignore_index=True)
    return {name: together[name] for name in together.columns}
