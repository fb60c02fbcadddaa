"""Lending Club's public loan files: outcomes of each loan, without names, instalments or payments.

The file names no borrower, so each loan is a borrower of its own. It gives the months of the issue and of the last
payment, no days: instants are the beginning of that day, and the closing and charge-off dates are marked as imputed.
"""

from pathlib import Path

import pandas as pd

from loanbook import books, schema
from loanbook.importers.reading import open_csv
from loanbook.importers.writing import Progress, last_day_of_month, midnight, write

# Lending Club charges a loan off at 150 days past due; the file gives only its last payment.
DAYS_TO_CHARGE_OFF = 150

COLUMNS = (
    "id", "loan_amnt", "funded_amnt", "term", "int_rate", "grade", "annual_inc", "issue_d", "loan_status", "purpose",
    "addr_state", "fico_range_low", "last_pymnt_d", "last_credit_pull_d", "total_rec_prncp", "total_rec_int",
    "total_rec_late_fee", "recoveries",
)  # fmt: skip

_OUTSIDE = "Does not meet the credit policy. Status:"
# What the file says of a loan -> its status, and whether it was within the credit policy.
STATUSES = {
    "Fully Paid": ("paid_off", True),
    "Charged Off": ("written_off", True),
    f"{_OUTSIDE}Fully Paid": ("paid_off", False),
    f"{_OUTSIDE}Charged Off": ("written_off", False),
}
_PRODUCT_ID = 1
# Lending Club's own grade is a score beside the borrower's FICO, with so many points that each is a band of the policy.
GRADE, FICO = "Grade", "FICO"
GRADE_POINTS = {"A": 750, "B": 700, "C": 650, "D": 600, "E": 550, "F": 500, "G": 300}


def load(file: Path, target: Path, progress: Progress) -> None:
    """Write the loans of a Lending Club file as a book; `ImportFault` names every faulty row and leaves no book."""
    progress("Reading", 0.0)
    sheet = open_csv(file, COLUMNS)
    ids = sheet.key("id")
    amount = sheet.number("loan_amnt")
    principal = sheet.number("funded_amnt")
    term_months = sheet.whole("term", minimum=1)
    annual_rate = sheet.number("int_rate").round(6)
    grade = sheet.text("grade")
    monthly_income = (sheet.number("annual_inc", optional=True) / 12).round(2)
    issued_on = sheet.day("issue_d")
    outcome = sheet.code("loan_status", STATUSES)
    purpose = sheet.text("purpose")
    province = sheet.text("addr_state")
    fico = sheet.whole("fico_range_low")
    last_paid_on = sheet.day("last_pymnt_d", optional=True)
    last_seen_on = sheet.day("last_credit_pull_d", optional=True)
    repaid, recovered, charges, late_fees = (
        sheet.number(name) for name in ("total_rec_prncp", "recoveries", "total_rec_int", "total_rec_late_fee")
    )
    sheet.note(principal > amount, "funded_amnt", "{value} is more than was applied for")
    sheet.note(annual_rate > 1, "int_rate", "{value} is not a yearly fraction such as 0.1149")
    sheet.note(last_paid_on < issued_on, "last_pymnt_d", "{value} is before the loan was issued")
    sheet.finish()

    as_of = last_day_of_month(issued_on, last_paid_on, last_seen_on)
    issued_at = midnight(issued_on)
    ended_on = last_paid_on.fillna(issued_on)
    charged_off_on = ended_on + pd.Timedelta(days=DAYS_TO_CHARGE_OFF)
    charged_off_on = charged_off_on.mask(charged_off_on > pd.Timestamp(as_of), pd.Timestamp(as_of))
    status, within_policy = outcome.str[0], outcome.str[1]
    points = grade.map(GRADE_POINTS)
    graded = points.notna()
    years = f"{issued_on.min().year}–{issued_on.max().year}"
    write(
        target,
        books.Note(f"Lending Club {years}", as_of, public=True, source="Lending Club public download"),
        {
            schema.product: {
                "id": [_PRODUCT_ID],
                "code": "personal_loan",
                "name_en": "Personal loan",
                "name_zh": "个人贷款",
                "kind": "instalment",
            },
            schema.member: {
                "id": ids,
                "registered_at": issued_at,
                "full_name": "",
                "phone": "",
                "id_number": "",
                "province": province,
                "monthly_income": monthly_income,
            },
            schema.application: {
                "id": ids,
                "external_number": ids.astype(str),
                "member_id": ids,
                "product_id": _PRODUCT_ID,
                "applied_at": issued_at,
                "amount": amount,
                "term_months": term_months,
                "purpose": purpose,
                "monthly_income": monthly_income,
                "annual_rate": annual_rate,
                "status": "disbursed",
                "decided_at": issued_at,
                "approved_amount": principal,
                "grade": grade,
                "within_policy": within_policy,
            },
            schema.score: {
                # Of one instant the highest key decides: FICO.
                "id": pd.concat([ids[graded], ids + ids.max()], ignore_index=True),
                "application_id": pd.concat([ids[graded], ids], ignore_index=True),
                "model_version": pd.Series([GRADE] * int(graded.sum()) + [FICO] * len(ids), dtype="object"),
                "score": pd.concat([points[graded], fico], ignore_index=True),
                "scored_at": pd.concat([issued_at[graded], issued_at], ignore_index=True),
            },
            schema.loan: {
                "id": ids,
                "application_id": ids,
                "member_id": ids,
                "product_id": _PRODUCT_ID,
                "disbursed_at": issued_at,
                "principal": principal,
                "annual_rate": annual_rate,
                "term_months": term_months,
                "method": "equal_payment",
                "status": status,
                "closed_at": midnight(ended_on).where(status == "paid_off"),
                "written_off_at": midnight(charged_off_on).where(status == "written_off"),
                "dates_imputed": True,
                "principal_received": (repaid + recovered).round(2),
                "charges_received": (charges + late_fees).round(2),
            },
        },
        progress,
    )
