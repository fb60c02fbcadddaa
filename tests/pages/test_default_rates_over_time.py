"""The part over time of the default rates page on drawn books: what it says, and what it says where it can't."""

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from components import access, view
from queries import book as books
from queries import read, snapshots
from rules import calendar, policy
from rules.book import Evidence
from rules.filters import Comparison, Filters, Period, resolve
from rules.member_filters import resolve_members
from tests.queries import drawn

POLICY = policy.load()[-1]
ALL = Filters(period=Period.ALL, compare_to=Comparison.NONE)


def cohort(disbursed_on, first, last_seen, *courses):
    """Borrowers from number `first` on, so many on each course (count, columns); 90+ days is the definition."""
    loans = []
    for count, columns in courses:
        loans += [
            drawn.Loan(
                borrower=first + len(loans) + place,
                disbursed_on=disbursed_on,
                principal_fen=10_000,
                dims={"disbursed_month": f"{disbursed_on:%Y-%m}"},
                course={"vintage_month_90": last_seen, "first_due_on": calendar.add_months(disbursed_on, 1), **columns},
            )
            for place in range(count)
        ]
    return loans


def defaulted(month, **columns):
    return {"vintage_exit_90": "default", "vintage_month_90": month, "first_payment_missed": True, **columns}


PAID = {"first_payment_missed": False}
SINCE = {"past_due_90_on": date(2025, 1, 10)}

# 2025Q1: 10 of 200 default in month 3, 10 more in month 6. 2026Q1: 40 of 200 in month 3, seen to month 4.
# Of 150 older loans that went over 90 days past due, 30 are cured in month 3 and 60 written off in month 4.
LOANS = [
    *cohort(
        date(2024, 6, 5), 0, 24,
        (3, defaulted(7, cure_exit="cured", cure_month=3, redefault_exit="redefault", redefault_month=2, **SINCE)),
        (27, defaulted(7, cure_exit="cured", cure_month=3, redefault_month=10, **SINCE)),
        (60, defaulted(7, cure_exit="written_off", cure_month=4, **SINCE)),
        (60, defaulted(7, cure_month=17, **SINCE)),
    ),
    *cohort(date(2025, 2, 5), 1_000, 16, (10, defaulted(3)), (10, defaulted(6)), (180, PAID)),
    *cohort(date(2026, 2, 5), 2_000, 4, (40, defaulted(3)), (160, PAID)),
]  # fmt: skip


def month(month_end, *moves):
    """Loans of 1 CNY at a month end: how many moved from which bucket to which."""
    return [
        drawn.Month(
            month_end=month_end,
            bucket=after,
            outstanding_fen=0 if after in {"paid_off", "written_off"} else 100,
            previous_bucket=before,
            previous_outstanding_fen=100,
            dims={"disbursed_month": "2024-06"},
        )
        for count, before, after in moves
        for _ in range(count)
    ]


ENDS = [calendar.last_of_month(calendar.add_months(date(2026, 6, 1), -back)) for back in range(12, -1, -1)]
# A quarter of 1-30 rolls on in twelve months, half in the newest.
MONTHS = [
    *(row for end in ENDS[:-1] for row in month(end, (30, "M1", "M2"), (90, "M1", "M0"), (120, "M0", "M0"))),
    *month(ENDS[-1], (60, "M1", "M2"), (60, "M1", "M0"), (120, "M0", "M0"), (30, "M3+", "written_off")),
]


def _page():
    from pages import default_rates

    default_rates.show()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A function that publishes a drawn book, each one once, and serves their folder; the snapshot's id."""
    folder, drawn_before = tmp_path_factory.mktemp("drawn") / "snapshots", []

    def publish(loans, months):
        for other_loans, other_months, snapshot_id in drawn_before:
            if other_loans is loans and other_months is months:
                return snapshot_id
        snapshot_id = drawn.snapshot(folder, loans, len(drawn_before), months=months)
        snapshots.use(folder)
        drawn_before.append((loans, months, snapshot_id))
        return snapshot_id

    yield publish
    read.forget()
    books.facts.cache_clear()


@pytest.fixture
def shown(published, monkeypatch):
    """A function that runs the part on a drawn book."""
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)

    def run(loans, months=(), *, filters=ALL, language="en", evidence=Evidence.INSTALMENTS, table="", **parameters):
        facts = replace(books.facts(published(loans, months)), evidence=frozenset({evidence}))
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"], at.session_state["_filters"] = language, filters
        if table:
            at.query_params["tables"] = table
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
        )
        for key, value in {"part": "time", **parameters}.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception
        return at

    return run


def said(at):
    texts = "\n".join(element.value for element in [*at.markdown, *at.caption])
    return texts.replace("\u00a0", " ").replace("\u2060", "")


def test_each_card_answers_its_question_with_judged_numbers(shown):
    text = said(shown(LOANS, MONTHS))
    # 40 of 200 against 10 of 200, both at month 4.
    assert "**2026Q1** stands at **20.0 %** " in text
    assert "at month 4 on book, **15.0 points above** 2025Q1 at the same age; the difference is not noise." in text
    # The newest month alone: 60 of 120 on, 60 of 120 back.
    assert "Of loans 1–30 days late, **50.0 %** (41.2–58.8) are 31–60 days late a month later" in text
    assert "and **50.0 %** (41.2–58.8) are current." in text
    # Against 12 x 30 of 12 x 120.
    assert (
        "**50.0 %** of loans 1–30 days late are 31–60 days late a month later, in Jun 2026: **25.0 points more** than "
        "the 25.0 % of the 12 months before; the difference is not noise." in text
    )
    # 60 CNY in M2 of 180 + 60 CNY out; two month ends before 30 in M2, 90 + 120 in M0.
    assert "**25.0 %** of the balance is 30+ days late at the end of Jun 2026, and as much of the book" in text
    assert "**¥60** of the ¥240 out at the end of Jun 2026 is late, **25.0 %** of it;" in text
    # 40 of 200 in Feb 2026; 20 of 200 in Feb 2025 and all 150 in Jun 2024: months that differ among themselves as much.
    assert (
        "**20.0 %** of those who first borrowed in Feb 2026 missed their first payment; against the 48.6 % of the 2 "
        "months before the difference is no more than noise." in text
    )
    assert "in 2025, **20.0 %** " in text
    assert "were cured within 4 months, 0.0 % paid off and 40.0 % written off." in text
    assert "3 of the 30 cured loans have defaulted again: too few for a rate." in text


def test_every_month_of_disbursement_is_shown_whatever_the_period(shown):
    june = Filters(period=Period.CUSTOM, first_month=date(2024, 6, 1), last_month=date(2024, 6, 1))
    text = said(shown(LOANS, MONTHS, filters=june))
    assert "Every month of disbursement, Jun 2024–Feb 2026: the period of the filters counts for the rate above" in text
    assert "**2026Q1** stands at" in text


def test_nothing_of_the_other_part_is_drawn(shown):
    text = said(shown(LOANS, MONTHS))
    assert "Where does the book default?" not in text
    assert "Do newer loans go bad faster?" not in said(shown(LOANS, MONTHS, part="segments"))


def test_outcomes_alone_give_vintages_and_say_what_the_rest_needs(shown):
    at = shown(LOANS, evidence=Evidence.OUTCOMES)
    text = said(at)
    assert "**2026Q1** stands at **20.0 %**" in text
    assert "This needs month ends" in text
    assert "`month_state`" in text
    assert "from outcomes alone" in text
    assert "Is this roll getting worse?" not in text


def test_a_tape_gives_all_but_first_payments(shown):
    taped = [replace(loan, course={**loan.course, "first_due_on": None}) for loan in LOANS]
    text = said(shown(taped, MONTHS, evidence=Evidence.TAPE))
    assert "are 31–60 days late a month later, in Jun 2026" in text
    assert "This needs the tables `instalment`, `repayment`" in text
    assert "from a month-end tape" in text


def test_an_empty_book_names_the_table_it_needs(shown):
    assert "`loan`" in said(shown([]))


def test_loans_that_are_too_young_are_said_to_be(shown):
    young = [replace(loan, course={}) for loan in cohort(date(2026, 6, 20), 0, None, (200, {}))]
    text = said(shown(young))
    assert "No loan that passes the filters has come to a month end yet." in text
    assert "No loan that passes the filters has two month ends in a row yet." in text


def test_few_loans_are_not_drawn_but_said(shown):
    text = said(shown(LOANS[150:200], month(ENDS[-1], (5, "M1", "M2"), (5, "M0", "M0"))))
    assert "No cohort has enough loans at one age to draw its curve" in text
    assert "Too few loans were late a month before to say where they go." in text
    assert "there are no months before to hold it against. Few loans: take it as a hint." in text
    assert "No loan that passes the filters was ever over 90 days past due." in text


def test_hostile_parameters_are_read_as_the_opening_value(shown):
    hostile = "'; drop table loan_month; --"
    keys = ("cohort", "vintages", "rolled", "roll_from", "roll_to", "late", "defaulted_in")
    assert said(shown(LOANS, MONTHS, **dict.fromkeys(keys, hostile))) == said(shown(LOANS, MONTHS))
    assert "Do newer loans go bad faster?" not in said(shown(LOANS, MONTHS, part=hostile))


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({"cohort": "year"}, "**2026** stands at **20.0 %**"),
        ({"cohort": "month"}, "**Feb 2026** stands at **20.0 %**"),
        ({"vintages": "heatmap"}, "columns = months on book, number = cumulative default, %"),
        ({"rolled": "12"}, "Of loans 1–30 days late, **27.1 %**"),  # 11 x 30 + 60 of 12 x 120
        ({"rolled": "2026-05"}, "in May 2026; against the 25.0 % of the 11 months before the difference is no more"),
        ({"roll_to": "M0"}, "**50.0 %** of loans 1–30 days late are current a month later, in Jun 2026: **25.0 points"),
        ({"late": "90"}, "**0.0 %** of the balance is 90+ days late at the end of Jun 2026, and as much"),
    ],
)
def test_a_choice_in_the_link_is_kept(shown, choice, text):
    assert text in said(shown(LOANS, MONTHS, **choice))


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        ("vintages", 8 + 17 + 5),  # months 0-7 in which 150 are there, 0-16, 0-4
        ("matrix", 3 * 7),  # M0, M1 and M3+ have loans
        ("one-roll", 13),
        ("losses", 5),
        ("lateness", 13),
        ("ageing", 13 * 5),
        ("first-payments", 3),
        ("cures", 5 * 3),  # months 0-4 of three ends
    ],
)
def test_every_chart_has_its_table(shown, key, rows):
    at = shown(LOANS, MONTHS, table=key)
    (table,) = [frame.value for frame in at.dataframe]
    assert len(table) == rows


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("months", [MONTHS, ()], ids=["months", "outcomes"])
def test_both_languages_show_the_same_numbers(shown, language, months):
    text = said(shown(LOANS, months, language=language))
    assert "2026Q1" in text
    assert "20.0" in text
