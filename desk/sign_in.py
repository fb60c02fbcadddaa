"""Sign-in: from what an identity provider says of somebody to a member of staff, bound to it at the first time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from desk import audit, state
from desk.staff import Role, Staff, of_row
from desk.state import staff as table

SESSION = timedelta(hours=12)
AHEAD = timedelta(minutes=5)  # that a provider's clock may be


@dataclass(frozen=True)
class Identity:
    """What a provider says."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    signed_in_at: datetime  # there; a provider that keeps people signed in may have asked them long before
    issued_at: datetime  # when it let them in here


class Denied(StrEnum):
    """Why somebody is not let in."""

    UNKNOWN = "unknown"  # nobody active on the staff list
    UNVERIFIED = "unverified"  # the provider does not vouch for the address
    OTHER_PERSON = "other_person"  # the address on the staff list belongs to another account
    ENDED = "ended"  # the session is over: sign in again


def identity(claims: Mapping[str, Any]) -> Identity:
    """An identity from the claims of an ID token, which has been verified.

    Some providers write `email_verified` as a text. One that does not tell when people signed in has asked them just
    before it issued the token.
    """
    issued_at, email = _instant(claims["iat"]), str(claims.get("email") or "").strip()
    return Identity(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=email,
        email_verified=email != "" and claims.get("email_verified") in {True, "true"},
        signed_in_at=_instant(claims["auth_time"]) if claims.get("auth_time") else issued_at,
        issued_at=issued_at,
    )


def enter(engine: Engine, identity: Identity, now: datetime) -> Staff | Denied:
    """The member of staff that an identity is; asked on every run.

    Somebody known is found by issuer and subject alone, whatever their address has become. Whoever comes for the first
    time is found by an address that the provider has verified, and bound to issuer and subject.
    """
    if not now - SESSION < identity.signed_in_at <= now + AHEAD:
        return Denied.ENDED
    known = (table.c.issuer == identity.issuer) & (table.c.subject == identity.subject)
    with state.reading(engine) as connection:
        row = connection.execute(select(table).where(known)).first()
    if row is None:
        if not identity.email_verified:
            return Denied.UNVERIFIED
        with engine.begin() as connection:
            found = _bind(connection, identity, now)
        if isinstance(found, Denied):
            return found
        row = found
    if not row.active or row.role not in set(Role):
        return Denied.UNKNOWN
    if row.sessions_ended_at is not None and identity.issued_at <= row.sessions_ended_at:
        return Denied.ENDED
    return of_row(row)


def sign_out(engine: Engine, identity: Identity, now: datetime) -> None:
    """End all sessions of whoever signs out, in whichever browser; nothing happens where theirs is over already."""
    person = enter(engine, identity, now)
    if isinstance(person, Staff):
        with engine.begin() as connection:  # a provider's clock may be ahead: the session at hand ends all the same
            end_sessions(connection, person.email, person.email, max(now, identity.issued_at))


def end_sessions(connection: Connection, email: str, by: str, now: datetime) -> None:
    """End every session that somebody has begun by now, in the running transaction."""
    connection.execute(update(table).where(table.c.email == email).values(sessions_ended_at=now))
    audit.append(connection, audit.Event(now, by, "staff.sessions_ended", email, {}))


def _instant(seconds: float | str) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _bind(connection: Connection, identity: Identity, now: datetime) -> Any:
    email = identity.email.lower()
    row = connection.execute(select(table).where(table.c.email == email).with_for_update()).first()
    if row is None or not row.active:
        return Denied.UNKNOWN
    if (row.issuer, row.subject) == (identity.issuer, identity.subject):
        return row  # another run was first
    if row.issuer is not None:
        return Denied.OTHER_PERSON
    connection.execute(
        update(table).where(table.c.email == email).values(issuer=identity.issuer, subject=identity.subject)
    )
    payload = {"issuer": identity.issuer, "subject": identity.subject}
    audit.append(connection, audit.Event(now, email, "staff.bound", email, payload))
    return row
