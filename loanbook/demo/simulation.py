"""The demo book as Arrow tables: one simulation, or chunks of members for books that do not fit in memory."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from loanbook.demo import lending_tables, people, reference, rounds, tiers
from loanbook.demo.columns import empty, table
from loanbook.demo.draw import Streams, Window
from loanbook.schema import metadata

_CHUNK_MEMBERS = 200_000


def generate(members: int, seed: int, as_of: date) -> dict[str, pa.Table]:
    """A whole book: every table of the contract, with its types, rows in the order of their keys.

    The same members, seed and as-of date give the same book. Ids count from 1.
    """
    return _simulate(members, seed, as_of, 0, {})


def chunks(members: int, seed: int, as_of: date, members_each: int = _CHUNK_MEMBERS) -> Iterator[dict[str, pa.Table]]:
    """A book in parts whose rows together are one book, for bounded memory.

    Each part is a closed society: nobody refers or lends across parts. What is decided once (tiers, products,
    campaigns, ...) and the small planted truths stand in the first part only.
    """
    first_ids: dict[str, int] = {}
    for number, start in enumerate(range(0, members, members_each)):
        part = _simulate(min(members_each, members - start), seed, as_of, number, first_ids)
        for name, rows in part.items():
            first_ids[name] = first_ids.get(name, 1) + len(rows)
        yield part


def _simulate(members: int, seed: int, as_of: date, number: int, first_ids: dict[str, int]) -> dict[str, pa.Table]:
    streams, window = Streams(seed, number), Window(as_of)

    def first(name: str) -> int:
        return first_ids.get(name, 1)

    folk = people.arrive(streams, window, members, first("member"), planted=number == 0)
    standing = tiers.climb(streams, folk, window)
    history = rounds.play(streams, window, folk, standing)
    tables = {name: empty(name) for name in metadata.tables}
    if number == 0:
        tables |= reference.tables(window.end_day - 1)
        tables["book_note"] = note(as_of)
    tables |= {
        "member": people.member_table(streams, folk, window),
        "membership": tiers.membership_table(folk, standing, first("membership")),
        "credit_line": tiers.credit_line_table(folk, standing, first("credit_line")),
        "application": lending_tables.application_table(folk, history.applications, first("application")),
        "score": lending_tables.score_table(history.applications, first("score"), first("application")),
        "application_check": lending_tables.check_table(
            history.applications, first("application_check"), first("application")
        ),
    }
    tables |= lending_tables.loan_tables(folk, history, first("application"), first("loan"), first("repayment"))
    return tables


def note(as_of: date) -> pa.Table:
    """What the book says of itself."""
    return table("book_note", {
        "name": pa.array(["Demo book"]), "as_of": pa.array([as_of]), "public": pa.array([True]),
        "source": pa.array(["simulation"]),
    })  # fmt: skip
