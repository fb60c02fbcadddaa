"""Who else was seen on the devices and at the addresses of an applicant, of which only hashes are known."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, false, func, or_, select, true

from loanbook import copied
from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import member_journey
from rules.filters import Definition

Rows = Select[*tuple[Any, ...]]

_seen = copied.TABLES["device_sighting"]


def shared(member_id: str, device_hashes: Sequence[str], address_hashes: Sequence[str], definition: Definition) -> Rows:
    """The other members who were seen where an applicant was.

    Grain: one row per other member, those on most of the devices first.
    Columns: member_id; devices, addresses (count of the applicant's that they share); same_tree (they stand in the
    applicant's referral tree); referrer, referee (they referred the applicant; were referred by them); borrower;
    defaulted (the first loan, by the definition, ever); suspected (of abuse; null: the book does not tell).
    """
    sighting, member, outcome = _seen.c, member_journey.c, member_outcome.c
    on_device, at_address = _among(sighting.device_hash, device_hashes), _among(sighting.address_hash, address_hashes)
    found = (
        select(
            cast(sighting.member_id, String).label("member_id"),
            func.count(sighting.device_hash.distinct()).filter(on_device).label("devices"),
            func.count(sighting.address_hash.distinct()).filter(at_address).label("addresses"),
        )
        .where(or_(on_device, at_address))
        .group_by(sighting.member_id)
        .subquery("found")
    )
    own = member_journey.alias("own")
    applicant = (
        select(own.c.member_no, own.c.referrer_no, own.c.root_no).where(own.c.member_id == member_id).cte("applicant")
    )
    row = found.c
    return (
        select(
            row.member_id,
            row.devices,
            row.addresses,
            func.coalesce(member.root_no == applicant.c.root_no, false()).label("same_tree"),
            func.coalesce(member.member_no == applicant.c.referrer_no, false()).label("referrer"),
            func.coalesce(member.referrer_no == applicant.c.member_no, false()).label("referee"),
            outcome.loan_no.is_not(None).label("borrower"),
            outcome[f"default_month_{definition}"].is_not(None).label("defaulted"),
            outcome.suspected,
        )
        .join_from(found, member_journey, member.member_id == row.member_id)
        .join(member_outcome, outcome.member_no == member.member_no)
        .outerjoin(applicant, true())
        .where(row.member_id != member_id)
        .order_by(row.devices.desc(), row.addresses.desc(), member.member_no)
    )


def _among(column: ColumnElement[Any], hashes: Sequence[str]) -> ColumnElement[bool]:
    """Compared one by one: an IN list makes a statement of its own for each number of them."""
    return or_(false(), *(column == each for each in hashes))
