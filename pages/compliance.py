"""Compliance: whether every rule that binds lending and collection is kept, with each breach, and who is approved."""

from components import access, view
from components.compliance import board, choices
from pages.parts import reading
from queries import compliance
from rules.compliance import standings

PAGE = "compliance"
SHOWN_BREACHES = 250


def show() -> None:
    """The page."""
    access.require(PAGE)
    shown = view.current()
    rule, attribute = choices.rule(), choices.attribute()
    period = choices.period(shown.book.as_of)
    frames = reading.frames(PAGE, shown, compliance.asked(period, rule, attribute, SHOWN_BREACHES))
    if frames is None:
        return
    rows = standings(frames["judged"], frames["breaches"], shown.policy, shown.book.as_of)
    streams = {
        "evidence": reading.rows(PAGE, shown, compliance.evidence(period)),
        "rows": reading.rows(PAGE, shown, compliance.behind(period, rule)),
    }
    board.draw(shown, rows, period, rule, attribute, frames, streams)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
