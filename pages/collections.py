"""Collections: how far reminders and collection get, how late loans come back, what it costs, and who complains."""

from functools import partial

from components import access, view
from components.collections import board, choices
from pages.parts import reading
from queries import collections

PAGE, NAMES = "collections", "see_agents"
MEMBERS = "membership"


def show() -> None:
    """The page."""
    person = access.require(PAGE)
    shown = view.current()
    named = access.may_do(person.role, NAMES)
    measure = choices.measure()
    period = choices.period(shown.book.as_of)
    asked = collections.asked(period, named=named)
    frames = reading.frames(PAGE, shown, asked)
    if frames is None:
        return
    check = access.guard(PAGE, NAMES if named else None)
    streams = {
        "contacts": reading.rows(PAGE, shown, collections.behind(period, shown.book.as_of)),
        "agents": partial(reading.checked, collections.agents(period, named=named), shown.book.snapshot_id, check),
    }
    leads_on = access.may(person.role, MEMBERS)
    board.draw(shown, period, measure, frames, streams, named=named, leads_on=leads_on)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
