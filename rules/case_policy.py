"""What a lender decides about the case of an application: what speaks against it, and how long a reveal lasts."""

from typing import Annotated

from pydantic import Field

from rules.section import Section


class CasePolicy(Section):
    """One version of what is decided about cases."""

    most_debt_to_income: Annotated[float, Field(gt=0, le=10)]
    elsewhere_monthly_ratio: Annotated[float, Field(gt=0, le=1)]
    late_days: Annotated[int, Field(ge=0, le=90)]
    months: Annotated[int, Field(ge=1, le=36)]
    similar: Annotated[int, Field(ge=1, le=50)]
    reveal_minutes: Annotated[int, Field(ge=1, le=60)]
