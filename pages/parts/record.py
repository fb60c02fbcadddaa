"""The record of what staff did: whether the chain is whole, and its events for who may search them."""

from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd
import pyarrow as pa

from components import access
from components.language import _
from components.system import event_choices, events, record
from desk import audit_chain, audit_search, operations, staff
from desk.audit_search import Wanted
from rules.calendar import BUSINESS_ZONE

PAGE = "system"
SHOWN_EVENTS = 500


def draw() -> None:
    """The cards."""
    person = access.require(PAGE)
    _verified()
    if access.may_do(person.role, "search_record"):
        _events(may_export=access.may_do(person.role, "export_record"))


def _verified() -> None:
    verified = operations.served().record()
    found, broken = verified.found, verified.found.broken
    said = None if broken is None else _(audit_chain.SENTENCES[broken.fault]).format(sequence=broken.sequence)
    record.card(found.head.sequence - found.first + 1, str(found.head), said, verified.at)


def _events(*, may_export: bool) -> None:
    engine = operations.served().engine
    names = {person.email: person.name for person, _active in staff.listed(engine)}
    choices = audit_search.kinds(engine), audit_search.people(engine)
    chosen = event_choices.chosen(*choices)
    wanted = Wanted(chosen.kind, chosen.person, chosen.about, chosen.first, chosen.last)
    found = audit_search.find(engine, wanted, SHOWN_EVENTS)
    rows = [
        (each.sequence, each.at.astimezone(BUSINESS_ZONE).replace(tzinfo=None), each.staff_email, each.kind,
         each.subject, audit_search.told(each.payload))
        for each in found.newest
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["sequence", "at", "staff_email", "kind", "subject", "details"])
    stream = partial(_stream, wanted, access.guard(PAGE, "export_record")) if may_export else None
    events.card(
        frame, found.count, chosen, choices, lambda email: _(names.get(email, email)), audit_search.COLUMNS, stream
    )


def _stream(wanted: Wanted, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    check()
    return audit_search.batches(operations.served().engine, wanted)
