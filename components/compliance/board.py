"""The page on compliance: every rule, one of them looked into, approvals by group, classes."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from components import downloads
from components.compliance import approvals, breaches, classes, kept
from components.view import View
from rules.adverse_impact import Attribute
from rules.compliance import Rule, Standing
from rules.filters import DateRange


def draw(
    shown: View,
    standings: Sequence[Standing],
    period: DateRange,
    rule: Rule,
    attribute: Attribute,
    frames: Mapping[str, pd.DataFrame],
    streams: Mapping[str, downloads.Batches],
) -> None:
    """Draw the page.

    frames: of `queries.compliance.asked`; streams: evidence, all breaches of the period, and rows, those of the rule.
    """
    kept.draw(shown, standings, period, streams["evidence"])
    left, right = st.columns(2, gap="small")
    with left:
        breaches.draw_months(shown, rule, frames["months"])
    found = int(frames["breaches"].set_index("rule")["breaches"].get(rule.value, 0))
    with right:
        breaches.draw_rows(shown, rule, frames["rows"], found, period, streams["rows"])
    left, right = st.columns(2, gap="small")
    with left:
        approvals.draw(shown, attribute, frames["approvals"])
    with right:
        classes.draw(shown, frames["classes"])
