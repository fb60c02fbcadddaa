"""Who decides how much, and who has how much in hand?"""

from datetime import timedelta

import pandas as pd

from components import cards, formats, tables
from components.charts.bars import bars
from components.language import _, ngettext
from components.review import quality_words
from components.review.quality import Quality
from components.review.quality_words import OTHERS
from components.tables import Column, Kind
from components.view import View
from rules import review_quality
from rules.metrics import METRICS

HEIGHT = 200
_KEY = "quality-load"
_FIT = 8


def draw(shown: View, quality: Quality) -> None:
    """Draw the card: decisions taken here alone, for the loan database names nobody."""
    metric = METRICS["decision_load"]
    card = cards.begin(_KEY, title=_("Who decides how much?"), definition=_(metric.definition))
    days = working_days(shown, quality)
    if not quality.chosen.ours:
        quality_words.nothing(card, _("What was decided before Loanboard names nobody, so this is not known."))
        return
    found = review_quality.load(quality.every, quality.held, days)
    if found.empty:
        quality_words.nothing(card, _("Nothing was decided in this time, and nobody has a case in hand."))
        return
    rows = _with_texts(_seen(found, quality, days), quality)
    card.answer(
        sentence(rows, quality, days),
        height=HEIGHT,
        figure=lambda: cards.chart(bars(rows.head(_FIT), height=HEIGHT), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=ngettext(
            "first and further decisions over {count} working day", "first and further decisions over {count} working "
            "days", days,
        ).format(count=formats.count(days)),
    )  # fmt: skip


def sentence(rows: pd.DataFrame, quality: Quality, days: int) -> str:
    """Who decided most, or how much one's own is."""
    total, in_hand = int(rows["decisions"].sum()), int(rows["in_hand"].sum())
    first = rows.sort_values("decisions", ascending=False).iloc[0]
    text = _("**{total}** decisions, {a_day} a working day; {in_hand} cases are in hand.").format(
        total=formats.count(total), a_day=formats.index(total / max(days, 1), 1), in_hand=formats.count(in_hand)
    )
    if not quality.sees_all or len(rows) < 2 or not total:
        return text
    return f"{text} " + _("**{who}** took {share} of them.").format(
        who=first["label"], share=formats.percent(first["decisions"] / total, 0)
    )


def working_days(shown: View, quality: Quality) -> int:
    """The working days of the period."""
    hours, first = shown.policy.review.hours, quality.chosen.first
    return sum(hours.is_working_day(first + timedelta(days=each)) for each in range(quality.chosen.days))


def _seen(found: pd.DataFrame, quality: Quality, days: int) -> pd.DataFrame:
    """The officers that whoever looks may see, by themselves; the others together."""
    if quality.sees_all:
        return found
    own = found["staff_email"] == quality.me
    others = found.loc[~own]
    if others.empty:
        return found
    counts = others[["decisions", "first", "second", "in_hand"]].sum()
    together = pd.DataFrame([{"staff_email": OTHERS, **counts, "a_day": counts["decisions"] / max(days, 1)}])
    return pd.concat([found.loc[own], together], ignore_index=True)


def _with_texts(found: pd.DataFrame, quality: Quality) -> pd.DataFrame:
    return found.assign(
        label=[quality_words.officer(each, quality.officers) for each in found["staff_email"]],
        value=found["decisions"],
        text=[
            _("{count} · {in_hand} in hand").format(
                count=formats.count(int(row.decisions)), in_hand=formats.count(int(row.in_hand))
            )
            for row in found.itertuples()
        ],
    )


def _columns() -> dict[str, Column]:
    metric = METRICS["decision_load"]
    return {
        "label": Column(_("Officer"), pinned=True),
        "decisions": Column(_("Decisions"), Kind.COUNT),
        "first": Column(_("As the first person"), Kind.COUNT),
        "second": Column(_("As a further person"), Kind.COUNT),
        "a_day": Column(_(metric.name), Kind.DECIMAL, help=_(metric.definition)),
        "in_hand": Column(_("In hand"), Kind.COUNT),
    }
