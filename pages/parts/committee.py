"""The risk committee's pack of a month end, of the overview: as it stands, or as it was frozen."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from components import access, formats, states, view
from components.language import _
from components.pack import as_of, screen
from components.pack.document import Document, Standing
from components.pack.read import Read
from components.pack.screen import Hand
from desk import operations, packs, review_desk
from desk.packs import Frozen, PackDamagedError, PackDesk, PackError
from desk.staff import Staff
from pages.parts import committee_figures, reading
from queries import system
from rules import kpi, pack
from rules.book import Evidence
from rules.pack import Comment, Section
from rules.text import N_

PAGE, ACT = "overview", "see_pack"


def draw(shown: view.View) -> None:
    """The part: a month end, its pack, and what somebody may do about it."""
    person = access.require(PAGE)
    if not access.may_do(person.role, ACT):
        states.forbidden()
        return
    if shown.book.missing_tables & {"loan", "application"} or not shown.book.loans:
        states.empty(["loan", "application"])
        return
    frozen_months = packs.frozen_months(operations.served().engine, shown.source)
    offered = sorted({*as_of.offered(shown.book.as_of, kpi.MONTHS), *frozen_months}, reverse=True)
    end = screen.month(offered)
    desk = _desk(shown, end, person)
    try:
        frozen = desk.frozen()
    except PackDamagedError as damaged:
        screen.head(offered, frozen_months, None)
        states.error(str(damaged))
        return
    of = as_of.at(shown, end, review_desk.served().policies)
    frames = reading.frames(PAGE, shown, committee_figures.asked(of))
    if frames is None:
        return
    if frozen is None and not committee_figures.tells(frames, end):
        screen.head(offered, frozen_months, None)
        _nothing(shown, end)
        return
    today = committee_figures.formed(of, frames, review_desk.served())
    comments = desk.comments()
    hand = _hand(desk, person, today, comments)
    screen.head(offered, frozen_months, hand if frozen is None else None)
    found = document(of.view, today, frozen, comments, Standing(access.signed_in_as(person), desk.now))
    differing = () if frozen is None else pack.differences(frozen.figures, today)
    screen.draw(found, differing, hand)


def _nothing(shown: view.View, end: date) -> None:
    """Why there is no pack: the book proves repayment by outcomes alone, or says nothing of this month."""
    if shown.book.evidence <= {Evidence.OUTCOMES}:
        states.needs_months()
    else:
        states.nothing(_("The book tells nothing of {month}.").format(month=formats.month(end)))


def document(
    shown: view.View, today: str, frozen: Frozen | None, comments: Mapping[Section, Comment], written: Standing
) -> Document:
    """What is drawn: what was frozen, or what would be now. written: by whom and when, while it is not frozen."""
    figures, standing = today, written
    if frozen is not None:
        figures, standing = frozen.figures, Standing(frozen.by, frozen.at, frozen.digest)
        comments = {each.section: each for each in frozen.comments}
    return Document(Read(pack.from_text(figures), shown, system.sentences()), standing, comments)


def _desk(shown: view.View, end: date, person: Staff) -> PackDesk:
    serving = operations.served()
    return PackDesk(serving.engine, shown.source, end, shown.book.snapshot_id, person.email, serving.clock())


def _hand(desk: PackDesk, person: Staff, today: str, comments: Mapping[Section, Comment]) -> Hand:
    """What a person may do, as the desk takes it."""
    seen = {section: each.version for section, each in comments.items()}
    return Hand(
        check=partial(access.require, PAGE),
        comment=partial(_comment, desk) if access.may_do(person.role, "comment_pack") else None,
        freeze=partial(_taken, partial(desk.freeze, today, seen))
        if access.may_do(person.role, "freeze_pack")
        else None,
    )


def _comment(desk: PackDesk, section: Section, text: str, after: int) -> str | None:
    return _taken(partial(desk.comment, section, text, after))


def _taken(write: Callable[[], object]) -> str | None:
    """Do it; the sentence that says why it was not taken."""
    try:
        write()
    except PackError as error:
        return str(error)
    except PermissionError:
        return N_("Your role may not do this any more.")
    return None


def offered_to(person: Staff) -> bool:
    """Whether the part is shown to somebody."""
    return access.may_do(person.role, ACT)
