"""Real books on the pages, through the whole app: what they open with, and what they say of tables they lack."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components import access
from desk import background
from desk.staff import Role
from loanbook import books, connection, snapshot, snapshots
from loanbook.importers import card_default, invitation_tree
from rules import policy, settings
from tests.test_app import forget, opened, texts
from tests.test_books import TAIWAN, TREE

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def installed(load: Callable[..., None], public: Path, data_dir: Path) -> Path:
    """An installation that serves an imported book."""
    if not public.exists():
        pytest.skip(f"the public data {public} is not here")
    load(public, books.path(data_dir, "book"), lambda _what, _share: None)
    books.serve(data_dir, "book")
    read = settings.read({"LOANBOARD_DATA_DIR": str(data_dir)})
    folder = snapshots.folder(read, books.url(read))
    engine = connection.connect(books.url(read), None)
    snapshot.build(engine, schema=None, folder=folder, policy=policy.load()[-1], as_of=None, now=NOW)
    engine.dispose()
    return data_dir


@pytest.fixture(scope="module")
def taiwan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(card_default.load, TAIWAN, tmp_path_factory.mktemp("taiwan"))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(invitation_tree.load, TREE, tmp_path_factory.mktemp("tree"))


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Makes an installation the one that is looked at, on its own machine."""
    monkeypatch.setattr(background, "refresh_when_due", lambda *_arguments, **_options: None)
    monkeypatch.setattr(access, "is_local", lambda *_: True)

    def look_at(data_dir: Path) -> None:
        monkeypatch.setenv("LOANBOARD_DATA_DIR", str(data_dir))
        forget()

    yield look_at
    forget()


def test_taiwan_opens_with_its_published_rate_by_its_own_definition_and_says_what_is_estimated(
    taiwan: Path, looked_at: Callable[[Path], None]
) -> None:
    looked_at(taiwan)
    shown = texts(opened("default_rates", Role.RISK_OFFICER, lang="en"))
    assert "**22.12 %** (21.65–22.59) of borrowers default: recorded by the lender within 12 months." in shown
    assert "30,000 borrowers" in shown
    assert "30,000 with estimated dates" in shown
    assert "**22.12%**（21.65–22.59）" in texts(opened("default_rates", Role.RISK_OFFICER, lang="zh"))


def test_a_tape_tells_what_is_outstanding_and_not_what_is_overdue(
    taiwan: Path, looked_at: Callable[[Path], None]
) -> None:
    looked_at(taiwan)
    shown = texts(opened("default_rates", Role.RISK_OFFICER, lang="en"))
    assert "| Principal | ¥5,024,529,680 | ¥5,024,529,680 |" in shown
    assert "| Outstanding | ¥1,537,381,257 | ¥1,537,381,257 |" in shown
    assert "| Overdue | not recorded | not recorded |" in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_book_without_loans_says_which_tables_the_page_needs(
    tree: Path, looked_at: Callable[[Path], None], language: str
) -> None:
    looked_at(tree)
    at = opened("default_rates", Role.RISK_OFFICER, lang=language)
    assert "`application`, `loan`" in texts(at)


@pytest.mark.parametrize(("book", "name"), [("taiwan", "Taiwan card accounts 2005"), ("tree", "Invitation tree")])
def test_the_system_page_shows_what_was_read(
    book: str, name: str, request: pytest.FixtureRequest, looked_at: Callable[[Path], None]
) -> None:
    looked_at(request.getfixturevalue(book))
    at = opened("system", Role.ADMINISTRATOR)
    assert not at.error
    assert name in texts(at)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("growth", ["n = 3,295 members in 719 trees", "the largest **204** members", "`invitation`"]),
        ("quality", ["`application`", "`loan`"]),
        ("tree", ["**3,295** members stand in 719 trees; the largest has **204**."]),
    ],
)
def test_the_invitation_tree_is_shown_and_what_it_lacks_is_named(
    tree: Path, looked_at: Callable[[Path], None], part: str, told: list[str]
) -> None:
    looked_at(tree)
    shown = texts(opened("referrals", Role.MARKETING, part=part, lang="en"))
    for text in told:
        assert text in shown
