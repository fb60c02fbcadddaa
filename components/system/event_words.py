"""What each kind of event on record is called."""

from components.language import _
from rules.text import N_

_NAMES = {
    "staff.added": N_("Put on the staff list"),
    "staff.changed": N_("Staff entry changed"),
    "staff.deactivated": N_("Access taken away"),
    "staff.activated": N_("Access given back"),
    "staff.bound": N_("First sign-in"),
    "staff.unbound": N_("Another account allowed"),
    "staff.sessions_ended": N_("Sessions ended"),
    "rows.exported": N_("Rows taken along"),
    "spend.entered": N_("Spend entered"),
    "abuse.marked": N_("Member judged"),
    "policy.version": N_("Policy version"),
    "policy.rewritten": N_("Policy rewritten"),
    "policy.taken_back": N_("Policy taken back"),
    "state.restored": N_("Backup restored"),
    "case.opened": N_("Case opened"),
    "case.claimed": N_("Case taken"),
    "case.given_up": N_("Case let go of"),
    "case.asked": N_("Information asked for"),
    "case.answered": N_("Information recorded"),
    "case.noted": N_("Call noted"),
    "case.informed": N_("Information came"),
    "case.parked": N_("Case put aside"),
    "case.escalated": N_("Case escalated"),
    "case.assigned": N_("Case given to somebody"),
    "case.withdrawn": N_("Applicant withdrew"),
    "case.closed": N_("Case closed by lending"),
    "case.decided": N_("Decision"),
    "case.correction_begun": N_("Correction begun"),
    "case.revealed": N_("Personal data revealed"),
    "case.reveal_refused": N_("Reveal refused"),
    "decision.acknowledged": N_("Lending acknowledged"),
    "decision.refused": N_("Lending refused"),
    "blind.drawn": N_("Drawn for a blind second look"),
    "blind.day_drawn": N_("Blind sample drawn"),
    "blind.asked": N_("Blind second look asked for"),
    "blind.decided": N_("Blind second decision"),
    "blind.noted": N_("Blind second look noted"),
}


def name(kind: str) -> str:
    """What a kind is called; its code where it has no name here."""
    return _(_NAMES[kind]) if kind in _NAMES else kind
