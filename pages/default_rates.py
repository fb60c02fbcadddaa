"""Default rates: where the book defaults, how that comes about over time, and the loans behind each number."""

from components import access, parts, states, view
from components.rates import headline, part
from pages.parts import by_segment, over_time, overall, reading

PAGE = "default_rates"


def show() -> None:
    """The page: the answer, then by segment with the loans behind it, or over time; only what is shown is read."""
    access.require(PAGE)
    shown = view.current()
    missing = sorted(shown.book.missing_tables & {"loan", "application"})
    if missing or not shown.book.loans:
        states.empty(missing or ["loan"])
        return
    is_over_time = parts.chosen(part.PARTS) == part.TIME
    drawn = over_time if is_over_time else by_segment
    frames = reading.frames(PAGE, shown, overall.asked(shown) | drawn.asked(shown))
    if frames is None:
        return
    headline.draw(overall.answer(shown, frames), shown.selection, shown.book)
    parts.switch(part.PARTS, part.every_month(shown.book) if is_over_time else "")
    drawn.draw(shown, frames)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
