"""The benchmark of review on few cases: every decision is taken once and the chain is whole, or it would stop."""

from datetime import date

from desk import audit, state
from loanbook import books, demo
from tests.bench import review


def test_queue_case_next_and_decisions_are_timed(tmp_path):
    demo.build(tmp_path / "book.sqlite", members=400, as_of=date(2026, 11, 17))
    engine = state.open_engine(f"sqlite:///{tmp_path / 'state.sqlite'}")
    keeper = audit.Keeper(review.KEEPER_KEY, tmp_path / "audit.head")
    bench = review.begin(engine, keeper, books.address(tmp_path / "book.sqlite"), cases=30, officers=2)
    found = review.measure(bench, officers=2, runs=3)
    engine.dispose()
    assert [(each.name, len(each.ms)) for each in found] == [
        ("queue by deadline", 3), ("queue by risk", 3), ("case", 3), ("which case is next", 3),
        ("decision, one officer", 3), ("decision, 2 at once", 6),
    ]  # fmt: skip
    lines = review.table(found, 30, "a small book")
    assert lines[0].startswith("Review queue, 30 waiting")
    assert len(lines) == 4 + len(found)
    assert review.Timed("x", (1.0, 2.0, 9.0), 5).line() == "| x | 3 | 2.0 | 9.0 | 5 |"
