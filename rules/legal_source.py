"""Where a limit stands written."""

from datetime import date
from typing import Annotated

from pydantic import Field

from rules.section import Section


class LegalSource(Section):
    """A law, a regulation, a standard, or a rule of the lender's own."""

    name_en: Annotated[str, Field(min_length=1)]
    name_zh: Annotated[str, Field(min_length=1)]
    dated: date
