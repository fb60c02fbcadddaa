"""What the cards on cost are asked for, kept in the link: by what, per what, and whether descendants count."""

from components import linked
from components.language import _
from components.referrals import cost_words
from rules.acquisition import Step
from rules.text import N_

_BY = {"channel": N_("By channel"), "campaign": N_("By campaign"), "month": N_("By month")}
_STEPS = [step.value for step in Step]
_OWN, _INHERIT = "own", "inherit"
_WHOSE = {_OWN: N_("Own code only"), _INHERIT: N_("With descendants")}
_BY_KEY, _STEP_KEY, _WHOSE_KEY = "cost_by", "cost_per", "cost_of"


def by() -> str:
    """Channel, campaign or month."""
    return linked.value(_BY_KEY, list(_BY), "channel")


def step() -> Step:
    """Per what a cost is shown."""
    return Step(linked.value(_STEP_KEY, _STEPS, Step.FIRST_LOAN.value))


def inherits() -> bool:
    """Whether who came without a code counts for the campaign of the nearest referrer above who has one."""
    return linked.value(_WHOSE_KEY, list(_WHOSE), _OWN) == _INHERIT


def whose() -> str:
    """Whose cost a campaign's is, in words."""
    return _(_WHOSE[_INHERIT if inherits() else _OWN])


def draw() -> None:
    """The select boxes."""
    linked.select(_BY_KEY, list(_BY), opening="channel", label=_("Told apart"), named=lambda code: _(_BY[code]))
    linked.select(
        _STEP_KEY,
        _STEPS,
        opening=Step.FIRST_LOAN.value,
        label=_("Counted"),
        named=lambda code: _(cost_words.STEPS[Step(code)]),
    )
    linked.select(_WHOSE_KEY, list(_WHOSE), opening=_OWN, label=_("Descendants"), named=lambda code: _(_WHOSE[code]))
