"""What became of similar applications? Read when it is asked for; only granted ones have an outcome."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from components import cards, formats, states, tables
from components.language import _, ngettext
from components.review.seen import Seen
from components.tables import Column, Kind
from rules.case_similar import FEATURES, Asked, Became, asked, became
from rules.text import N_

HEIGHT = 336
_KEY, _OPEN = "case-similar", "_similar-open"
_FEATURES = {
    "amount": N_("amount"), "term": N_("term"), "income": N_("income"), "debt": N_("debt elsewhere to income"),
    "score": N_("score"),
}  # fmt: skip
_BECAME = {
    Became.REPAID: N_("repaid"), Became.RUNNING: N_("running on time"), Became.LATE: N_("late"),
    Became.DEFAULTED: N_("defaulted"), Became.WRITTEN_OFF: N_("written off"),
}  # fmt: skip

Read = Callable[[Asked], pd.DataFrame | None]


def features(seen: Seen) -> Asked | None:
    """What the application is compared by; None where it states no term."""
    facts = seen.facts
    if facts.price is None:
        return None
    return asked(
        amount_fen=facts.amount_fen, term_months=facts.price.terms.term_months, income_fen=facts.income_fen,
        declared_fen=facts.application["existing_debt"], score=None if facts.score is None else facts.score.points,
    )  # fmt: skip


def draw(seen: Seen, read: Read) -> None:
    """Draw the card. read: asks the snapshot, only once the card was opened."""
    like, key = features(seen), seen.opened.key
    card = cards.begin(_KEY, title=_("What became of similar applications?"), tabular=False)
    is_open = st.session_state.get(_OPEN) == key and like is not None
    with card.actions:
        st.button(
            _("Close") if is_open else _("Look for them"), key="similar", type="tertiary",
            icon=":material/close:" if is_open else ":material/search:", on_click=_toggle, args=(key,),
            disabled=like is None,
        )  # fmt: skip
    with card.frame:
        if like is None:
            st.markdown(_("The application states no rate or no term, so nothing can be compared."))
        elif not is_open:
            st.caption(
                _("The granted applications of the product that are nearest to this one, and what came of them.")
            )
        else:
            _found(read(like), like)


def _found(loans: pd.DataFrame | None, like: Asked) -> None:
    if loans is None:
        return
    if loans.empty:
        states.nothing(_("No granted application of this product has all of these features."))
        return
    fates = became(loans)
    st.markdown(_sentence(fates))
    named = loans.assign(became=[_(_BECAME[fate]) for fate in fates])
    tables.show(named, _columns(), key=f"{_KEY}-rows", height=HEIGHT)
    st.caption(" · ".join(_caption(loans, like)))


def _sentence(fates: list[Became]) -> str:
    counted = ", ".join(
        f"{fates.count(fate)} {_(_BECAME[fate])}" for fate in Became if fate in fates
    )  # fmt: skip
    told = ngettext("Of the **{count}** nearest: {said}.", "Of the **{count}** nearest: {said}.", len(fates)).format(
        count=len(fates), said=counted
    )
    only = _(
        "Only granted applications have an outcome: what would have become of those that were declined nobody knows, "
        "so this says too little of how risky such applications are."
    )
    return f"{told} {only}"


def _columns() -> dict[str, Column]:
    return {
        "loan_id": Column(_("Loan"), pinned=True),
        "became": Column(_("Became")),
        "distance": Column(_("Distance"), Kind.DECIMAL, help=_("0 = alike in every feature; 1 = a standard deviation")),
        "applied_fen": Column(_("Asked"), Kind.FEN),
        "principal_fen": Column(_("Lent"), Kind.FEN),
        "term_months": Column(_("Months"), Kind.COUNT),
        "score": Column(_("Score"), Kind.COUNT),
        "income_fen": Column(_("Income"), Kind.FEN),
        "declared_fen": Column(_("Debt elsewhere"), Kind.FEN),
        "disbursed_on": Column(_("Lent on"), Kind.DAY),
    }


def _caption(loans: pd.DataFrame, like: Asked) -> list[str]:
    compared = int(loans["compared"].iloc[0])
    used = ", ".join(_(_FEATURES[name]) for name in FEATURES if name in like.values)
    said = [
        _("nearest of {count} granted applications of the product").format(count=formats.count(compared)),
        _("by {features}; each difference in standard deviations").format(features=used),
    ]
    if like.left_out:
        said.append(_("not known here, so left out: {features}").format(
            features=", ".join(_(_FEATURES[name]) for name in like.left_out)))  # fmt: skip
    return said


def _toggle(key: tuple[str, str]) -> None:
    st.session_state[_OPEN] = None if st.session_state.get(_OPEN) == key else key
