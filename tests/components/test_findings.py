"""The card of broken rules: what it says, the rows of the chosen rule, and its file."""

from functools import partial

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest

from components import downloads
from components.system import findings
from components.view import View
from loanbook.finding import SENTENCES
from tests.components.test_filters import BOOK

FOUND = pd.DataFrame(
    [
        ("negative", "broken", "repayment", "amount", "", 1_200, "9; 11; 20"),
        ("orphan", "broken", "loan", "tier_code", "tier", 1, "L2"),
        ("duplicate_key", "broken", "instalment", "", "", 1, "21, 2"),
    ],
    columns=["kind", "severity", "table_name", "column_name", "expected", "rows", "examples"],
)
BEHIND = pd.DataFrame({"table_name": ["repayment", "repayment"], "key": ["9", "11"]})


def _card(found, behind, sentences, view):
    import streamlit as st

    from components import view as views
    from components.system import findings

    views.keep(view)
    st.session_state["_chosen"] = findings.chosen(found)
    findings.card(found, sentences, behind, lambda: [])


def view(language="en"):
    return View("a@b", language, "light", "drawn", BOOK, None, None, None, None, link="http://here/system?snapshot=s")


def drawn(found=FOUND, behind=BEHIND, language="en", **parameters):
    at = AppTest.from_function(_card, default_timeout=300, args=(found, behind, SENTENCES, view(language)))
    at.session_state["_language"] = language
    for key, value in parameters.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception, at.exception
    return at


def said(at):
    return "\n".join(element.value for element in [*at.markdown, *at.caption])


def test_the_rule_that_most_rows_break_is_shown_first_with_its_rows():
    at = drawn()
    assert "**3** rules are broken." in said(at)
    rules, rows = (table.value for table in at.dataframe)
    assert list(rules["rows"]) == [1_200, 1, 1]
    assert list(rules["sentence"]) == [
        "repayment.amount is negative in 1,200 row(s): 9; 11; 20; ….",
        "loan.tier_code names no row of tier in 1 row(s): L2.",
        "In instalment, 1 key(s) stand in more than one row: 21, 2.",
    ]
    assert list(rows["key"]) == ["9", "11"]
    assert "the first 2 of 1,200 rows are kept" in said(at)
    assert at.session_state["_chosen"] == ("negative", "repayment", "amount")


def test_the_link_names_the_rule_and_what_is_no_rule_is_the_first():
    at = drawn(finding="orphan:loan:tier_code")
    assert at.session_state["_chosen"] == ("orphan", "loan", "tier_code")
    assert "`loan.tier_code`" in said(at)
    assert drawn(finding="duplicate_key:instalment:").session_state["_chosen"] == ("duplicate_key", "instalment", "")
    assert drawn(finding="x:y").session_state["_chosen"] == ("negative", "repayment", "amount")


def test_a_book_without_a_broken_rule_says_so():
    at = drawn(FOUND.iloc[:0], BEHIND.iloc[:0])
    assert "None: every row keeps the contract." in said(at)
    assert not at.dataframe
    assert at.session_state["_chosen"] == ("", "", "")


def test_a_file_says_which_rule_and_where_its_rows_come_from(taken):
    rows = [pa.RecordBatch.from_pandas(BEHIND)]
    facts = partial(findings._facts, SENTENCES["negative"], FOUND.iloc[0])
    text = downloads.file("csv", "rows-orphan", view(), facts, ["table_name", "key"], lambda: rows).decode("utf-8-sig")
    assert text.replace("\r", "").splitlines() == [
        "# Rule: repayment.amount is negative in 1,200 row(s): 9; 11; 20; ….",
        "# Rows: 1,200",
        "# Book: Drawn",
        "# As of: 2026-11-20",
        "# Snapshot: s",
        "# Opens again at: http://here/system?snapshot=s",
        "table_name,key",
        "repayment,9",
        "repayment,11",
    ]
