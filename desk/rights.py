"""What each role may do, all of it here: pages, actions, and which personal data may be revealed.

Whoever asks is looked up in the state database each time; what writes or reveals looks here again in its own
transaction. How far somebody's decision carries, and who may take it, `rules.review_people` says case by case.
"""

from desk.staff import Role
from rules.review_people import LEADS, OFFICERS

_EVERYBODY = frozenset(Role)
_GROWTH = frozenset({Role.MARKETING, Role.MANAGER, Role.AUDITOR})
_OFFICERS = frozenset(Role(each) for each in OFFICERS)
_RISK = _OFFICERS | {Role.MANAGER, Role.AUDITOR}

PAGES: dict[str, frozenset[Role]] = {
    "overview": _GROWTH | _RISK,
    "membership": _GROWTH,
    "referrals": _GROWTH,
    "default_rates": _RISK,
    "review_queue": _RISK,
    "collections": _RISK,
    "compliance": frozenset({Role.MANAGER, Role.AUDITOR}),
    "system": _EVERYBODY,
}

# What fewer do than see the page on which it is done. Files may be taken along by whoever sees their page.
ACTS: dict[str, frozenset[Role]] = {
    "refresh": frozenset({Role.ADMINISTRATOR, Role.MANAGER}),
    "enter_spend": frozenset({Role.MARKETING}),
    "mark_abuse": frozenset({Role.MARKETING, Role.MANAGER}),
    "acknowledge": (_GROWTH | _RISK) - {Role.AUDITOR},  # what needs attention
    "work_on_cases": _OFFICERS,
    "give_cases": frozenset(Role(each) for each in LEADS),
    "see_staff_details": frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR}),  # addresses, authority
    "change_staff": frozenset({Role.ADMINISTRATOR}),
    "search_record": frozenset({Role.AUDITOR}),
    "export_record": frozenset({Role.AUDITOR}),
    "see_officers": frozenset({Role.SENIOR_RISK_OFFICER, Role.MANAGER, Role.AUDITOR}),  # how each decides, by name
    "see_agents": frozenset({Role.SENIOR_RISK_OFFICER, Role.MANAGER, Role.AUDITOR}),  # collection agents, by their keys
    "note_second_decisions": frozenset({Role.SENIOR_RISK_OFFICER, Role.MANAGER}),
    "see_pack": frozenset({Role.SENIOR_RISK_OFFICER, Role.MANAGER, Role.AUDITOR}),  # of the risk committee
    "comment_pack": frozenset({Role.SENIOR_RISK_OFFICER, Role.MANAGER}),
    "freeze_pack": frozenset({Role.SENIOR_RISK_OFFICER, Role.MANAGER}),
}

# Direct identifiers, by their columns in the loan database: masked until somebody asks for one with a purpose.
REVEALS: dict[str, frozenset[Role]] = {
    "full_name": _OFFICERS | {Role.MANAGER},
    "phone": _OFFICERS,
    "id_number": _OFFICERS,
    "guarantor": _OFFICERS,
}


def sees(role: Role, page: str) -> bool:
    """Whether a role sees a page."""
    return role in PAGES[page]


def pages_of(role: Role) -> frozenset[str]:
    """The pages that a role sees."""
    return frozenset(page for page in PAGES if sees(role, page))


def may(role: Role, act: str) -> bool:
    """Whether a role may do something."""
    return role in ACTS[act]


def may_reveal(role: Role, field: str) -> bool:
    """Whether a role may see a direct identifier of an applicant unmasked."""
    return role in REVEALS[field]
