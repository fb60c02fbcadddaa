"""What a page or a card shows when it can't show its figures: each state is a sentence that says what to do."""

import html
from collections.abc import Sequence

import streamlit as st

from components.language import _, ngettext


def empty(tables: Sequence[str]) -> None:
    """The book lacks tables that are needed here."""
    names = ", ".join(f"`{name}`" for name in tables)
    _card(
        ":material/table_view:",
        ngettext("This needs the table {names}", "This needs the tables {names}", len(tables)).format(names=names),
        _("The loan database does not have it. Provide a table or a view of that name as the contract describes it, "
          "then refresh; the System page lists what is missing."),
    )  # fmt: skip


def needs_months() -> None:
    """The book proves repayment by outcomes alone, which says nothing of single months."""
    _card(
        ":material/table_view:",
        _("This needs month ends"),
        _("Roll rates, losses, lateness, first payments and cures are told by single months, but this book proves "
          "repayment by outcomes alone. Provide the tables `instalment` and `repayment`, or a month-end tape as "
          "`month_state`, then refresh."),
    )  # fmt: skip


def nothing(sentence: str | None = None) -> None:
    """The filters leave nothing to show; a sentence says what there is none of, where that is not loans."""
    _card(
        ":material/filter_alt_off:",
        _("No loans match these filters") if sentence is None else _("There is nothing to show here"),
        sentence or _("Choose a longer period or fewer filters."),
    )


def unrecorded(source: str) -> None:
    """The book has no value in a column that is needed here."""
    _card(
        ":material/table_view:",
        _("This book does not record it"),
        _("Nothing stands in `{source}`. Group by another dimension.").format(source=source),
    )


def incomparable() -> None:
    """There are no two groups to hold against each other."""
    _card(
        ":material/compare_arrows:",
        _("There are no two groups to compare"),
        _("Group by another dimension, or widen the filters."),
    )


def immature(sentence: str) -> None:
    """There are loans, but none has been observed for long enough."""
    _card(":material/hourglass_top:", _("Still maturing"), sentence)


def error(sentence: str) -> None:
    """Something could not be read or done."""
    _card(":material/error:", _("This could not be shown"), sentence)


def loading(sentence: str, share: float | None = None) -> None:
    """Something takes longer than a second: what it is and, where known, how far it is (0-1)."""
    with _framed("state-loading"):
        if share is None:
            st.markdown(f":material/progress_activity: {sentence}")
        else:
            st.progress(min(1.0, max(0.0, share)), sentence)


def stale(sentence: str) -> None:
    """The figures are older than they should be; they are shown all the same."""
    with st.container(key="stale", horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f":orange[:material/warning:] {sentence}")


def forbidden() -> None:
    """Somebody asked for a page that their role does not see."""
    _card(
        ":material/lock:",
        _("This page is not part of your role"),
        _("If you need it for your work, ask your administrator to change your role. "
          "What you may open is in the menu."),
    )  # fmt: skip


def sign_in_missing() -> None:
    """Nobody can sign in here yet."""
    _card(
        ":material/key_off:",
        _("Sign-in is not set up yet"),
        _("Demo staff are offered only for a public book that is looked at on the machine that serves it. "
          "Ask whoever runs Loanboard for you to set up the sign-in of your company."),
    )  # fmt: skip


def no_book() -> None:
    """There is nothing to show yet: no loan database, and no book of our own."""
    _card(
        ":material/menu_book:",
        _("There is no loan book yet"),
        _("Build the demo book with `python manage.py demo`, import a file with `python manage.py import`, "
          "or set LOANBOARD_DATABASE_URL to the loan database."),
    )  # fmt: skip


def not_copied() -> None:
    """A loan database is named whose first copy is not there, and nobody can sign in to see why."""
    _card(
        ":material/database_off:",
        _("The loan database has not been copied yet"),
        _("Run `python manage.py refresh` on the machine that serves Loanboard: it makes the copy, or says what is in "
          "the way."),
    )  # fmt: skip


def no_snapshot(failure: str | None) -> None:
    """The first copy of the loan database is not there yet: it is being built, or could not be."""
    if failure is not None:
        error(failure)
    else:
        loading(_("The loan database is being copied for the first time. This page opens by itself when that is done."))


def out_of_reach() -> None:
    """Loanboard's own database is away, so that nobody can be let in."""
    _card(
        ":material/cloud_off:",
        _("Loanboard's own database can't be reached just now"),
        _("What was recorded is safe. This page opens by itself as soon as the database answers; if that takes longer "
          "than a few minutes, tell whoever runs Loanboard for you."),
    )  # fmt: skip


def unexpected() -> None:
    """A fault of Loanboard itself, which is in the log."""
    _card(
        ":material/bug_report:",
        _("Something went wrong here"),
        _("It is a fault of Loanboard, not of what you did, and it has been recorded. "
          "Reload the page; if it comes back, tell whoever runs Loanboard for you what you clicked."),
    )  # fmt: skip


def cannot_start(sentence: str) -> None:
    """A setting or the policy file is wrong: what, and what to write instead."""
    with _framed("state-start"):
        title = _("Loanboard can't start")
        st.markdown(f"## :red[:material/error:] {title}")
        st.html(f"<pre class='sentence'>{html.escape(sentence)}</pre>")
        st.caption(_("Correct it, then reload this page; a setting takes effect when Loanboard is started again."))


def told(icon: str, title: str, sentence: str) -> None:
    """What a card of a state says, for a place that has a frame of its own."""
    st.markdown(f"## {icon} {title}")
    st.markdown(sentence)


def _card(icon: str, title: str, sentence: str) -> None:
    with _framed(None):
        told(icon, title, sentence)


def _framed(key: str | None) -> "st.delta_generator.DeltaGenerator":
    return st.container(border=True, key=key)
