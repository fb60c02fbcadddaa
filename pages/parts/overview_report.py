"""The overview as a page of HTML that stands alone, for a schedule: what a role sees, on the newest figures."""

import html
from collections.abc import Callable
from datetime import datetime

from components import formats, paper, view
from components.filters.words import in_words
from components.language import _, ngettext, speaking
from components.overview import attention_words, deck, kpi_cards, kpi_paper, moved, moved_choices
from components.overview.kpi_cards import Told
from desk import operations
from desk.attention import AttentionDesk
from pages.parts import key_figures, needs_attention, outside, what_moved
from pages.parts.reading import Frames
from queries import exits
from queries.read import read_all
from rules.metrics import METRICS
from rules.settings import Settings

PAGE = "overview"


def of_newest(read: Settings, seen: frozenset[str], language: str, clock: Callable[[], datetime]) -> str:
    """The page on the newest snapshot of an installation, by its opening filters."""
    return written(outside.newest(read, language, clock), seen, clock())


def written(shown: view.View, seen: frozenset[str], now: datetime) -> str:
    """The page, in the language of the view. seen: the pages whose figures are told."""
    asked = key_figures.asked(shown, seen) | what_moved.asked(shown, seen) | needs_attention.asked(shown, seen)
    frames = read_all(asked, shown.book.snapshot_id, limit=exits.MOST_CELLS)
    told = key_figures.told(shown, frames, seen)
    with speaking(shown.language):
        cards = [card for card in deck.DECK if card.page in seen]
        return paper.page(
            shown.language,
            _("Overview"),
            [
                _head(shown, now),
                kpi_paper.figures(cards[: kpi_cards.FIRST], told),
                f"<p class='muted'>{html.escape(kpi_cards.compared(shown))}</p>",
                "<div class='two'>",
                _moved(shown, frames, seen),
                _attention(shown, frames, told, seen, now),
                "</div>",
                kpi_paper.figures(cards[kpi_cards.FIRST :], told),
                kpi_paper.definitions(_definitions(cards)),
            ],
        )


def _head(shown: view.View, now: datetime) -> str:
    book = shown.book
    said = [
        book.name,
        _("as of {day}").format(day=formats.day(book.as_of)),
        in_words(shown.selection, shown.filters, book),
        _("snapshot {snapshot}").format(snapshot=book.snapshot_id),
        _("written {moment}").format(moment=formats.moment(now)),
    ]
    title = html.escape(_("Overview"))
    return f"<h1>{title}</h1><p class='muted'>{html.escape(' · '.join(said))}</p>"


def _moved(shown: view.View, frames: Frames, seen: frozenset[str]) -> str:
    chosen = moved_choices.asked(shown, seen)
    found = None if chosen is None else moved.split(chosen, *what_moved.both(frames))
    if chosen is None or found is None:
        return "<div></div>"
    title, name = html.escape(_("What moved it?")), _(moved_choices.RATES[chosen.rate][2])
    return (
        f"<div class='card'><h2>{title} <span class='muted'>{html.escape(name)}</span></h2>"
        f"<p>{paper.text(moved.sentence(shown, chosen, found))}</p>{paper.chart(moved.figure(shown, chosen, found))}"
        f"<p class='muted'>{html.escape(' · '.join(moved.caption(chosen, found)))}</p></div>"
    )


def _attention(shown: view.View, frames: Frames, told: Told, seen: frozenset[str], now: datetime) -> str:
    serving = operations.served()
    desk = AttentionDesk(serving.engine, shown.source, shown.book.snapshot_id, shown.staff_email, now)
    loud, silent = needs_attention.told_now(shown, frames, told, seen, desk)
    lines = [attention_words.said(item, shown) for item in loud]
    rows = "".join(
        f"<p><b>{paper.text(line.title)}</b><br><span class='muted'>{paper.text(line.detail)}</span></p>"
        for line in lines
    )
    count, title = len(silent), html.escape(_("Needs attention"))
    known = ngettext("{count} acknowledged", "{count} acknowledged", count).format(count=count) if count else ""
    return f"<div class='card'><h2>{title}</h2>{rows}<p class='muted'>{known}</p></div>"


def _definitions(cards: list[deck.Card]) -> dict[str, str]:
    metrics = {card.metric: METRICS[card.metric] for card in cards}
    return {_(metric.name): _(metric.definition) for metric in metrics.values()}
