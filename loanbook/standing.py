"""Each usable loan as it stands at as_of: what is later has not happened yet."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, case, func, literal, select

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.rejection import usable

_loan = copied.TABLES["loan"]


def loans(as_of: date) -> Select[Any]:
    """The loans that everything else is derived for.

    Grain: one row per usable loan disbursed by as_of, in the order of loan_no.
    Columns: loan_no; id and the keys of its application, member, product, funder; tier_code, acquisition_channel,
    term_months, method; disbursed_on, paid_off_on, charged_off_on, defaulted_on; ends_on, the last day on which it
    can be past due; principal_fen; status; dates_imputed.
    Excludes: rejected loans, loans disbursed after as_of.
    """
    today = literal(as_of, Date)
    dated = (
        select(
            _loan,
            business_date(_loan.c.disbursed_at).label("disbursed_on"),
            _by(business_date(_loan.c.closed_at), today).label("closed_on"),
            _by(business_date(_loan.c.written_off_at), today).label("written_off_on"),
        )
        .where(usable(_loan))
        .subquery("dated")
    )
    loan = dated.c
    charged_off_on = case(
        ((loan.status == "written_off") & loan.written_off_at.is_(None), loan.closed_on), else_=loan.written_off_on
    )
    paid_off_on = case((loan.status == "paid_off", loan.closed_on))
    status = case(
        (paid_off_on.is_not(None), literal("paid_off")),
        (charged_off_on.is_not(None), literal("written_off")),
        else_=literal("active"),
    )
    loan_no = func.row_number().over(order_by=(loan.disbursed_on, loan.id))
    return (
        select(
            loan_no.label("loan_no"),
            *(loan[name] for name in ("id", "application_id", "member_id", "product_id", "funder_id")),
            *(loan[name] for name in ("tier_code", "acquisition_channel", "term_months")),
            *(loan[name] for name in ("disbursed_on", "principal_fen")),
            status.label("status"),
            paid_off_on.label("paid_off_on"),
            charged_off_on.label("charged_off_on"),
            _by(loan.defaulted_on, today).label("defaulted_on"),
            func.least(today, paid_off_on, charged_off_on).label("ends_on"),
            func.coalesce(loan.dates_imputed, False).label("dates_imputed"),
        )
        .where(loan.disbursed_on <= today)
        .order_by(loan_no)
    )


def _by(day: ColumnElement[Any], today: ColumnElement[Any]) -> ColumnElement[Any]:
    """A date that has come by today, else null."""
    return case((day <= today, day))
