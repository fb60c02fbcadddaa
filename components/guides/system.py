"""The guide of the system page."""

from components.guides.guide import Guide, Step
from rules.text import N_

GUIDES = {
    "": Guide(
        answers=N_("How old is the data, is it whole, and who may do what?"),
        readers=N_("Everybody; administrators for staff, auditors for the record."),
        reading=N_(
            "The copy is built anew by itself; its age stands above. Rows that break a rule of the loan database are "
            "listed by rule: those that can't be used are in no figure."
        ),
        limits=N_(
            "A rule that is not broken does not prove that the data is right. What staff did is kept in a chain: it "
            "shows that something was changed, not what was never recorded."
        ),
        steps=(
            Step(N_("Go to the overview"), "overview"),
            Step(N_("Ask whether the books agree"), "default_rates"),
            Step(N_("Ask whether every rule is kept"), "compliance"),
        ),
    ),
}
