"""What a snapshot says of itself."""

from collections.abc import Iterable
from datetime import UTC, date
from functools import lru_cache

import pandas as pd
from sqlalchemy import func, select

from loanbook.snapshot_schema import dimension_value, loan_fact, member_journey, snapshot_note, source_table
from queries.read import read
from rules import dimensions
from rules.book import Book, Evidence
from rules.funnel_steps import STEPS

_NAMED = ["dimension", "value", "name_en", "name_zh"]
_VALUES = 1_000_000  # more values than any dimension has


@lru_cache(maxsize=32)
def facts(snapshot_id: str) -> Book:
    """The facts of one snapshot, read once: a snapshot never changes. Dimensions that are all unknown are absent."""
    note = read(select(snapshot_note), snapshot_id).iloc[0]
    loans = read(
        select(
            func.count().label("loans"),
            func.min(loan_fact.c.disbursed_on).label("first_on"),
            func.max(loan_fact.c.disbursed_on).label("last_on"),
        ),
        snapshot_id,
    ).iloc[0]
    members = read(
        select(
            func.count().label("members"),
            func.min(member_journey.c.registered_on).label("first_on"),
            func.max(member_journey.c.registered_on).label("last_on"),
            *(func.count(member_journey.c[f"{step.code}_s"]).label(step.code) for step in STEPS),
        ),
        snapshot_id,
    ).iloc[0]
    values = read(
        select(dimension_value).order_by(dimension_value.c.dimension, dimension_value.c.position),
        snapshot_id,
        limit=_VALUES,
    )
    missing = read(select(source_table.c.name).where(~source_table.c.present), snapshot_id)
    return Book(
        snapshot_id=snapshot_id,
        name=note["book_name"],
        as_of=note["as_of"].date(),
        built_at=note["built_at"].to_pydatetime().replace(tzinfo=UTC),
        loans=int(loans["loans"]),
        evidence=frozenset(Evidence(depth) for depth in _listed(note["evidence"])),
        imputed_dates=int(note["imputed_dates"]),
        first_disbursed_on=_date(loans["first_on"]),
        last_disbursed_on=_date(loans["last_on"]),
        longest_term_months=int(note["longest_term_months"]),
        values=tuple(_recorded(values, "loan", dimensions.ALL)),
        varying=frozenset(values.loc[values["varies"], "dimension"]),
        missing_tables=frozenset(missing["name"]),
        names=tuple(values[_NAMED].dropna().drop_duplicates().itertuples(index=False, name=None)),
        definition=None if pd.isna(note["definition"]) else note["definition"],
        members=int(members["members"]),
        first_registered_on=_date(members["first_on"]),
        last_registered_on=_date(members["last_on"]),
        member_steps=tuple(step.code for step in STEPS if members[step.code]),
        member_values=tuple(_recorded(values, "member", dimensions.MEMBER)),
    )


def _recorded(
    values: pd.DataFrame, subject: str, of: tuple[dimensions.Dimension, ...]
) -> Iterable[tuple[str, tuple[str, ...]]]:
    own = values[values["subject"] == subject]
    for dimension in of:
        held = tuple(own.loc[own["dimension"] == dimension.code, "value"])
        if held not in {(), (dimensions.UNKNOWN,)}:
            yield dimension.code, held


def _listed(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _date(instant: pd.Timestamp) -> date | None:
    return None if pd.isna(instant) else instant.date()
