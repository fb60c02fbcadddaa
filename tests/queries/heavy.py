"""Statements that keep DuckDB busy: for seconds, or for longer than any test waits."""

from sqlalchemy import Integer, Select, column, func, select


def endless(remainder: int = 3) -> Select[int]:
    """Would take hours. Another remainder makes it another statement."""
    return _pairs(10**7, 10**7, remainder)


def brief(remainder: int = 3) -> Select[int]:
    """Takes about half a second; counts the pairs below 6,000 and 10,000 whose product leaves the remainder."""
    return _pairs(6_000, 10_000, remainder)


def rows(number: int) -> Select[int]:
    """So many rows: 0, 1, 2, ..."""
    return select(func.range(number).table_valued(column("x", Integer), name="numbers").render_derived().c.x)


def _pairs(first: int, second: int, remainder: int) -> Select[int]:
    a = func.range(first).table_valued(column("x", Integer), name="a").render_derived()
    b = func.range(second).table_valued(column("y", Integer), name="b").render_derived()
    return select(func.count().label("pairs")).select_from(a.join(b, (a.c.x * b.c.y) % 7 == remainder))
