"""What each metric means, from the registry."""

import streamlit as st

from components import cards, linked
from components.language import _
from rules.metric import Metric
from rules.metrics import METRICS

PAGE = "system"
_SHOWN, _OPEN = "glossary", "open"
OPENED = {_SHOWN: _OPEN}  # in a link: the page opens with it


def is_asked_for() -> bool:
    """Whether the link leads here."""
    return linked.value(_SHOWN, [_OPEN], "") == _OPEN


def card() -> None:
    """What each metric means, from the registry."""
    shown = cards.begin("glossary", title=_("What does each number mean?"), tabular=False)

    def figure() -> None:
        with st.expander(_("All {count} metrics").format(count=len(METRICS)), expanded=is_asked_for()):
            for metric in METRICS.values():
                st.markdown(f"**{_(metric.name)}** · {_(metric.definition)}")
                st.caption(" · ".join(_facts(metric)))

    shown.answer(_("The same words stand wherever a number is shown, and in its files."), height=None, figure=figure)


def _facts(metric: Metric) -> list[str]:
    facts = [_("counts {calendar}").format(calendar=_(metric.calendar))]
    if metric.interval:
        facts.append(_("interval: {method}").format(method=_(metric.interval)))
    if metric.noise_test:
        facts.append(_("noise: {test}").format(test=_(metric.noise_test)))
    return [*facts, metric.source]
