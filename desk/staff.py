"""Staff: who works here, in which role, and the demo staff that a public book may be looked at with."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, insert, select

from desk import state
from desk.state import staff as table
from rules.text import N_


class Role(StrEnum):
    """What a member of staff does; pages and rights follow from it."""

    RISK_OFFICER = "risk_officer"
    SENIOR_RISK_OFFICER = "senior_risk_officer"
    MANAGER = "manager"
    MARKETING = "marketing"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.RISK_OFFICER: N_("Risk officer"),
    Role.SENIOR_RISK_OFFICER: N_("Senior risk officer"),
    Role.MANAGER: N_("Manager"),
    Role.MARKETING: N_("Marketing"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}


@dataclass(frozen=True)
class Staff:
    """One member of staff."""

    email: str
    name: str
    role: Role
    authority_fen: int | None = None
    member_id: str | None = None


_ACTIVE = select(table).where(table.c.email == bindparam("address"), table.c.active)

Lookup = Callable[[str], Staff | None]

# One per role. The domain can't receive mail and no provider can vouch for it.
_DEMO_AUTHORITY_FEN = {Role.RISK_OFFICER: 8_000_000, Role.SENIOR_RISK_OFFICER: 50_000_000}
DEMO = {
    role: Staff(f"{role.value.replace('_', '.')}@demo.invalid", ROLE_NAMES[role], role, _DEMO_AUTHORITY_FEN.get(role))
    for role in Role
}


def lookup(engine: Engine, email: str) -> Staff | None:
    """The active member of staff with an address; None where there is none or their role is not known here."""
    with state.reading(engine) as connection:
        return found(connection, email)


def found(connection: Connection, email: str) -> Staff | None:
    """The same within a transaction, such as the one that writes what they may do."""
    row = connection.execute(_ACTIVE, {"address": email.lower()}).first()
    if row is None or row.role not in set(Role):
        return None
    return of_row(row)


def of_row(row: Any) -> Staff:
    """A member of staff as their row of the table says."""
    return Staff(row.email, row.name, Role(row.role), row.authority_fen, row.member_id)


def listed(engine: Engine) -> tuple[tuple[Staff, bool], ...]:
    """Everybody on the staff list by name, and whether each is active. Who has an unknown role is left out."""
    with state.reading(engine) as connection:
        rows = connection.execute(select(table).order_by(table.c.name)).all()
    return tuple((of_row(row), row.active) for row in rows if row.role in set(Role))


def add_demo(engine: Engine) -> None:
    """Put the demo staff that are missing into the state database; one who was deactivated stays so."""
    with state.reading(engine) as connection:
        if not _missing(connection):
            return
    with engine.begin() as connection:
        values = [
            {"email": p.email, "name": p.name, "role": p.role.value, "authority_fen": p.authority_fen, "active": True}
            for p in _missing(connection)
        ]
        if values:
            connection.execute(insert(table), values)


def _missing(connection: Connection) -> list[Staff]:
    present = set(connection.execute(select(table.c.email)).scalars())
    return [person for person in DEMO.values() if person.email not in present]
