"""Risk layers and scores on Default rates."""

from components import view
from components.rates.score import board, choices, drift
from pages.parts import overall, reading
from pages.parts.reading import Frames
from queries import attention, case, layers, scores
from queries.read import Statement
from rules.loss_given_default import by_rolls

PAGE = "default_rates"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows; which models there are is read first, for the other statements are about one of them."""
    selection, book, rule = shown.selection, shown.book, shown.policy
    statements = {
        "flows": layers.flows(selection),
        "stops": layers.stops(selection),
        "lost": case.lost(),
        "models": scores.models(),
    }
    models = _models(shown)
    if not models:
        return statements
    kept, other = scores.of_applications(selection), choices.other(models)
    statements |= {
        "outcomes": scores.outcomes(selection, choices.model(models), book),
        "scores": attention.scores(book.as_of, rule.attention.shift_days, rule.bands.score, kept),
        "months": scores.by_month(selection, drift.first_month(book.as_of), book.as_of, rule.bands.score),
    }
    if other is not None:
        statements["pairs"] = scores.against(selection, choices.model(models), other, book)
    return statements


def draw(shown: view.View, frames: Frames) -> None:
    """The part."""
    board.draw(
        shown,
        frames,
        list(frames["models"]["model"]),
        overall.answer(shown, frames),
        by_rolls(frames["lost"], shown.selection.definition) or float("nan"),
        layers.untold(shown.selection),
        reading.rows(PAGE, shown, layers.applications(shown.selection)),
    )


def _models(shown: view.View) -> list[str]:
    found = reading.frames(PAGE, shown, {"models": scores.models()})
    return [] if found is None else list(found["models"]["model"])
