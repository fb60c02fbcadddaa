"""The guides of all pages, by page and by the code of its part; a page without parts has one, under an empty code."""

from collections.abc import Mapping

from components.guides import (
    collections,
    compliance,
    default_rates,
    membership,
    overview,
    referrals,
    review_queue,
    system,
)
from components.guides.guide import Guide

GUIDES: Mapping[str, Mapping[str, Guide]] = {
    "overview": overview.GUIDES,
    "membership": membership.GUIDES,
    "referrals": referrals.GUIDES,
    "default_rates": default_rates.GUIDES,
    "review_queue": review_queue.GUIDES,
    "collections": collections.GUIDES,
    "compliance": compliance.GUIDES,
    "system": system.GUIDES,
}
