"""What administrators change of the staff list: each change one transaction with its audit event."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from desk import audit, rights, sign_in
from desk.audit import Json
from desk.staff import Role, Staff, of_row
from desk.state import staff as table
from rules.refusal import Refused
from rules.text import N_

COMMAND_LINE = "manage.py"  # stands for whoever may write the data folder
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_MOST_FEN = 10**15


def add(engine: Engine, by: str, person: Staff, now: datetime) -> None:
    """Put somebody on the staff list."""
    new = _values(person)
    with engine.begin() as connection:
        _refuse_unless_administrator(connection, by, person.email.lower())
        if _row(connection, new["email"]) is not None:
            raise Refused(N_("{email} is on the staff list already."), email=new["email"])
        connection.execute(insert(table).values(**new, active=True))
        _record(connection, by, "staff.added", new["email"], new, now)


def change(engine: Engine, by: str, seen: Staff, person: Staff, now: datetime) -> None:
    """Give somebody another name, role, authority or membership; they are found by their address.

    `seen` is the entry that the change was made on: where somebody else has changed it since, nothing is written.
    """
    new = _values(person)
    email = new.pop("email")
    with engine.begin() as connection:
        _refuse_unless_administrator(connection, by, email)
        row = _known(connection, email)
        if of_row(row) != seen:
            raise Refused(N_("Somebody has changed this entry since you opened it. Look at it again, then change it."))
        changed = {name: {"before": getattr(row, name), "after": value} for name, value in new.items()}
        changed = {name: both for name, both in changed.items() if both["before"] != both["after"]}
        if changed:
            connection.execute(update(table).where(table.c.email == email).values(**new))
            _record(connection, by, "staff.changed", email, changed, now)


def set_active(engine: Engine, by: str, email: str, active: bool, now: datetime) -> None:
    """Take somebody's access away, or give it back; what they hold in hand is for a lead to hand on."""
    with engine.begin() as connection:
        _refuse_unless_administrator(connection, by, email.lower())
        if _known(connection, email.lower()).active != active:
            values = {"active": active} if active else {"active": active, "sessions_ended_at": now}
            connection.execute(update(table).where(table.c.email == email.lower()).values(**values))
            _record(connection, by, "staff.activated" if active else "staff.deactivated", email.lower(), {}, now)


def end_sessions(engine: Engine, by: str, email: str, now: datetime) -> None:
    """Let somebody sign in anew in every browser, such as when one was lost."""
    with engine.begin() as connection:
        _refuse_unless_administrator(connection, by, email.lower())
        _known(connection, email.lower())
        sign_in.end_sessions(connection, email.lower(), by, now)


def unbind(engine: Engine, by: str, email: str, now: datetime) -> None:
    """Let somebody sign in with another account of the provider from now on."""
    with engine.begin() as connection:
        _refuse_unless_administrator(connection, by, email.lower())
        row = _known(connection, email.lower())
        values = {"issuer": None, "subject": None, "sessions_ended_at": now}
        connection.execute(update(table).where(table.c.email == email.lower()).values(**values))
        _record(connection, by, "staff.unbound", email.lower(), {"issuer": row.issuer, "subject": row.subject}, now)


def add_first_administrator(engine: Engine, email: str, name: str, now: datetime) -> None:
    """Put the first administrator on the staff list, from the command line; later ones are added by administrators."""
    new = _values(Staff(email, name, Role.ADMINISTRATOR))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("loanboard first administrator"))))
        there = (table.c.role == Role.ADMINISTRATOR) & table.c.active & ~table.c.email.endswith("@demo.invalid")
        if connection.execute(select(table.c.email).where(there)).first() is not None:
            raise Refused(N_("There is an administrator already; they add further staff on the System page."))
        if _row(connection, new["email"]) is not None:
            raise Refused(N_("{email} is on the staff list already."), email=new["email"])
        connection.execute(insert(table).values(**new, active=True))
        _record(connection, COMMAND_LINE, "staff.added", new["email"], new, now)


def _refuse_unless_administrator(connection: Connection, by: str, of: str) -> None:
    """Both rows are locked in one order, so that of two administrators who act on each other one comes first."""
    rows = select(table).where(table.c.email.in_((by, of))).order_by(table.c.email).with_for_update()
    found = {row.email: row for row in connection.execute(rows)}
    if by == of:
        raise Refused(N_("Nobody changes their own entry; ask another administrator."))
    allowed = rights.ACTS["change_staff"]
    if by not in found or not found[by].active or found[by].role not in allowed:
        raise Refused(N_("Only administrators change the staff list."))


def _values(person: Staff) -> dict[str, Any]:
    email, name = person.email.strip().lower(), " ".join(person.name.split())
    member = (person.member_id or "").strip() or None
    if not _ADDRESS.fullmatch(email) or len(email) > 320:
        raise Refused(N_("{email} is no e-mail address; write one such as name@company.example."), email=email)
    if not 0 < len(name) <= 200:
        raise Refused(N_("Write the person's name, in up to {count} characters."), count=200)
    if person.authority_fen is not None and not rights.may(person.role, "work_on_cases"):
        raise Refused(N_("Only risk officers decide applications; leave the authority empty for other roles."))
    if person.authority_fen is not None and not 0 <= person.authority_fen <= _MOST_FEN:
        raise Refused(N_("Write the authority as an amount of zero or more."))
    if member is not None and len(member) > 64:
        raise Refused(N_("Write the membership as the member's number, in up to {count} characters."), count=64)
    return {
        "email": email, "name": name, "role": person.role.value, "authority_fen": person.authority_fen,
        "member_id": member,
    }  # fmt: skip


def _known(connection: Connection, email: str) -> Row[Any]:
    row = _row(connection, email)
    if row is None:
        raise Refused(N_("{email} is not on the staff list."), email=email)
    return row


def _row(connection: Connection, email: str) -> Row[Any] | None:
    return connection.execute(select(table).where(table.c.email == email)).first()


def _record(connection: Connection, by: str, kind: str, email: str, payload: Mapping[str, Json], now: datetime) -> None:
    audit.append(connection, audit.Event(now, by, kind, email, payload))
