"""The app: settings, sign-in, the pages of each role, the shared filters and the frame around every page."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_hex

import streamlit as st
from sqlalchemy import Engine
from streamlit.navigation.page import StreamlitPage

from components import access, as_it_was, downloads, elsewhere, entrance, frame, language, providers, states, view
from components.filters import choice, controls, drill, words
from components.guides import popover as guide
from components.language import _
from desk import (
    audit,
    background,
    exports,
    operations,
    passes,
    policy_versions,
    refresh,
    review_desk,
    review_source,
    review_unreachable,
    runs,
    sign_in,
    staff,
    state,
)
from loanbook import books, connection
from loanbook.connection import SourceError
from loanbook.evidence import ReviewBook
from loanbook.live_book import LiveBook
from pages import collections, compliance, default_rates, membership, overview, referrals, review_queue, system
from queries import book, snapshots
from rules import policy, settings
from rules.book import Book
from rules.calendar import business_date
from rules.filters import Filters, opening, resolve
from rules.member_filters import MemberSelection, resolve_members
from rules.text import N_


@dataclass(frozen=True)
class Page:
    """One page of the navigation. `filtered`: the shared filters are offered on it; `members`: as it applies them."""

    name: str
    icon: str
    show: Callable[[], None]
    filtered: bool = True
    members: Callable[[Filters, Book, policy.Policy], MemberSelection] | None = None  # on a page about members


PAGES = {
    "overview": Page(N_("Overview"), ":material/dashboard:", overview.show),
    "membership": Page(N_("Membership"), ":material/group:", membership.show, members=membership.selection),
    "referrals": Page(N_("Referrals"), ":material/share:", referrals.show, members=referrals.selection),
    "default_rates": Page(N_("Default rates"), ":material/show_chart:", default_rates.show),
    "review_queue": Page(N_("Review queue"), ":material/inbox:", review_queue.show, filtered=False),
    "collections": Page(N_("Collections"), ":material/phone_in_talk:", collections.show, filtered=False),
    "compliance": Page(N_("Compliance"), ":material/gavel:", compliance.show, filtered=False),
    "system": Page(N_("System"), ":material/dns:", system.show, filtered=False),
}
GROUPS = {  # of the navigation: the pages of each, in their order
    N_("Business"): ("overview", "membership", "referrals"),
    N_("Risk"): ("default_rates", "review_queue", "collections", "compliance"),
    N_("Operations"): ("system",),
}
PATHS = ("/", *(f"/{name}" for name in PAGES))


@dataclass(frozen=True)
class Process:
    """What this process has read once."""

    settings: settings.Settings
    policies: tuple[policy.Policy, ...]
    engine: Engine
    secret: bytes
    providers: providers.Providers


@st.cache_resource(show_spinner=False)
def _process() -> Process:
    read = settings.read(os.environ)
    if read.database_url is not None:
        connection.label(read.database_url)  # a wrong address is told before anything is named after it
    ways_in = providers.configured()
    policies, engine = policy.load(read.policy_path), audit.open_state(read)
    policy_versions.record(engine, policies, datetime.now(UTC))
    secret = passes.key(read.data_dir)
    state.use(engine)
    operations.use(operations.Operations(read, engine, lambda: datetime.now(UTC)))
    downloads.use(exports.recording(engine, lambda: datetime.now(UTC)))
    return Process(read, policies, engine, secret, ways_in)


@st.cache_resource(show_spinner=False, max_entries=1)
def _serve(folder: Path) -> None:
    snapshots.use(folder)


@st.cache_resource(show_spinner=False, max_entries=4)
def _live_book(url: str, schema: str | None) -> ReviewBook:
    return ReviewBook(LiveBook(url, schema))


def main() -> None:
    """One run of the app. `st.navigation` is called on every path: until it is, files in pages/ are served bare."""
    frame.configure()
    language.settle()
    try:
        process = _process()
    except (settings.SettingsError, SourceError, policy.PolicyError, state.StateError) as error:
        _navigate(dict.fromkeys(PAGES, partial(frame.whole, partial(states.cannot_start, str(error)))), [])
        return
    public = books.is_public(process.settings)
    try:
        with review_unreachable.telling():
            if public and not process.providers.names:
                staff.add_demo(process.engine)
            access.open_entrance(_way_in(process, public))
            person = access.visitor()
    except review_unreachable.Unreachable:
        _navigate(dict.fromkeys(PAGES, partial(frame.whole, frame.until_back)), [])
        return
    if person is None:
        _navigate(dict.fromkeys(PAGES, _entrance(process, public)), [], partial(frame.sidebar, PATHS, None))
        return
    seen = [name for name in PAGES if access.may(person.role, name)]
    now = datetime.now(UTC)
    draw = {name: partial(_page, name, process, now) if name in seen else partial(_forbidden, name) for name in PAGES}
    _navigate(draw, seen, partial(frame.sidebar, PATHS, person))


def _way_in(process: Process, public: bool) -> access.Entrance:
    return access.Entrance(
        providers=process.providers,
        enter=lambda identity: sign_in.enter(process.engine, identity, datetime.now(UTC)),
        leave=lambda identity: sign_in.sign_out(process.engine, identity, datetime.now(UTC)),
        demo=public,
        lookup=partial(staff.lookup, process.engine),
        secret=process.secret,
    )


def _entrance(process: Process, public: bool) -> Callable[[], None]:
    """What somebody sees who is not signed in: what is missing at a first start, else the way in."""
    if process.providers.names:
        return entrance.draw
    if books.url(process.settings) is None:
        return partial(frame.whole, states.no_book)
    if not public and refresh.snapshot_served(refresh.source(process.settings).folder) is None:
        return partial(frame.whole, states.not_copied)
    return entrance.draw


def _navigate(draw: dict[str, Callable[[], None]], seen: list[str], before: Callable[[], None] | None = None) -> None:
    """Run the page that was asked for. The address "/" leads to the first page that the visitor sees."""
    pages = {
        name: st.Page(
            _named(name, draw[name]),
            title=_(page.name),
            icon=page.icon,
            url_path=name,
            visibility="visible" if name in seen else "hidden",
        )
        for name, page in PAGES.items()
    }
    home = partial(_lead_to, pages[seen[0]]) if seen else next(iter(draw.values()))
    start = st.Page(_named("start", home), title="Loanboard", default=True, visibility="hidden")
    elsewhere.offer(pages)
    groups = {_(group): [pages[name] for name in names] for group, names in GROUPS.items()}
    asked = st.navigation({"": [start], **groups}, position="sidebar" if seen else "hidden")
    if len(seen) == 1:
        st.sidebar.page_link(pages[seen[0]])  # Streamlit draws no menu of one page
    if before is not None:
        before()
    asked.run()


def _lead_to(page: StreamlitPage) -> None:
    st.switch_page(page, query_params={key: st.query_params.get_all(key) for key in st.query_params})


def _named(name: str, call: Callable[[], None]) -> Callable[[], None]:
    """A function with a name: Streamlit needs one of each page."""

    def show() -> None:
        call()

    show.__name__ = name
    return show


def _forbidden(name: str) -> None:
    frame.row(_(PAGES[name].name))
    states.forbidden()


def _page(name: str, process: Process, now: datetime) -> None:
    """One page inside its frame; where there is nothing to show yet, the state that says why."""
    title = _(PAGES[name].name)
    if books.url(process.settings) is None:
        frame.row(title)
        states.no_book()
        return
    source = refresh.source(process.settings)
    _serve(source.folder)
    _serve_review(process, source)
    due = partial(background.refresh_when_due, process.engine, source.folder.name)
    failure = partial(_failure, process.engine, source.folder.name)
    asked = as_it_was.settle(name)
    try:
        newest = book.facts(snapshots.current())
        due(newest.built_at, now, process.settings.refresh_minutes)
    except snapshots.SnapshotGone:
        due(None, now, process.settings.refresh_minutes)
        if asked is None:
            frame.row(title)
            frame.until_there(_is_there, lambda: failure() or _damage())
            return
    if asked is None:
        _draw(name, process, source.folder.name, newest, now)
        return
    try:
        earlier = book.facts(asked)
    except snapshots.OtherVersion:
        frame.row(title)
        told = _("This copy was written by another version of Loanboard and can't be shown any more.")
        as_it_was.gone(told, None)
        return
    except snapshots.SnapshotGone as gone:
        frame.row(title)
        as_it_was.gone(_(gone.sentence).format(**gone.values), snapshots.of_same_day(asked))
        return
    _draw(name, process, source.folder.name, earlier, now, pinned=True)


def _serve_review(process: Process, source: refresh.Source) -> None:
    book = _live_book(source.url, source.schema)
    review_desk.use(
        review_desk.ReviewDesk(
            process.engine, book, review_source.of(process.settings), process.policies, lambda: datetime.now(UTC),
            lambda: token_hex(16),
        )
    )  # fmt: skip


def _is_there() -> bool:
    try:
        book.facts(snapshots.current())
    except snapshots.SnapshotGone:
        return False
    return True


def _damage() -> str | None:
    """What is wrong with the file of the snapshot that is served; None where there is no such file."""
    try:
        book.facts(snapshots.current())
    except snapshots.SnapshotGone as gone:
        reason = gone.values.get("reason")
        return None if reason is None else str(reason)
    return None


def _failure(engine: Engine, source: str) -> str | None:
    """Why the last refresh failed; None where it did not."""
    run = runs.last_failure(engine, source)
    return None if run is None else run.message


def _draw(name: str, process: Process, source: str, shown: Book, now: datetime, *, pinned: bool = False) -> None:
    """The page on one snapshot: the newest, or the one that the link asks for."""
    page, rule = PAGES[name], policy.in_force(process.policies, business_date(shown.built_at if pinned else now))
    usual = opening(
        shown, period=rule.display.opening_period, definition=rule.default.definition, horizon=rule.default.horizon
    )
    filters = choice.settle(usual, shown, name)
    selection = resolve(filters, shown, rule.default.final_days_after_last_due)
    members = page.members(filters, shown, rule) if page.members else resolve_members(filters, shown, mature_days=0)
    data = frame.Data(shown, now - shown.built_at, pinned, snapshots.kept())
    said = (
        words.members_in_words(members, filters, shown) if page.members else words.in_words(selection, filters, shown)
    )
    head = frame.row(_(page.name), said if page.filtered else "", data, page.filtered)
    if head.filters is not None:
        with head.filters:
            controls.draw(filters, usual, shown, of_members=page.members is not None)
    if not pinned:
        frame.notices(shown, now, process.settings.refresh_minutes, _failure(process.engine, source))
    person = access.require(name)
    view.keep(
        view.View(
            staff_email=person.email,
            language=language.current(),
            theme=frame.theme(),
            source=source,
            book=shown,
            filters=filters,
            selection=selection,
            policy=rule,
            members=members,
            link=as_it_was.link(shown),
            page=name,
            words=said if page.filtered else "",
        )
    )
    if head.guide is not None:
        with head.guide:
            guide.draw(view.current(), name, *(partial(may, person.role) for may in (access.may, access.may_do)))
    if page.filtered:
        drill.breadcrumb(filters, shown, _("All members") if page.members else _("All loans"))
    page.show()


if __name__ == "__main__":
    main()
