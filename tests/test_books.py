"""What is said of whole books, through the product's own chain: the real one as published, the demo book as planted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Select

from loanbook import connection, demo, snapshot
from loanbook.demo.truth import TRUTH
from loanbook.importers import lending_club
from queries import book as books_facts
from queries import controls, default_rates, snapshots
from queries.read import read
from rules import default_rates as rates
from rules import group_comparison, policy
from rules.book import Book
from rules.filters import Filters, Horizon, Period, Selection, resolve

LENDING_CLUB = Path(__file__).parents[2] / "shared" / "data" / "lending_club_2007_2011.csv.gz"
POLICY = policy.load()[-1]
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
AS_OF = date(2026, 11, 20)


@dataclass(frozen=True)
class Shown:
    """A book as the pages see it."""

    book: Book

    def ask(self, statement: Select) -> pd.DataFrame:
        return read(statement, self.book.snapshot_id)

    def select(self, **filters: object) -> Selection:
        return resolve(Filters(**filters), self.book, POLICY.default.final_days_after_last_due)

    def segments(self, selection: Selection, code: str) -> pd.DataFrame:
        parts = self.ask(default_rates.by_segment(selection, code, self.book))
        display = POLICY.display
        return rates.segment_rates(parts, display.significance, display.thin_borrowers).set_index("segment")


def serve(file: Path, folder: Path, as_of: date | None) -> Callable[[], Shown]:
    built = snapshot.build(
        connection.connect(f"sqlite:///{file}", None), schema=None, folder=folder, policy=POLICY, as_of=as_of, now=NOW
    )

    def shown() -> Shown:
        snapshots.use(folder)
        return Shown(books_facts.facts(built.snapshot_id))

    return shown


@pytest.fixture(scope="module")
def lending_club_book(tmp_path_factory):
    if not LENDING_CLUB.exists():
        pytest.skip(f"the public loan file {LENDING_CLUB} is not here")
    folder = tmp_path_factory.mktemp("lending-club")
    lending_club.load(LENDING_CLUB, folder / "book.sqlite", lambda _what, _share: None)
    return serve(folder / "book.sqlite", folder / "snapshots", None)


@pytest.fixture(scope="module")
def demo_book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    demo.build(folder / "book.sqlite", as_of=AS_OF)
    return serve(folder / "book.sqlite", folder / "snapshots", AS_OF)


def percent(shown: Shown, selection: Selection, code: str) -> dict[str, float]:
    return (shown.segments(selection, code)["rate"] * 100).round(2).to_dict()


def test_lending_club_shows_its_published_rates_at_final_outcome(lending_club_book):
    shown = lending_club_book()
    everything = shown.select(period=Period.ALL, horizon=Horizon.FINAL)
    assert percent(shown, everything, "credit_policy") == {"within": 14.25, "outside": round(100 * 761 / 2749, 2)}
    within = everything.narrowed("credit_policy", "within")
    answer = shown.ask(default_rates.overall(within, shown.book)).iloc[0]
    assert (answer["borrowers"], answer["defaulted"], answer["immature"]) == (39_786, 5_670, 0)
    assert percent(shown, within, "grade") == {
        "A": 5.97, "B": 11.91, "C": 16.72, "D": 21.22, "E": 25.37, "F": 30.65, "G": 31.76,
    }  # fmt: skip
    assert percent(shown, within, "term") == {"36": 11.09, "60": 22.85}


def test_lending_clubs_control_totals_are_the_files(lending_club_book):
    shown = lending_club_book()
    totals = shown.ask(controls.totals(controls.WHOLE_BOOK, shown.book)).iloc[0]
    assert totals["loans"] == totals["borrowers"] == 42_535
    assert totals["principal_fen"] == 46_029_615_000
    assert totals["applied_fen"] == 47_170_135_000
    assert totals["outstanding_fen"] == totals["overdue_fen"] == 0


def test_lending_clubs_dates_are_said_to_be_estimates_and_its_missing_tables_named(lending_club_book):
    book = lending_club_book().book
    assert book.imputed_dates == book.loans == 42_535
    assert {"tier", "instalment", "repayment", "month_state"} <= book.missing_tables
    assert book.values_of("tier") == ()


@pytest.mark.parametrize("period", [Period.MATURE_12, Period.ALL])
def test_the_bad_province_stands_out_and_the_small_one_does_not(demo_book, period):
    shown = demo_book()
    found = shown.segments(shown.select(period=period), "province")
    bad, small = found.loc[TRUTH.bad_province], found.loc[TRUTH.looks_bad_province]
    assert bad["stands_out"] == "above"
    assert not bad["thin"]
    assert small["rate"] > found["rate"].drop(TRUTH.looks_bad_province).median()
    assert small["difference_to_book"] > 0.03
    assert small["stands_out"] == ""
    assert small["thin"]


@pytest.mark.parametrize("period", [Period.MATURE_12, Period.ALL])
def test_the_simpson_pair_is_what_the_page_opens_with_and_is_flagged(demo_book, period):
    shown = demo_book()
    display = POLICY.display
    offered = [
        code for code, values in shown.book.values if code not in {"tier", "disbursed_month"} and len(values) > 1
    ]
    strata = shown.ask(default_rates.by_group_and_stratum(shown.select(period=period), "tier", offered, shown.book))
    opening = group_comparison.opening(strata, significance=display.significance, thin_borrowers=display.thin_borrowers)
    looks_better, looks_worse = TRUTH.simpson_pair
    assert opening == (looks_worse, looks_better, TRUTH.simpson_dimension)
    compared = group_comparison.compare(
        strata,
        first=looks_better,
        second=looks_worse,
        control=TRUTH.simpson_dimension,
        significance=display.significance,
    )
    assert compared.reversed
    assert compared.split.difference < 0 < compared.equal.difference
    assert compared.split.rate_effect + compared.split.mix_effect == pytest.approx(compared.split.difference, abs=1e-12)


def test_every_dimension_of_the_demo_book_counts_the_same_borrowers(demo_book):
    shown = demo_book()
    selection = shown.select()
    book = shown.ask(default_rates.overall(selection, shown.book)).iloc[0]
    assert book["borrowers"] > 4_000
    for code, _values in shown.book.values:
        parts = shown.ask(default_rates.by_segment(selection, code, shown.book))
        for part in rates.BOOK_PARTS:
            assert parts[f"first_{part}"].sum() == book[part], (code, part)
