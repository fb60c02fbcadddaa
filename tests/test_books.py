"""What is said of whole books, through the product's own chain: real ones as published, the demo book as planted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import networkx
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Select, func, select

from loanbook import connection, copied, snapshot
from loanbook.demo.truth import TRUTH
from loanbook.importers import card_default, invitation_tree, lending_club
from loanbook.referrals.growth_schema import tree_node
from loanbook.snapshot_schema import member_journey
from queries import book as books_facts
from queries import controls, default_rates, growth, months, snapshots
from queries.read import read
from rules import default_rates as rates
from rules import group_comparison, roll_rates
from rules import growth as growth_rules
from rules.ageing import BUCKETS, STATES
from rules.book import Book, Evidence
from rules.filters import DateRange, Definition, Filters, Horizon, Period, Selection, opening, resolve
from rules.member_filters import MemberSelection
from tests.demo_snapshot import NOW, POLICY, demo_snapshot

SHARED = Path(__file__).parents[2] / "shared" / "data"
LENDING_CLUB = SHARED / "lending_club_2007_2011.csv.gz"
TAIWAN = SHARED / "taiwan_card_default.csv.gz"
TREE = SHARED / "invitation_tree"


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

    def as_opened(self, **changes: object) -> Selection:
        """What the page shows before anybody has changed anything; or with one thing changed."""
        usual = opening(
            self.book,
            period=POLICY.display.opening_period,
            definition=POLICY.default.definition,
            horizon=POLICY.default.horizon,
        )
        return resolve(replace(usual, **changes), self.book, POLICY.default.final_days_after_last_due)


def serve(file: Path, folder: Path, as_of: date | None) -> Callable[[], Shown]:
    source = connection.connect(f"sqlite:///{file}", None)
    return served(snapshot.build(source, schema=None, folder=folder, policy=POLICY, as_of=as_of, now=NOW))


def served(built: snapshot.Built) -> Callable[[], Shown]:
    def shown() -> Shown:
        snapshots.use(built.path.parent)
        return Shown(books_facts.facts(built.snapshot_id))

    return shown


def imported(load: Callable, public: Path, folder: Path) -> Callable[[], Shown]:
    if not public.exists():
        pytest.skip(f"the public data {public} is not here")
    load(public, folder / "book.sqlite", lambda _what, _share: None)
    return serve(folder / "book.sqlite", folder / "snapshots", None)


@pytest.fixture(scope="module")
def lending_club_book(tmp_path_factory):
    return imported(lending_club.load, LENDING_CLUB, tmp_path_factory.mktemp("lending-club"))


@pytest.fixture(scope="module")
def taiwan_book(tmp_path_factory):
    return imported(card_default.load, TAIWAN, tmp_path_factory.mktemp("taiwan"))


@pytest.fixture(scope="module")
def tree_book(tmp_path_factory):
    return imported(invitation_tree.load, TREE, tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def demo_book(tmp_path_factory):
    return served(demo_snapshot(tmp_path_factory))


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


def overall(shown: Shown, selection: Selection) -> tuple[int, int, int]:
    answer = shown.ask(default_rates.overall(selection, shown.book)).iloc[0]
    return int(answer["borrowers"]), int(answer["defaulted"]), int(answer["immature"])


def test_taiwan_opens_with_its_published_rate(taiwan_book):
    shown = taiwan_book()
    answer = shown.ask(default_rates.overall(shown.as_opened(), shown.book)).iloc[0]
    headline = rates.headline(answer, None, POLICY.display.significance, POLICY.display.thin_borrowers)
    assert (headline.borrowers, headline.defaulted, headline.immature) == (30_000, 6_636, 0)
    assert round(headline.rate, 4) == 0.2212
    assert headline.imputed == 30_000
    assert shown.book.evidence == {Evidence.TAPE}


def test_taiwans_days_past_due_add_who_was_late_and_is_not_in_default_by_the_file(taiwan_book):
    shown = taiwan_book()
    file = pd.read_csv(TAIWAN)
    worst = file.filter(regex=r"^PAY_\d").max(axis=1)
    for definition, months_late in ((Definition.DPD30, 2), (Definition.DPD60, 3), (Definition.DPD90, 4)):
        counted = int(((file["DEFAULT"] == 1) | (worst >= months_late)).sum())
        assert overall(shown, shown.as_opened(definition=definition)) == (30_000, counted, 0)
    assert counted == 6_781
    assert overall(shown, shown.as_opened(definition=Definition.CHARGE_OFF)) == (30_000, 0, 0)
    # A card's term is not over: its final outcome is not known.
    assert overall(shown, shown.as_opened(horizon=Horizon.FINAL, period=Period.ALL)) == (0, 0, 30_000)


def test_taiwans_segments_are_the_files(taiwan_book):
    shown = taiwan_book()
    file = pd.read_csv(TAIWAN)
    born = (2004 - (2005 - file["AGE"])).rename("age")  # in the year in which the account is taken to begin
    band = pd.cut(born, [*POLICY.bands.age, np.inf], right=False, labels=False)
    expected = file["DEFAULT"].groupby(band).agg(["size", "sum"])
    found = shown.segments(shown.as_opened(), "age_band")
    assert list(zip(found["borrowers"], found["defaulted"], strict=True)) == list(
        zip(expected["size"], expected["sum"], strict=True)
    )


# August to September 2005, counted by hand in the file's PAY_2 and PAY_0.
TAIWANS_LAST_MATRIX = {
    "M0": (22_735, 1_836, 991, 0, 0),
    "M1": (0, 28, 0, 0, 0),
    "M2": (392, 1_672, 1_591, 272, 0),
    "M3": (47, 109, 71, 41, 58),
    "M3+": (8, 43, 14, 9, 83),
}


def test_taiwans_roll_matrix_is_the_files_of_each_month_and_of_all(taiwan_book):
    shown = taiwan_book()
    parts = shown.ask(months.transitions(Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())))
    ends = roll_rates.month_ends(parts)
    assert ends == [date(2005, 5, 31), date(2005, 6, 30), date(2005, 7, 31), date(2005, 8, 31), date(2005, 9, 30)]
    by_hand = [transitions_of_file(before, now) for before, now in ((6, 5), (5, 4), (4, 3), (3, 2), (2, 0))]
    for chosen, of_file in [*zip(([end] for end in ends), by_hand, strict=True), (ends, sum(by_hand))]:
        found = roll_rates.matrix(parts, chosen, significance=0.05, thin_loans=120)
        cells = found.set_index(["from_bucket", "to_bucket"])
        for column in ("loans", "balance_fen"):
            assert (cells[column].unstack()[list(STATES)].loc[list(BUCKETS)].to_numpy() == of_file[column]).all()
    last = by_hand[-1]["loans"]
    assert {bucket: tuple(row[:5]) for bucket, row in zip(BUCKETS, last.tolist(), strict=True)} == TAIWANS_LAST_MATRIX


class Counted(dict):
    """Matrices of counts and balances that add up."""

    def __radd__(self, other):
        return self if other == 0 else Counted({name: self[name] + other[name] for name in self})

    __add__ = __radd__


def transitions_of_file(before: int, now: int) -> Counted:
    """Accounts, and what they owed before, from each bucket to each state; straight from the file's columns."""
    file = pd.read_csv(TAIWAN)
    buckets = [file[f"PAY_{month}"].clip(0, 4).to_numpy() for month in (before, now)]
    owed = file[f"BILL_AMT{before}"].clip(lower=0).to_numpy() * 100
    found = Counted(loans=np.zeros((5, 7), int), balance_fen=np.zeros((5, 7), int))
    np.add.at(found["loans"], tuple(buckets), 1)
    np.add.at(found["balance_fen"], tuple(buckets), owed)
    return found


def test_the_invitation_trees_levels_and_trees_are_as_published(tree_book):
    shown, place = tree_book(), tree_node.c
    levels = shown.ask(select(place.level, func.count().label("people")).group_by(place.level).order_by(place.level))
    assert levels["people"].to_list() == [719, 1_109, 703, 383, 246, 96, 32, 7]
    trees = shown.ask(select(place.members).where(place.level == 0))["members"]
    assert (len(trees), trees.sum(), trees.max()) == (719, 3_295, 204)


def test_the_invitation_tree_has_no_cycle_and_its_most_active_person_invited_73(tree_book):
    shown = tree_book()
    member, place = copied.TABLES["member"].c, tree_node.c
    invited = shown.ask(select(member.referred_by_id, func.count().label("people")).group_by(member.referred_by_id))
    assert invited.dropna()["people"].max() == 73
    assert shown.ask(select(func.max(place.referrals).label("most")))["most"].iloc[0] == 73
    assert int(invited.loc[invited["referred_by_id"].isna(), "people"].iloc[0]) == 719  # each root is one by itself
    assert shown.book.loans == 0
    assert {"loan", "application", "tier"} <= shown.book.missing_tables
    assert shown.ask(select(func.count().label("people")).where(place.level >= 0))["people"].iloc[0] == 3_295


def test_the_invitation_trees_shape_is_what_networkx_finds(tree_book):
    shown = tree_book()
    place, member = tree_node.c, member_journey.c
    nodes = shown.ask(
        select(place.position, place.parent_position, place.level, place.members, place.referrals, place.distances)
        .join_from(tree_node, member_journey, member.member_no == place.member_no)
        .order_by(place.position)
    )
    assert nodes["level"].value_counts().sort_index().to_list() == [719, 1_109, 703, 383, 246, 96, 32, 7]
    assert (nodes["members"].max(), nodes["referrals"].max()) == (204, 73)
    graph = networkx.Graph()
    graph.add_nodes_from(nodes["position"])
    graph.add_edges_from(nodes.dropna()[["parent_position", "position"]].astype(int).itertuples(index=False))
    roots = nodes.loc[nodes["parent_position"].isna()].set_index("position")
    for branch in networkx.connected_components(graph):
        root = min(branch)
        assert roots.loc[root, "members"] == len(branch)
        if len(branch) > 20:
            assert roots.loc[root, "distances"] == networkx.wiener_index(graph.subgraph(branch))
    parts = shown.ask(growth.trees(MemberSelection(DateRange(), None, ())))
    found = growth_rules.shape(parts)
    assert (found.trees, found.members, found.deepest, found.largest) == (719, 3_295, 7, 204)
    assert parts["distances"].sum() == roots["distances"].sum()


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
