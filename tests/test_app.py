"""The whole app, run in the process: every role on every page in both languages, and the states around them."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import streamlit as st
from sqlalchemy import insert, update
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from components import access
from components.language import speaking
from desk import background, runs, staff, state
from desk.staff import Role
from loanbook import books, schema, snapshots
from queries import read
from queries.book import facts
from rules import settings
from tests.queries import drawn

NOW = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
APP = Path(__file__).parent.parent / "app.py"
LOANS = [
    drawn.Loan(
        borrower=number,
        disbursed_on=date(2024, 1 + number % 12, 5),
        principal_fen=1_000_000,
        defaulted_on=date(2025, 3, 1) if number % 7 == 0 else None,
        dims={"tier": ("bronze", "silver", "gold")[number % 3], "province": ("Hunan", "Sichuan")[number % 2]},
    )
    for number in range(240)
]
FORBIDDEN = {"en": "This page is not part of your role", "zh": "您的岗位无权查看此页"}
TITLES = {"default_rates": {"en": "Default rates", "zh": "违约率"}, "system": {"en": "System", "zh": "系统"}}


@pytest.fixture
def started(monkeypatch):
    """The refreshes that the app asked for, none of which is run."""
    asked = []
    monkeypatch.setattr(background, "refresh_when_due", lambda *arguments, **_options: asked.append(arguments))
    return asked


def install(data_dir, *, public=True):
    """A book in a data folder; its settings."""
    with books.writable(books.path(data_dir, "drawn")) as engine:
        schema.book_note.create(engine)
        with engine.begin() as connection:
            note = {"name": "Drawn", "as_of": drawn.AS_OF, "public": public, "source": "tests"}
            connection.execute(insert(schema.book_note).values(note))
    books.serve(data_dir, "drawn")
    return settings.read({"LOANBOARD_DATA_DIR": str(data_dir)})


def snapshots_of(installed):
    return snapshots.folder(installed, books.url(installed))


def publish(installed):
    folder = snapshots_of(installed)
    folder.mkdir(parents=True)
    drawn.snapshot(folder, LOANS)


def forget():
    read.forget()
    facts.cache_clear()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One installation with a snapshot, for the tests that leave it as it is."""
    installed = install(tmp_path_factory.mktemp("installation"))
    publish(installed)
    forget()
    return installed


@pytest.fixture
def shared(whole, monkeypatch, started):
    """That installation, looked at on its own machine."""
    monkeypatch.setenv("LOANBOARD_DATA_DIR", str(whole.data_dir))
    monkeypatch.setattr(access, "is_local", lambda *_: True)
    return whole


@pytest.fixture
def own(tmp_path, monkeypatch, started):
    """An installation of the test's own, without a snapshot."""
    monkeypatch.setenv("LOANBOARD_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(access, "is_local", lambda *_: True)
    forget()
    yield install(tmp_path)
    forget()


def opened(page="", role=None, **parameters):
    at = AppTest.from_file(str(APP), default_timeout=300)
    for key, value in parameters.items():
        at.query_params[key] = value
    at._page_hash = calc_hash(page)  # functions as pages have no path that switch_page could take
    at.run()
    if role is not None:
        at.button(key=f"sign-in-{role.value}").click().run()
    assert not at.exception
    return at


def texts(at):
    shown = "\n".join(str(element.value) for element in [*at.title, *at.markdown, *at.caption])
    return shown.replace("\u00a0", " ").replace("\u2060", "")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", list(TITLES))
@pytest.mark.parametrize("role", list(Role))
def test_every_role_on_every_page_in_both_languages(shared, role, page, language):
    at = opened(page, role, lang=language)
    with speaking(language):
        assert access.role_name(role) in texts(at)
    assert at.title[0].value == TITLES[page][language]
    assert (FORBIDDEN[language] in texts(at)) is not access.may(role, page)


def test_signed_out_there_is_nothing_but_the_sign_in(shared):
    at = opened("default_rates", tier="bronze")
    assert [button.label for button in at.button if button.key.startswith("sign-in")] == [
        "Risk officer", "Senior risk officer", "Manager", "Marketing", "Auditor", "Administrator",
    ]  # fmt: skip
    assert at.title[0].value == "Sign in"
    assert "bronze" not in texts(at).lower()


def test_filters_of_the_link_are_there_after_signing_in(shared):
    at = opened("default_rates", Role.RISK_OFFICER, tier=["bronze", "gold"], horizon="6", nonsense="1")
    assert "Bronze, Gold" in texts(at)
    assert at.multiselect(key="filter-tier").value == ["bronze", "gold"]
    at.multiselect(key="filter-tier").set_value(["silver"]).run()
    assert at.query_params["tier"] == "silver"
    assert at.query_params["horizon"] == "6"
    at.button(key="filters-reset").click().run()
    assert "tier" not in at.query_params
    assert at.query_params["horizon"] == "12"
    assert not at.exception


def test_chosen_months_come_and_go_with_the_period(shared):
    at = opened("default_rates", Role.MANAGER, period="custom", **{"from": "2024-03", "to": "2024-01"})
    assert at.selectbox(key="filter-first_month").value == date(2024, 3, 1)
    assert "Jan–Mar 2024" in texts(at)
    at.selectbox(key="filter-period").set_value("all").run()
    assert at.query_params["period"] == "all"
    assert "from" not in at.query_params
    assert not at.exception


def test_the_way_down_is_shown_and_leads_back(shared):
    at = opened("default_rates", Role.AUDITOR, drill="tier:bronze~province:Hunan")
    assert "Province\\: Hunan" in texts(at)
    at.button(key="drill-1").click().run()
    assert at.query_params["drill"] == "tier:bronze"
    at.button(key="drill-close").click().run()
    assert "drill" not in at.query_params
    assert not at.exception


def test_a_right_taken_away_is_noticed_on_the_next_click(own):
    publish(own)
    at = opened("default_rates", Role.RISK_OFFICER)
    with state.open_engine(own.state_url).begin() as connection:
        change = update(state.staff).where(state.staff.c.email == staff.DEMO[Role.RISK_OFFICER].email)
        connection.execute(change.values(role="marketing"))
    at.run()
    assert FORBIDDEN["en"] in texts(at)
    with state.open_engine(own.state_url).begin() as connection:
        connection.execute(update(state.staff).values(active=False))
    at.run()
    assert "You are not on the staff list" in texts(at)


def test_signing_out_leaves_the_sign_in(shared):
    at = opened("system", Role.ADMINISTRATOR)
    at.button(key="sign-out").click().run()
    assert at.title[0].value == "Sign in"


def test_nobody_is_let_in_from_elsewhere_or_on_a_book_that_is_not_public(shared, monkeypatch):
    monkeypatch.setattr(access, "is_local", lambda *_: False)
    assert "Sign-in is not set up yet" in texts(opened("system"))
    monkeypatch.setattr(access, "is_local", lambda *_: True)
    monkeypatch.setattr(books, "is_public", lambda _settings: False)
    at = opened("default_rates")
    assert "Sign-in is not set up yet" in texts(at)
    at.session_state["_signed_in"] = staff.DEMO[Role.MANAGER].email  # as it stands when the book is changed meanwhile
    assert "Sign-in is not set up yet" in texts(at.run())


def test_before_the_first_snapshot_one_is_asked_for_and_waited_for(own, started):
    assert "copied for the first time" in texts(opened("default_rates", Role.MANAGER))
    assert started


def test_a_first_copy_that_failed_says_why(own):
    engine = state.open_engine(own.state_url)
    runs.fail(engine, runs.start(engine, snapshots_of(own).name, NOW), NOW, "The loan database is locked.")
    assert "The loan database is locked" in texts(opened("default_rates", Role.MANAGER))


@pytest.mark.parametrize("page", list(TITLES))
def test_a_damaged_snapshot_is_named_with_what_to_do(own, page):
    publish(own)
    folder = snapshots_of(own)
    file = snapshots.path(folder, snapshots.current(folder))
    file.write_bytes(file.read_bytes()[:20_000])
    shown = texts(opened(page, Role.MANAGER))
    assert "is no snapshot or is damaged; run: python manage.py refresh" in shown
    assert file.name in shown
    assert "copied for the first time" not in shown


def test_old_data_and_a_failed_refresh_are_told_on_every_page(own):
    publish(own)
    assert "is being refreshed" in texts(opened("system", Role.MANAGER))  # the drawn snapshot is of July
    engine = state.open_engine(own.state_url)
    runs.fail(engine, runs.start(engine, snapshots_of(own).name, NOW), NOW, "The disk is full.")
    for page in TITLES:
        assert "The disk is full" in texts(opened(page, Role.MANAGER))


def test_without_a_book_the_page_says_how_to_get_one(own):
    (own.data_dir / "books" / "current").unlink()
    assert "There is no loan book yet" in texts(opened("system"))


def test_before_the_first_copy_of_a_private_loan_database_the_page_says_how_to_make_it(own, monkeypatch, tmp_path):
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", f"sqlite:///{tmp_path / 'private.sqlite'}")
    assert "Run `python manage.py refresh`" in texts(opened("system"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LOANBOARD_REFRESH_MINUTES", "soon", "LOANBOARD_REFRESH_MINUTES"),
        ("LOANBOARD_AS_OF", "yesterday", "LOANBOARD_AS_OF"),
        ("LOANBOARD_STATE_URL", "nonsense", "LOANBOARD_STATE_URL"),
        ("LOANBOARD_DATABASE_URL", "nonsense", "LOANBOARD_DATABASE_URL"),
        ("LOANBOARD_POLICY", "/nowhere/policy.toml", "/nowhere/policy.toml"),
    ],
)
def test_a_wrong_setting_is_a_sentence_that_fills_the_page(own, monkeypatch, name, value, told):
    monkeypatch.setenv(name, value)
    at = opened("default_rates")
    assert "Loanboard can't start" in texts(at)
    assert any(told in element.value for element in at.html)


def earlier(installed, loans=LOANS[:120], taken=7):
    """A second, newer snapshot of an installation: the id of the one before it, and its own."""
    folder = snapshots_of(installed)
    before = snapshots.current(folder)
    return before, drawn.snapshot(folder, loans, taken)


def test_a_link_with_an_id_opens_the_page_as_it_was_until_the_newest_is_asked_for(own):
    publish(own)
    before, newest = earlier(own)
    at = opened("default_rates", Role.MANAGER, snapshot=before, period="all")
    assert at.session_state["_view"].book.snapshot_id == before
    assert ":orange[As it was on 1 Jul 2026, 09\\:00]" in popovers(at)
    assert "is being refreshed" not in texts(at)  # the figures are meant to be old
    at.button(key="show-newest").click().run()
    assert at.session_state["_view"].book.snapshot_id == newest
    assert "snapshot" not in at.query_params
    assert not at.exception


def popovers(at):
    return [block.proto.popover.label for block in at.get("popover")]


def test_the_id_is_kept_over_a_switch_of_pages(own):
    publish(own)
    before, newest = earlier(own)
    at = opened("system", Role.MANAGER, snapshot=before)
    at._page_hash = calc_hash("default_rates")  # as the menu does it: without parameters
    del at.query_params["snapshot"]
    at.run()
    assert at.session_state["_view"].book.snapshot_id == before
    assert at.query_params["snapshot"] == before
    del at.query_params["snapshot"]  # going back to where it was not asked for yet
    at.run()
    assert at.session_state["_view"].book.snapshot_id == newest


def test_an_earlier_one_is_chosen_and_left_in_the_frame(own):
    publish(own)
    before, newest = earlier(own)
    at = opened("system", Role.MANAGER)
    choice = at.selectbox(key="snapshot-chosen")
    assert choice.options == ["The newest", "1 Jul 2026, 09:00", "1 Jul 2026, 09:00"]
    choice.set_value(before).run()
    assert at.query_params["snapshot"] == before
    assert before in texts(at)
    at.selectbox(key="snapshot-chosen").set_value("").run()
    assert "snapshot" not in at.query_params
    assert at.session_state["_view"].book.snapshot_id == newest


def test_a_link_to_this_state_opens_on_it_after_a_refresh(own):
    publish(own)
    at = opened("default_rates", Role.RISK_OFFICER, horizon="6")
    shown = at.session_state["_view"].book.snapshot_id
    at.button(key="snapshot-link").click().run()
    assert at.query_params["snapshot"] == shown
    (link,) = [code.value for code in at.code if "snapshot=" in code.value]
    assert "horizon=6" in link
    assert f"snapshot={shown}" in link
    earlier(own)
    at.run()
    assert at.session_state["_view"].book.snapshot_id == shown
    assert at.session_state["_view"].link == link


@pytest.mark.parametrize("asked", ["20200101T000000Z-0000", "../../state", "x" * 200, "%00"])
@pytest.mark.parametrize("page", list(TITLES))
def test_what_is_no_longer_kept_is_told_with_the_way_to_the_newest(shared, page, asked):
    at = opened(page, Role.MANAGER, snapshot=asked)
    assert "no longer kept" in texts(at)
    assert at.title[0].value == TITLES[page]["en"]
    at.button(key="snapshot-newest").click().run()
    assert "no longer kept" not in texts(at)
    assert "snapshot" not in at.query_params
    assert not at.exception


def test_in_place_of_one_that_is_gone_the_one_kept_of_its_day_is_offered(own):
    publish(own)
    before, newest = earlier(own)
    snapshots.path(snapshots_of(own), before).unlink()
    at = opened("default_rates", Role.MANAGER, snapshot=before)
    assert at.button(key="snapshot-same-day").label == "Show those of the same day, 1 Jul 2026, 09:00"
    at.button(key="snapshot-same-day").click().run()
    assert at.query_params["snapshot"] == newest
    assert at.session_state["_view"].book.snapshot_id == newest
    assert not at.exception


def test_one_of_another_version_is_told_with_the_way_to_the_newest(own):
    publish(own)
    before, _newest = earlier(own)
    with duckdb.connect(str(snapshots.path(snapshots_of(own), before))) as connection:
        connection.execute("UPDATE snapshot_note SET format = 1")
    at = opened("default_rates", Role.MANAGER, snapshot=before)
    assert "another version of Loanboard" in texts(at)
    assert str(own.data_dir) not in texts(at)
    at.button(key="snapshot-newest").click().run()
    assert not at.exception


def test_roles_hold_for_earlier_figures_too(own):
    publish(own)
    before, _newest = earlier(own)
    at = opened("default_rates", Role.MARKETING, snapshot=before)
    assert FORBIDDEN["en"] in texts(at)
    assert "snapshot-chosen" not in [box.key for box in at.selectbox]
