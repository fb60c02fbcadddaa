"""The default rates page on drawn books: what it says, and what it says where it can't."""

import io
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import access, downloads, export, view
from components.rates import loans as loans_card
from pages.parts import reading
from queries import book as books
from queries import default_rates, read, snapshots
from rules import policy
from rules.filters import Comparison, Filters, Horizon, Period, resolve
from rules.member_filters import resolve_members
from tests.queries import drawn

POLICY = policy.load()[-1]
ALL = Filters(period=Period.ALL, compare_to=Comparison.NONE)


def group(tier: str, product: str, borrowers: int, defaulted: int, first: int) -> list[drawn.Loan]:
    """Loans of 10 CNY to borrowers from number `first` on, of whom so many default after three months."""
    return [
        drawn.Loan(
            borrower=first + place,
            disbursed_on=date(2024, 3, 5),
            principal_fen=1_000,
            defaulted_on=date(2024, 6, 5) if place < defaulted else None,
            dims={"tier": tier, "product": product},
        )
        for place in range(borrowers)
    ]


PAIR = [
    *group("silver", "cash", 100, 20, 0),
    *group("silver", "instalment", 900, 18, 1_000),
    *group("gold", "cash", 900, 90, 2_000),
    *group("gold", "instalment", 100, 1, 3_000),
]


def _page():
    from pages import default_rates

    default_rates.show()


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """A function that runs the page on drawn loans."""
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)

    def run(loans, filters=ALL, *, language="en", book=None, **parameters):
        snapshot_id = drawn.snapshot(tmp_path / "snapshots", loans)
        snapshots.use(tmp_path / "snapshots")
        facts = replace(books.facts(snapshot_id), **(book or {}))
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"] = language
        at.session_state["_filters"] = filters
        at.session_state[view._KEY] = view.View(
            staff_email="risk_officer@demo.invalid",
            language=language,
            theme="light",
            source="drawn",
            book=facts,
            filters=filters,
            selection=resolve(filters, facts, POLICY.default.final_days_after_last_due),
            policy=POLICY,
            members=resolve_members(filters, facts, 0),
            link="http://127.0.0.1:8501/default_rates?snapshot=drawn",
        )
        for key, value in parameters.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception
        return at

    yield run
    read.forget()
    books.facts.cache_clear()


def said(at) -> str:
    texts = "\n".join(element.value for element in [*at.markdown, *at.caption])
    return texts.replace("\u00a0", " ").replace("\u2060", "")


def test_the_answer_is_the_books_rate_with_its_interval_and_what_is_behind_it(shown):
    text = said(shown(PAIR))
    # 20 + 18 + 90 + 1 = 129 of 2,000 borrowers; Wilson 95 %: 5.5-7.6.
    assert "**6.5 %** (5.5–7.6) of borrowers default: 90+ days within 12 months." in text
    assert "2,000 borrowers · 6.5 % by principal" in text
    assert "| Loans that pass the filters | 2,000 |" in text
    assert "| **Borrowers in the default rate** | **2,000** |" in text
    assert "| Principal | ¥20,000 | ¥20,000 |" in text


def test_a_change_is_called_one_only_where_it_is_more_than_noise(shown):
    before = [replace(loan, borrower=loan.borrower + 10_000, disbursed_on=date(2023, 3, 5)) for loan in PAIR]
    good = [replace(loan, defaulted_on=None) for loan in before]
    same = [replace(loan, defaulted_on=loan.defaulted_on and date(2023, 6, 5)) for loan in before]
    filters = Filters(period=Period.CUSTOM, first_month=date(2024, 1, 1), last_month=date(2024, 12, 1))
    assert "**6.5 points more** than the 0.0 % of Jan–Dec 2023; the difference is not noise." in said(
        shown([*good, *PAIR], filters)
    )
    assert "Against the 6.5 % of Jan–Dec 2023 the difference is no more than noise." in said(
        shown([*same, *PAIR], filters)
    )


def test_the_segment_furthest_above_the_book_is_named(shown):
    text = said(shown(PAIR))
    assert (
        "**Gold** defaults at **9.1 %** (7.5–11.0), **2.6 points above the book**; the difference is not noise." in text
    )


def test_mix_that_passes_for_risk_is_flagged(shown):
    text = said(shown(PAIR))
    assert (
        "**Mix passes for risk:** Gold defaults **5.3 points more** than Silver, but **5.5 points less** with " in text
    )
    assert "Product held equal (Simpson's paradox)" in text
    # rate -0.055, mix +0.108 by hand: (0.1 - 0.2 + 0.01 - 0.02) / 2 and 0.8 x 0.3 / 2 - 0.8 x 0.03 / 2.
    assert "difference +5.30 = rate −5.50 + mix +10.80 points (Kitagawa)" in text


def test_the_same_page_in_chinese_leaves_no_english_sentence(shown):
    text = said(shown(PAIR, language="zh"))
    assert "6.5%" in text
    assert "borrowers" not in text
    assert "default" not in text.lower().replace("default_rates", "")


def test_without_a_segment_that_differs_it_says_so(shown):
    even = [*group("silver", "cash", 200, 10, 0), *group("gold", "cash", 200, 10, 1_000)]
    assert "No value of **Tier at origination** differs from the rest of the book by more than noise." in said(
        shown(even)
    )


def test_loans_that_are_too_young_are_said_to_mature(shown):
    young = [replace(loan, disbursed_on=date(2026, 3, 5), defaulted_on=None) for loan in PAIR]
    text = said(shown(young))
    assert "Still maturing" in text
    assert "2,000 borrowers pass the filters, but none of their loans has been observed for so long" in text


def test_filters_that_leave_nothing_say_so(shown):
    apart = [*group("silver", "cash", 200, 10, 0), *group("gold", "instalment", 200, 10, 1_000)]
    nobody = replace(ALL, choices=(("tier", ("gold",)), ("product", ("cash",))))
    text = said(shown(apart, nobody))
    assert "No loans match these filters" in text
    assert "Where does the book default?" not in text


@pytest.mark.parametrize(("missing", "table"), [({"loan", "application"}, "`application`, `loan`"), (set(), "`loan`")])
def test_an_empty_book_names_the_table_it_needs(shown, missing, table):
    text = said(shown([], book={"missing_tables": frozenset(missing)}))
    assert table in text


def test_a_dimension_that_the_book_lacks_is_named_by_its_column_and_the_rest_of_the_page_stands(shown):
    text = said(shown(PAIR, by="grade"))
    assert "Nothing stands in `application.grade`. Group by another dimension." in text
    assert "**6.5 %**" in text
    assert "Which loans are behind this?" in text


def test_a_dimension_whose_table_is_missing_names_the_table(shown):
    text = said(shown(PAIR, by="province", book={"missing_tables": frozenset({"member"})}))
    assert "This needs the table `member`" in text


@pytest.mark.parametrize("key", ["by", "across", "sort", "first", "second", "held"])
def test_hostile_parameters_are_read_as_the_opening_value(shown, key):
    text = said(shown(PAIR, **{key: "'; drop table loan_fact; --"}))
    assert "**6.5 %**" in text
    assert "Mix passes for risk" in text


def test_a_final_outcome_is_counted_from_loans_that_can_no_longer_default(shown):
    final = [replace(loan, final_observed=loan.borrower < 2_000) for loan in PAIR]
    text = said(shown(final, replace(ALL, horizon=Horizon.FINAL)))
    assert "of borrowers default: 90+ days, final outcome." in text
    assert "1,000 borrowers" in text  # silver alone: 38 of 1,000
    assert "**3.8 %**" in text


def test_the_statement_and_its_values_stand_by(shown):
    at = shown(PAIR, replace(ALL, choices=(("tier", ("gold",)),)))
    statement, values = (code.value for code in at.code)
    assert statement.startswith("SELECT")
    assert "gold" not in statement
    assert "'gold'" in values


def test_files_hold_every_loan_and_say_what_they_are(shown, taken):
    at = shown(PAIR, replace(ALL, choices=(("tier", ("gold",)),)))
    kept = at.session_state[view._KEY]
    statement = default_rates.loans_behind(kept.selection, (), kept.book)
    batches = reading.checked(statement, kept.book.snapshot_id, lambda: None)
    columns = export.cny_columns(column.name for column in statement.selected_columns)
    rows = partial(export.in_cny, lambda: batches)
    text = downloads.file("csv", "default-rate-loans", kept, partial(loans_card.facts, kept), columns, rows).decode(
        "utf-8-sig"
    )
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert head[0] == "# Metric: Default rate: 90+ days within 12 months"
    assert "# Filters: Disbursed Mar 2024 · Gold · default = 90+ days within 12 months" in [
        line.replace("\u00a0", " ") for line in head
    ]
    assert "# As of: 2026-06-30" in head
    assert f"# Snapshot: {kept.book.snapshot_id}" in head
    assert f"# Opens again at: {kept.link}" in head
    rows = pd.read_csv(io.StringIO(text), comment="#")
    assert (len(rows), rows["defaulted"].sum(), rows["principal_cny"].sum()) == (1_000, 91, 10_000)
