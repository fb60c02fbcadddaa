"""What steps, channels, buckets and causes are called on the page on collections."""

from components.language import _
from rules.ageing import BUCKETS
from rules.text import N_

_STEPS = {
    "due_reminder": N_("Before due"),
    "overdue_reminder": N_("After due"),
    "collection": N_("Collection"),
}
_CHANNELS = {
    "push": N_("push"),
    "sms": N_("SMS"),
    "automatic_call": N_("auto"),
    "agent_call": N_("agent"),
}
_BUCKETS = dict(zip(BUCKETS[1:], ("1–30", "31–60", "61–90", "90+"), strict=True))
_CAUSES = {
    "collection_calls": N_("Collection calls"),
    "fees": N_("Fees charged"),
    "repayment_not_booked": N_("Repayment not booked"),
    "declined": N_("Declined application"),
    "personal_data": N_("Personal data"),
    "unknown": N_("Unknown"),
}


def rung(purpose: str, channel: str) -> str:
    """A step of the ladder by one channel: Overdue · SMS."""
    return f"{_(_STEPS[purpose])} · {_(_CHANNELS[channel])}"


def in_lines(named: str) -> str:
    """A rung with its channel below its step, which leaves a phone room for the cells."""
    return named.replace(" · ", "<br>")


def bucket(code: str) -> str:
    """How many days late the loans of a bucket are: 31–60."""
    return _BUCKETS[code]


def cause(topic: str) -> str:
    """What a cause of complaints is called; one of the lender's own is shown as it is."""
    return _(_CAUSES[topic]) if topic in _CAUSES else topic
