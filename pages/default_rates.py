"""Default rates: where the book defaults, how that comes about over time, whether score, price and reserve hold."""

from components import access, parts, states, view
from components.rates import headline, part
from components.view import View
from pages.parts import by_segment, over_time, overall, price_against_risk, reading, reserve, score_and_layers
from pages.parts.reading import Drawn

PAGE = "default_rates"


def show() -> None:
    """The page: the answer, then the part that is chosen; only what is shown is read."""
    access.require(PAGE)
    shown = view.current()
    missing = sorted(shown.book.missing_tables & {"loan", "application"})
    if missing or not shown.book.loans:
        states.empty(missing or ["loan"])
        return
    chosen = parts.chosen(part.PARTS)
    drawn = _drawn(chosen)
    frames = reading.frames(PAGE, shown, overall.asked(shown) | drawn.asked(shown))
    if frames is None:
        return
    headline.draw(overall.answer(shown, frames), shown.selection, shown.book)
    parts.switch(part.PARTS, _note(chosen, shown))
    drawn.draw(shown, frames)


def _drawn(chosen: str) -> Drawn:
    """The part of its name."""
    drawn: dict[str, Drawn] = {
        part.SEGMENTS: by_segment,
        part.TIME: over_time,
        part.SCORE: score_and_layers,
        part.PRICE: price_against_risk,
        part.RESERVE: reserve,
    }
    return drawn[chosen]


def _note(chosen: str, shown: View) -> str:
    """What is to be known of a part, beside the switch."""
    if chosen == part.TIME:
        return part.every_month(shown.book)
    return part.whole_book() if chosen == part.RESERVE else ""


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
