"""The risk committee's pack through the product's own chain: as of its month end, on the screen, on paper, frozen."""

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import manage
from components import access, view
from components.language import speaking
from components.pack import as_of, on_paper
from components.pack.document import Standing
from desk import operations, packs, printing, review_desk, staff
from desk.packs import PackDesk, PackError
from desk.staff import DEMO, Role
from loanbook import connection, snapshot
from pages.parts import committee, committee_figures, committee_report
from queries import book as books
from queries import default_rates, read, snapshots
from queries.read import read_all
from rules import delinquency, pack
from rules.delinquency import Late
from rules.filters import Filters, resolve
from rules.limits import KINDS
from rules.member_filters import resolve_members
from rules.pack import SECTION_NAMES, Section
from tests.demo_snapshot import AS_OF, MONTH_END, NOW, POLICY, demo_snapshot
from tests.desk import states
from tests.shown_page import said

MEMBERS = 4_000
OF_THE_COPY = ["balance", "exposure", "tree_size"]  # rules that are judged as things stand


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The demo book as of a day in November; the pack is of October."""
    made = demo_snapshot(tmp_path_factory, MEMBERS, AS_OF)
    snapshots.use(made.path.parent)
    yield made
    read.forget()
    books.facts.cache_clear()


@pytest.fixture
def serving(built, tmp_path):
    snapshots.use(built.path.parent)
    engine = states.opened(f"sqlite:///{tmp_path / 'state.sqlite'}", tmp_path)
    staff.add_demo(engine)
    operations.use(operations.Operations(None, engine, lambda: NOW))
    review_desk.use(review_desk.ReviewDesk(engine, None, "demo", (POLICY,), lambda: NOW, lambda: "key"))
    yield engine
    engine.dispose()


def viewed(snapshot_id, language="en", role=Role.MANAGER, page=""):
    book = books.facts(snapshot_id)
    return view.View(
        staff_email=DEMO[role].email, language=language, theme="light", source="demo", book=book, filters=Filters(),
        selection=resolve(Filters(), book, POLICY.default.final_days_after_last_due), policy=POLICY,
        members=resolve_members(Filters(), book, 0), page=page, link="http://127.0.0.1:8501/overview?snapshot=demo",
    )  # fmt: skip


def formed(snapshot_id, end=MONTH_END):
    of = as_of.at(viewed(snapshot_id), end, (POLICY,))
    frames = read_all(committee_figures.asked(of), snapshot_id, limit=1_000_000)
    return pack.from_text(committee_figures.formed(of, frames, review_desk.served()))


def desk(engine, role=Role.MANAGER, end=MONTH_END, snapshot_id="s"):
    return PackDesk(engine, "demo", end, snapshot_id, DEMO[role].email, NOW)


def test_a_month_end_is_told_alike_on_a_later_copy_and_on_that_of_the_day_itself(built, serving, tmp_path):
    later = formed(built.snapshot_id)
    source = connection.connect(f"sqlite:///{built.path.parent.parent / 'book.sqlite'}", None)
    try:
        made = snapshot.build(source, schema=None, folder=tmp_path, policy=POLICY, as_of=MONTH_END, now=NOW)
    finally:
        source.dispose()
    snapshots.use(tmp_path)
    try:
        of_the_day = formed(made.snapshot_id)
    finally:
        snapshots.use(built.path.parent)
    differing = pack.differences(pack.to_text(of_the_day), pack.to_text(later))
    assert set(differing) <= {"breaches", "invariants"}  # of rules without a history, and rows: told of the copy itself
    mine, own = (each.tables["breaches"].set_index("rule")["breaches"].drop(OF_THE_COPY, errors="ignore")
                 for each in (later, of_the_day))  # fmt: skip
    assert mine.to_dict() == own.to_dict()


def test_figures_are_those_of_the_pages_at_that_month_end(built, serving):
    found = formed(built.snapshot_id)
    figures = {each.code: each.value for each in found.figures}
    of = as_of.at(viewed(built.snapshot_id), MONTH_END, (POLICY,))
    frames = read_all(committee_figures.asked(of), built.snapshot_id, limit=1_000_000)
    for late, codes in ((Late.DPD30, ("late_30", "lagged_30")), (Late.DPD90, ("late_90", "lagged_90"))):
        row = delinquency.ratios(frames["transitions"], late).set_index("month_end").loc[MONTH_END.isoformat()]
        for code, column in zip(codes, ("current_ratio", "lagged_ratio"), strict=True):
            assert figures[code] == pytest.approx(float(row[column]), rel=1e-11)
    overall = read_all(
        {"overall": default_rates.overall(of.view.selection, of.view.book)}, built.snapshot_id, limit=10
    )["overall"].iloc[0]
    assert figures["default_rate"] == pytest.approx(overall["defaulted"] / overall["borrowers"], rel=1e-11)
    assert of.view.selection.disbursed.last == date(2025, 10, 31)  # mature by the month end, not by the copy's day


def test_splits_sum_to_the_change_and_balances_to_the_closing_one(built, serving):
    found = formed(built.snapshot_id)
    figures = {each.code: each for each in found.figures}
    late = found.tables["moved_late"]
    gap = late["mix_effect"].sum() + late["rate_effect"].sum()
    assert gap == pytest.approx(figures["late_30"].change.amount, abs=1e-10)
    balances = found.tables["balances"]
    assert balances["closing_fen"].sum() == round(figures["outstanding"].value)
    default = found.tables["moved_default"]
    assert len(default) > 1
    assert default["after_k"].sum() / default["after_n"].sum() == pytest.approx(figures["default_rate"].value)


def test_every_limit_of_the_policy_is_told_on_the_demo_book(built, serving):
    limits = formed(built.snapshot_id).tables["limits"]
    assert set(limits["code"]) == set(KINDS)
    assert not set(limits["light"]) - {"red", "amber", "green"} or set(
        limits.loc[limits["light"] == "untold", "code"]
    ) <= {"decided_late"}
    assert limits.loc[limits["code"] == "largest_province", "who"].iloc[0] in books.facts(built.snapshot_id).values_of(
        "province"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_printed_pack_has_all_of_it(built, serving, language):
    desk(serving).comment(Section.LIMITS, "Late <30+> is **red**.\nHenan.", 0)
    found = committee_report.written(viewed(built.snapshot_id, language), desk(serving))
    page = found.page
    with speaking(language):
        of = committee.document(
            viewed(built.snapshot_id, language), pack.to_text(formed(built.snapshot_id)), None, {}, Standing("a", NOW)
        )
        titles = [block.title for block in of.blocks()]
        for section in Section:
            assert committee_titles(section) in page
    for title in titles:
        assert html.escape(title) in page
    assert html.escape("Late <30+> is **red**.\nHenan.") in page  # as it was typed, not as markup
    assert built.snapshot_id in page
    assert "#0000" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert page.count("<script>") == 1 or page.count("plotly.js v") <= 1  # what draws is in it once
    assert found.digest == ""
    assert found.differing == ()


def committee_titles(section):
    from components.language import _

    return html.escape(_(SECTION_NAMES[section]))


def test_a_frozen_month_stays_as_it_was_when_the_book_says_otherwise(built, serving):
    shown = viewed(built.snapshot_id)
    desk(serving).comment(Section.FIGURES, "Agreed.", 0)
    today = formed(built.snapshot_id)
    other = replace(today, figures=(replace(today.figures[0], value=1.0), *today.figures[1:]))
    digest = desk(serving).freeze(pack.to_text(other), {Section.FIGURES: 1})
    first = committee_report.written(shown, desk(serving))
    assert first.digest == digest
    assert first.differing == ("Disbursed",)
    assert digest in first.page
    later = replace(desk(serving), now=NOW.replace(year=2027))
    plotted = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")  # ids that Plotly draws by chance
    again = committee_report.written(shown, later)
    assert plotted.sub("", again.page) == plotted.sub("", first.page)


def test_a_month_that_is_not_over_or_that_the_book_does_not_tell_is_refused(built, serving):
    with pytest.raises(PackError, match="tells nothing"):
        committee_report.written(viewed(built.snapshot_id), desk(serving, end=date(2000, 1, 31)))
    with pytest.raises(PackError, match="may not freeze"):
        committee_report.written(viewed(built.snapshot_id), desk(serving, Role.AUDITOR), freeze=True)
    assert packs.frozen_months(serving, "demo") == frozenset()


def _page():
    from pages import overview

    overview.show()


@pytest.fixture
def run(built, serving, monkeypatch):
    from streamlit.testing.v1 import AppTest

    def opened(role=Role.MANAGER, language="en", **parameters):
        person = DEMO[role]
        monkeypatch.setattr(access, "require", lambda page: person)
        monkeypatch.setattr(access, "guard", lambda *_, **__: lambda: None)
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"] = language
        at.query_params["part"] = "committee"
        for key, value in parameters.items():
            at.query_params[key] = value
        at.session_state[view._KEY] = viewed(built.snapshot_id, language, role, page="overview")
        at.run()
        assert not at.exception, at.exception
        return at

    return opened


@pytest.mark.parametrize("role", list(Role))
def test_the_pack_is_shown_to_its_roles_alone(run, role):
    if role is Role.ADMINISTRATOR:
        return  # does not see the page at all: tests/test_roles.py
    at = run(role)
    there = "Risk committee, Oct 2026" in said(at)
    assert there is (role in access.ACTS["see_pack"])
    typed = [each for each in at.text_area if each.key.startswith("pack-comment-")]
    assert len(typed) == (len(Section) if there and role in access.ACTS["comment_pack"] else 0)
    assert bool([each for each in at.button if each.key == "pack-freeze-now"]) is (
        there and role in access.ACTS["freeze_pack"]
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_what_the_paper_says(run, built, serving, language):
    at = run(language=language)
    told = said(at)
    with speaking(language):
        found = committee.document(
            as_of.at(viewed(built.snapshot_id, language), MONTH_END, (POLICY,)).view,
            pack.to_text(formed(built.snapshot_id)), None, {}, Standing("", NOW),
        )  # fmt: skip
        paper = on_paper.page(found)
        for block in found.blocks():
            assert block.sentence.replace("\u00a0", " ") in told.replace("\u2060", "")
            assert html.escape(block.title) in paper
        assert len(at.get("plotly_chart")) == sum(block.figure is not None for block in found.blocks())


def test_another_month_is_a_link_and_a_hostile_one_is_the_newest(run):
    assert "Risk committee, Aug 2026" in said(run(month="2026-08"))
    for asked in ("2026-13", "1900-01", "' or 1=1", "2026-11"):
        assert "Risk committee, Oct 2026" in said(run(month=asked))


def test_a_comment_is_written_shown_with_its_author_and_frozen_with_the_month(run, serving):
    at = run()
    at.text_area(key="pack-comment-text-limits-0").input("Late 30+ is red.")
    next(each for each in at.button if each.key.endswith("pack-comment-form-limits-0-Keep")).click()
    at.run()
    assert desk(serving).comments()[Section.LIMITS].text == "Late 30+ is red."
    at = run()
    assert "Late 30+ is red" in said(at).replace("\\", "")
    assert "Manager, 21 Nov 2026, 10:00, version 1" in said(at)
    at.button(key="pack-freeze-now").click().run()
    frozen = desk(serving).frozen()
    assert frozen is not None
    assert [each.text for each in frozen.comments] == ["Late 30+ is red."]
    at = run()
    assert "**Frozen**" in said(at)
    assert frozen.digest in said(at)
    assert not at.text_area
    assert not [each for each in at.button if each.key == "pack-freeze-now"]


def test_a_table_is_handed_over_as_excel_with_where_it_comes_from(run):
    at = run(tables="pack-balances")
    offered = [each for each in at.get("download_button") if "pack-balances-rows" in str(each.proto.id)]
    assert len(offered) == 1
    assert len(at.dataframe) == 1


@pytest.fixture
def home(built, tmp_path, monkeypatch):
    """A data folder whose served book is the demo's, for the command line; what it would print is kept."""
    folder = tmp_path / "data"
    made = CliRunner().invoke(manage.cli, ["demo", "--members", "400"], env=_environment(folder))
    assert made.exit_code == 0, made.output
    printed = []
    monkeypatch.setattr(manage.shutil, "which", lambda _name: "/usr/bin/chromium")
    monkeypatch.setattr(printing, "write_pdf", lambda page, target, chromium: printed.append((page, target, chromium)))
    return folder, printed


def _environment(folder: Path) -> dict[str, str]:
    return {"LOANBOARD_DATA_DIR": str(folder), "LOANBOARD_AS_OF": "2026-11-20"}


def test_the_command_line_writes_freezes_and_says_what_it_did(home, monkeypatch):
    folder, printed = home

    def run_report(*options):
        return CliRunner().invoke(manage.cli, ["report", *options], env=_environment(folder))

    with_draft = run_report("committee", "--month", "2026-09", "--output", "pack.pdf")
    assert with_draft.exit_code == 0, with_draft.output
    assert "Written: pack.pdf (draft)" in with_draft.output
    assert "Risk committee, Sept" in printed[-1][0] or "Risk committee, Sep" in printed[-1][0]
    refused = run_report("committee", "--month", "2026-09", "--freeze-as", "auditor@demo.invalid")
    assert refused.exit_code == 1
    assert "may not freeze a month" in refused.output
    state = operations.served().engine
    staff.add_demo(state)
    frozen = run_report("committee", "--month", "2026-09", "--freeze-as", DEMO[Role.MANAGER].email)
    assert frozen.exit_code == 0, frozen.output
    assert "frozen, SHA-256" in frozen.output
    again = run_report("committee", "--month", "2026-09", "--freeze-as", DEMO[Role.MANAGER].email)
    assert (again.exit_code, "frozen" in again.output) == (1, True)
    once_more = run_report("committee", "--month", "2026-09")
    assert once_more.exit_code == 0
    assert str(printed[-1][1]) == "committee-2026-09.pdf"
    early = run_report("committee", "--month", "2027-01")
    assert (early.exit_code, "is not over" in early.output) == (1, True)
    assert run_report("committee", "--month", "soon").exit_code == 2
    written = len(printed)
    monkeypatch.setattr(manage.shutil, "which", lambda _name: None)
    without = run_report("committee")
    assert without.exit_code == 1
    assert "There is no Chromium on this machine" in without.output
    assert len(printed) == written


def test_without_a_copy_there_is_a_sentence(tmp_path):
    found = CliRunner().invoke(manage.cli, ["report", "committee"], env=_environment(tmp_path))
    assert found.exit_code == 1
    assert "Traceback" not in found.output


def test_a_file_is_replaced_whole_or_left_as_it_was(tmp_path):
    target = tmp_path / "pack.pdf"
    target.write_text("the pack of last month")
    chromium = tmp_path / "chromium"
    chromium.write_text('#!/bin/sh\nfor each in "$@"; do case $each in --print-to-pdf=*) out=${each#*=};; esac; done\n'
                        'printf half > "$out"; exit $CODE\n')  # fmt: skip
    chromium.chmod(0o755)
    for code, kept in (("1", "the pack of last month"), ("0", "half")):
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("CODE", code)
            if code == "1":
                with pytest.raises(printing.PrintError, match="could not print"):
                    printing.write_pdf("<p>", target, str(chromium))
            else:
                printing.write_pdf("<p>", target, str(chromium))
        assert target.read_text() == kept
        assert [each.name for each in tmp_path.iterdir() if each.suffix != ""] == ["pack.pdf"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CODE", "0")
        with pytest.raises(printing.PrintError, match="can't be written"):
            printing.write_pdf("<p>", tmp_path / "nowhere" / "pack.pdf", str(chromium))
