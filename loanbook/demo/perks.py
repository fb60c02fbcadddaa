"""Perks: a coupon with every tier, and an offer when a first loan is repaid; redeemed, expired or still open."""

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, NEVER, NONE, Ints, Streams
from loanbook.demo.loans import Loans
from loanbook.demo.offers import LIMIT_BOOST, PERKS, RATE_CUT, VALID_DAYS, drawn_offers
from loanbook.demo.people import People
from loanbook.demo.pricing import RATE_CUT as CUT
from loanbook.demo.rounds import History
from loanbook.demo.tiers import Standing

_COUPON, _COUPON_DAYS = 0, 60
_COUPON_MOST_FEN = 5_000
_BOOST_FEN = 300  # what holding a raised line ready costs


def perk_table(
    streams: Streams, people: People, standing: Standing, history: History, *, first_id: int, first_loan: int
) -> pa.Table:
    """One row per perk granted: joining a tier gives a month of the next loan free of interest."""
    loans = history.loans
    member, stage = np.nonzero((standing.starts < NEVER) & (standing.tier > 0))
    offered, offered_at = _offered(streams, people, history)
    kind = np.concatenate([np.full(len(member), _COUPON), offered[1]])
    granted = np.concatenate([standing.starts[member, stage], offered_at])
    member = np.concatenate([member, offered[0]])
    expires = granted + np.where(kind == _COUPON, _COUPON_DAYS, VALID_DAYS) * DAY
    loan = _next_loan(loans, member, granted)
    # Appended, what row -1 finds: no loan.
    lent_at, principal, rate, term = (
        np.append(column, 0)[loan] for column in (loans.disbursed_at, loans.principal, loans.rate, loans.term)
    )
    used = (loan >= 0) & (lent_at <= expires)
    saved = np.select(
        [kind == _COUPON, kind == RATE_CUT],
        [np.minimum(principal * rate / 12, _COUPON_MOST_FEN), principal * CUT * (term + 1) / 24],
        _BOOST_FEN,
    )
    order = np.argsort(granted, kind="stable")
    rows = {
        "member_id": people.first_id + member, "granted_at": granted, "expires_at": expires,
        "redeemed_at": np.where(used, lent_at, NONE),
        "loan_id": np.where(used, first_loan + loan, NONE),
        "cost": np.where(used, np.rint(saved).astype(np.int64), 0),
    }  # fmt: skip
    return table("perk", {
        "id": first_id + np.arange(len(order)), "kind": Coded(kind[order], PERKS),
        **{name: values[order] for name, values in rows.items()},
    })  # fmt: skip


def _offered(streams: Streams, people: People, history: History) -> tuple[tuple[Ints, Ints], Ints]:
    """Member and kind of every offer, and when it is made: when the first loan is repaid."""
    members = len(people.registered)
    first = np.full(members, -1)
    first[history.loans.member[::-1]] = np.arange(len(history.loans.term))[::-1]  # the earliest loan is written last
    kind = drawn_offers(streams, members)
    closed_at = np.append(history.outcome.closed_at, NONE)[first]
    member = np.flatnonzero(((kind == LIMIT_BOOST) | (kind == RATE_CUT)) & (closed_at != NONE))
    return (member, kind[member]), closed_at[member]


def _next_loan(loans: Loans, member: Ints, after: Ints) -> Ints:
    """The row of each member's first loan after an instant; -1: none."""
    if not len(loans.term):
        return np.full(len(member), -1)
    order = np.lexsort((loans.disbursed_at, loans.member))
    span = 2**34
    found = np.searchsorted(loans.member[order] * span + loans.disbursed_at[order], member * span + after, side="right")
    row = order[np.minimum(found, len(order) - 1)]
    return np.where((found < len(order)) & (loans.member[row] == member), row, -1)
