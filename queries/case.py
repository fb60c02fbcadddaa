"""What the case of an application asks of the snapshot: how its band, its referral line and its devices have done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Double, Select, cast, func, select

from loanbook import copied
from loanbook.members.worth_schema import loss_expected
from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import member_journey
from queries import case_devices, case_line, default_rates
from rules import dimensions
from rules.book import Book
from rules.filters import Definition, Selection

Rows = Select[*tuple[Any, ...]]

_loan, _funder, _product = (copied.TABLES[name] for name in ("loan", "funder", "product"))


@dataclass(frozen=True)
class Applicant:
    """Of whom the case is, as the live rows name them."""

    member_id: str
    referred: bool
    product: str
    device_hashes: Sequence[str]
    address_hashes: Sequence[str]


def asked(applicant: Applicant, selection: Selection, book: Book) -> dict[str, Rows]:
    """The statements of a case, all but the similar applications, which are read on demand.

    selection: the whole book, with the definition and horizon of default that rates are told by.
    """
    definition, horizon = selection.definition, selection.horizon
    statements = {
        "place": place(applicant.member_id, definition),
        "bands": default_rates.by_segment(selection, dimensions.SCORE_BAND.code, book),
        "funding": funding(applicant.product),
        "lost": lost(),
    }
    if applicant.referred:
        statements["line"] = case_line.upward(applicant.member_id, definition, horizon)
    if applicant.device_hashes or applicant.address_hashes:
        statements["shared"] = case_devices.shared(
            applicant.member_id, applicant.device_hashes, applicant.address_hashes, definition
        )
    return statements


def place(member_id: str, definition: Definition) -> Rows:
    """Where an applicant stands among all members.

    Grain: one row; none where the snapshot does not hold them yet.
    Columns: member_no, registered_on, level, tree_size, referrals; suspected (of abuse; null: the book does not tell);
    defaulted (the first loan, by the definition, ever).
    """
    member, outcome = member_journey.c, member_outcome.c
    return (
        select(
            member.member_no,
            member.registered_on,
            member.level,
            member.tree_size,
            member.referrals,
            outcome.suspected,
            outcome[f"default_month_{definition}"].is_not(None).label("defaulted"),
        )
        .join_from(member_journey, member_outcome, outcome.member_no == member.member_no)
        .where(member.member_id == member_id)
    )


def funding(product: str) -> Rows:
    """What funding loans of a product costs.

    Grain: one row. Columns: loans (count), principal_fen, yearly_cost_fen of them: principal x the funder's yearly cost
    x the share that it funds.
    Formula: the loans of the product that run, as the loan database says; cost / principal is the yearly rate.
    """
    funder = select(_funder.c.id, func.min(_funder.c.cost_rate).label("cost_rate")).group_by(_funder.c.id).subquery()
    share = func.coalesce(cast(_loan.c.funder_share, Double), 1.0)
    cost = cast(funder.c.cost_rate, Double) * share * _loan.c.principal_fen
    return (
        select(
            func.count().label("loans"),
            cast(func.coalesce(func.sum(_loan.c.principal_fen), 0), BigInteger).label("principal_fen"),
            cast(func.coalesce(func.round(func.sum(cost)), 0), BigInteger).label("yearly_cost_fen"),
        )
        .join_from(_loan, funder, funder.c.id == _loan.c.funder_id)
        .where(
            _loan.c.status == "active", _loan.c.product_id.in_(select(_product.c.id).where(_product.c.code == product))
        )
    )


def lost() -> Rows:
    """What is lost in the end of loans that are late, by how late they are.

    Grain: one row per ageing bucket. Columns: bucket, millionths of the principal (0: the book does not tell).
    Source: metrics.md, "expected loss"; `loanbook.members.expected_loss`.
    """
    return select(loss_expected.c.bucket, loss_expected.c.millionths)
