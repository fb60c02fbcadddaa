"""The blind sample: which decided cases a second person decides too, without seeing what the first one decided.

Of each stratum (who decided first, and what) the same share is drawn. Which cases of a day are drawn hangs on a seed
that officers don't know and on the cases alone, so whoever knows the seed can repeat the draw.
"""

import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from rules.review_case import Case, Lease, Person
from rules.review_people import OFFICERS

_HELD = timedelta(days=1)
_STEPS = 2**53  # what a float tells apart between 0 and 1


@dataclass(frozen=True, order=True)
class Stratum:
    """Who took the first decision on a case, and what it was."""

    officer: str
    outcome: str


@dataclass(frozen=True)
class Drawn:
    """What was drawn of one stratum's cases of one day."""

    cases: tuple[str, ...]
    decided: int  # of so many
    credit: float  # 0-1: what is left of the share towards the next case


def draw(
    seed: bytes, decided: Mapping[Stratum, Sequence[str]], credit: Mapping[Stratum, float], ratio: float
) -> dict[Stratum, Drawn]:
    """Draw of the cases that were decided on one day.

    decided: the cases of each stratum; credit: what was left of each at its draw before, which a stratum's first draw
    begins with at random, so that small ones are drawn of as well.
    Formula: credit + n x ratio, its whole part is how many are drawn, the rest stays credit; drawn are those with the
    smallest keyed hash. So over all days a stratum of N decided cases has N x ratio drawn, give or take less than one,
    and each case is as likely as any other.
    """
    return {
        stratum: _of_stratum(seed, cases, credit.get(stratum, first_credit(seed, stratum)), ratio)
        for stratum, cases in decided.items()
    }


def first_credit(seed: bytes, stratum: Stratum) -> float:
    """What a stratum begins with: evenly between 0 and 1."""
    return rank(seed, "stratum", stratum.officer, stratum.outcome)


def rank(seed: bytes, *of: str) -> float:
    """A number between 0 and 1 that looks random to whoever does not know the seed, the same for the same texts."""
    made = hmac.new(seed, digestmod=sha256)
    for text in of:
        encoded = text.encode()
        made.update(len(encoded).to_bytes(8, "big"))
        made.update(encoded)
    return (int.from_bytes(made.digest()[:8], "big") >> 11) / _STEPS


@dataclass(frozen=True)
class Candidate:
    """Somebody who might decide a drawn case again, and how many they were asked for already."""

    person: Person
    asked: int


def choose(
    seed: bytes,
    case: str,
    candidates: Sequence[Candidate],
    *,
    involved: frozenset[str],
    member_id: str,
    referred_by_id: str | None,
) -> str | None:
    """Who is asked: an officer with authority, not in conflict and not involved in the case, with the fewest asked for.

    Of several alike the seed decides. None where there is nobody.
    """
    able = [
        each
        for each in candidates
        if may_look(each.person, involved=involved, member_id=member_id, referred_by_id=referred_by_id)
    ]
    if not able:
        return None
    return min(able, key=lambda each: (each.asked, rank(seed, "asked", case, each.person.email))).person.email


def may_look(person: Person, *, involved: frozenset[str], member_id: str, referred_by_id: str | None) -> bool:
    """Whether somebody may decide a drawn case again."""
    return (
        person.role in OFFICERS
        and person.authority_fen is not None
        and person.email not in involved
        and not person.in_conflict(member_id, referred_by_id)
    )


def unseeing(case: Case, email: str, at: datetime) -> Case:
    """A decided case as somebody has it who decides it again: waiting at that moment, in their hands, undecided."""
    return Case(
        application_id=case.application_id, amount_fen=case.amount_fen, member_id=case.member_id,
        referred_by_id=case.referred_by_id, opened_at=case.opened_at, due_at=case.due_at, tokens=1,
        lease=Lease(email, 1, at + _HELD),
    )  # fmt: skip


def _of_stratum(seed: bytes, cases: Sequence[str], credit: float, ratio: float) -> Drawn:
    owed = credit + len(cases) * ratio
    count = min(len(cases), math.floor(owed))
    drawn = sorted(cases, key=lambda case: (rank(seed, "case", case), case))[:count]
    return Drawn(tuple(drawn), len(cases), owed - count)
