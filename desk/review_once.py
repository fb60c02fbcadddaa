"""What was asked for is taken once: by the key that whoever asks gives it, in the transaction that takes it."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from desk.review_tables import review_action

_TAKE = insert(review_action)
_BY_KEY = select(review_action).where(review_action.c.key == bindparam("asked"))


def taken(connection: Connection, key: str, digest: str) -> bool:
    """Whether it was taken before; asked while its case is locked. `digest` tells it from what else might be asked."""
    row = connection.execute(_BY_KEY, {"asked": key}).first()
    if row is None:
        return False
    if row.digest != digest:
        raise ValueError(f"the key {key} was used for another action")
    return True


def take(connection: Connection, key: str, by: str, digest: str, now: datetime) -> None:
    """Say that it is taken."""
    connection.execute(_TAKE, {"key": key, "staff_email": by, "digest": digest, "at": now})
