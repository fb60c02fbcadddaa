"""The risk committee's pack as a page of HTML that stands alone, for a schedule, and freezing a month there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from components.language import speaking
from components.pack import as_of, on_paper
from components.pack.document import Standing
from components.view import View
from desk import operations, review_desk
from desk.packs import PackDesk, PackError
from pages.parts import committee, committee_figures, outside
from queries import exits
from queries.read import read_all
from rules import calendar, pack
from rules.pack import Comment, Section
from rules.settings import Settings

BY = "manage.py report"  # who writes on a schedule


@dataclass(frozen=True)
class Written:
    """The page, the digest of what is frozen (empty of a draft), and what today's copy would say otherwise of it."""

    month_end: date
    page: str
    digest: str
    differing: tuple[str, ...]


def of_month(
    read: Settings, end: date | None, language: str, clock: Callable[[], datetime], freeze_as: str | None
) -> Written:
    """The pack of a month end on the newest snapshot; of the newest month end where none is given.

    freeze_as: the member of staff in whose name the month is frozen first; None: it is left as it is.
    `PackError` where there is no such month end, or it can't be frozen.
    """
    shown = outside.newest(read, language, clock)
    newest = calendar.newest_month_end(shown.book.as_of)
    asked = newest if end is None else end
    if asked > newest:
        raise PackError(f"{asked:%Y-%m} is not over in the newest copy, which ends on {shown.book.as_of}.")
    serving = operations.served()
    desk = PackDesk(serving.engine, shown.source, asked, shown.book.snapshot_id, freeze_as or "", clock())
    return written(shown, desk, freeze=freeze_as is not None)


def written(shown: View, desk: PackDesk, *, freeze: bool = False) -> Written:
    """The pack of the desk's month end on the view's snapshot."""
    if shown.book.missing_tables & {"loan", "application"} or not shown.book.loans:
        raise PackError("A pack needs the tables loan and application, with loans.")
    of = as_of.at(shown, desk.month_end, review_desk.served().policies)
    frames = read_all(committee_figures.asked(of), shown.book.snapshot_id, limit=exits.MOST_CELLS)
    if not committee_figures.tells(frames, desk.month_end) and desk.frozen() is None:
        raise PackError(f"The book tells nothing of the month end {desk.month_end}.")
    today = committee_figures.formed(of, frames, review_desk.served())
    if freeze:
        _freeze(desk, today)
    frozen, comments = desk.frozen(), desk.comments()
    with speaking(shown.language):
        found = committee.document(of.view, today, frozen, comments, Standing(BY, desk.now))
        differing = () if frozen is None else tuple(found.named(pack.differences(frozen.figures, today)))
        return Written(desk.month_end, on_paper.page(found), "" if frozen is None else frozen.digest, differing)


def _freeze(desk: PackDesk, today: str) -> None:
    seen: dict[Section, Comment] = desk.comments()
    try:
        desk.freeze(today, {section: each.version for section, each in seen.items()})
    except PermissionError as error:
        raise PackError(f"{desk.staff_email} may not freeze a month: a manager or senior risk officer may.") from error
