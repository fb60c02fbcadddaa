"""What outcomes, reasons, overrides and people are called where something is done with a case."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from components import formats, language
from components.language import _, ngettext
from components.markdown import plain
from desk.review_opening import LOANBOARD
from desk.review_outbox import LENDING
from desk.staff import ROLE_NAMES, Role
from rules.calendar import BUSINESS_ZONE, business_date
from rules.refusal import Refused
from rules.review import AlreadyDecided
from rules.review_case import Evidence, Ground, Outcome, Override, Reason
from rules.review_choices import said as outcome_of
from rules.review_policy import ReviewPolicy
from rules.text import N_

OUTCOMES = {
    Outcome.APPROVED: N_("Approve"),
    Outcome.APPROVED_LESS: N_("Approve less"),
    Outcome.DECLINED: N_("Decline"),
}
OVERRIDES = {
    Override.LOW_SIDE: N_("granted though a check failed (low-side override)"),
    Override.HIGH_SIDE: N_("declined though no check failed (high-side override)"),
}
CHECKS = {
    "blacklist": N_("Blacklist"),
    "court_enforcement": N_("Court enforcement"),
    "many_lenders": N_("Many lenders"),
    "shared_device": N_("Shared device"),
    "score": N_("Score"),
}
FEATURES = {
    "external_score": N_("Bureau score"),
    "debt_percent_of_income": N_("Debt in proportion to income"),
    "months_a_member": N_("Months as a member"),
}
_SAID = {"pass": N_("passed"), "flag": N_("flagged"), "fail": N_("failed")}


def outcome(made: Outcome, amount_fen: int | None) -> str:
    """What was decided, with its amount."""
    if made is Outcome.DECLINED:
        return _("declined")
    amount = formats.money_exact(amount_fen or 0)
    told = N_("approved {amount}") if made is Outcome.APPROVED else N_("approved {amount}, less than asked for")
    return _(told).format(amount=amount)


def reason(given: Reason, rule: ReviewPolicy, evidence: Evidence | None = None) -> str:
    """A reason as staff read it: what it is bound to, and what that says where the evidence is at hand."""
    if given.ground is Ground.POLICY:
        words = rule.words_for(given.ground, given.code)
        name = given.code if words is None else words.name_zh if language.current() == "zh" else words.name_en
        return _("Policy: {name}").format(name=name)
    if given.ground is Ground.SCORE:
        return _("Score: {name}").format(name=_named(FEATURES, given.code))
    if given.ground is Ground.OTHER:
        return _("Other, in words")
    name = _named(CHECKS, given.code)
    there = evidence is not None and any(check.code == given.code for check in evidence.checks)
    if evidence is None or not there:
        return _("Check: {name}").format(name=name)
    found = outcome_of(evidence, given.code)
    return _("Check: {name}, {outcome}").format(name=name, outcome=_(_SAID.get(found, found)))


def check(code: str) -> str:
    """What a check is called."""
    return _named(CHECKS, code)


def feature(code: str) -> str:
    """What a reason of the score is called."""
    return _named(FEATURES, code)


def check_said(outcome: str) -> str:
    """What a check said."""
    return _(_SAID.get(outcome, outcome))


def who(email: str, names: Mapping[str, str]) -> str:
    """Somebody by name; the lender's own systems and demo staff by what they are."""
    if email == LENDING:
        return _("Lending")
    if email == LOANBOARD:
        return "Loanboard"
    name = names.get(email, email)
    return plain(_(name) if name in ROLE_NAMES.values() else name)


def role(code: str) -> str:
    """What a role is called."""
    return _(ROLE_NAMES[Role(code)]) if code in set(Role) else code


def refused(error: Refused, names: Mapping[str, str]) -> str:
    """Why something was not done, with people by their names, and amounts and times as they are written here."""
    values = {name: _value(value, names) for name, value in error.values.items()}
    if isinstance(error, AlreadyDecided):
        values["outcome"] = outcome(error.decision.outcome, error.decision.amount_fen)
    return _(error.sentence).format(**values)


def quoted(words: str) -> str:
    """What somebody said, as it is."""
    return _("“{words}”").format(words=plain(" ".join(words.split())))


def clock(instant: datetime, now: datetime) -> str:
    """A time of day, with its day where that is another one."""
    if business_date(instant) == business_date(now):
        return f"{instant.astimezone(BUSINESS_ZONE):%H:%M}"
    return formats.moment(instant)


def left(span: timedelta) -> str:
    """How much time is left, in whole minutes."""
    minutes = max(0, int(span.total_seconds() + 59) // 60)
    if minutes <= 1:
        return _("less than a minute left")
    return ngettext("{count} minute left", "{count} minutes left", minutes).format(count=minutes)


def _named(names: Mapping[str, str], code: str) -> str:
    return _(names[code]) if code in names else plain(code.replace("_", " "))


def _value(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, datetime):
        return formats.moment(value)
    return who(value, names) if isinstance(value, str) and "@" in value else value
