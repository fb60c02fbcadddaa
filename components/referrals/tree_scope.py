"""Which branch of the tree is shown: searched for, clicked on, or reached by the breadcrumb; kept in the link."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components import linked
from components.language import _, value_label
from components.markdown import plain
from components.view import View
from rules import dimensions
from rules.dimensions import UNKNOWN
from rules.trees import Scope

_MEMBER, _CAMPAIGN, _FOLDED = "tree", "tree_of", "folded"
_SEARCH = "tree-search"
_LONGEST = 64  # letters of an id in the link
_OF = "campaign:"  # tells a campaign that was chosen from a member's id that was typed
_MOST_FOLDED = 50


def shown(view: View) -> Scope:
    """The scope that the link asks for."""
    member_id = str(st.query_params.get(_MEMBER, ""))[:_LONGEST]
    campaign = linked.value(_CAMPAIGN, ["", *_campaigns(view)], "")
    return Scope(member_id=member_id) if member_id else Scope(campaign=campaign)


def folded() -> tuple[str, ...]:
    """The members whose branches are folded."""
    return tuple(part for part in str(st.query_params.get(_FOLDED, "")).split("~")[:_MOST_FOLDED] if part)


def search(view: View) -> None:
    """The box in which a member's id is typed or a campaign is chosen."""
    campaigns = _campaigns(view)
    st.session_state[_SEARCH] = None
    st.selectbox(
        _("Member id or campaign"),
        [f"{_OF}{code}" for code in campaigns],
        format_func=lambda option: _named(option, campaigns, view),
        placeholder=_("Member id or campaign"),
        accept_new_options=True,
        key=_SEARCH,
        on_change=_searched,
        args=(campaigns,),
        label_visibility="collapsed",
        width=260,
    )


def breadcrumb(view: View, scope: Scope, path: pd.DataFrame) -> None:
    """The way from all trees down to what is shown, each step a way back."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="tree-path"):
        if scope == Scope():
            st.markdown(f"**{_('All trees')}**")
            return
        st.button(_("All trees"), type="tertiary", key="tree-step-all", on_click=go_to, args=("",))
        if scope.campaign:
            st.markdown("›")
            st.markdown(f"**{plain(value_label(dimensions.CAMPAIGN.code, scope.campaign, view.book))}**")
        for member_id in path["member_id"]:
            st.markdown("›")
            if member_id == scope.member_id:
                st.markdown(f"**{plain(member_id)}**")
            else:
                st.button(
                    plain(member_id), type="tertiary", key=f"tree-step-{member_id}", on_click=go_to, args=(member_id,)
                )


def go_to(member_id: str) -> None:
    """Show the branch of a member, or all trees. For use in callbacks."""
    st.query_params.pop(_FOLDED, None)
    st.query_params.pop(_CAMPAIGN, None)
    linked.choose(_MEMBER, member_id, "")


def fold(member_id: str) -> None:
    """Fold the branch of a member, or unfold it. For use in callbacks."""
    now: Sequence[str] = folded()
    kept = [each for each in now if each != member_id] if member_id in now else [*now, member_id]
    linked.choose(_FOLDED, "~".join(kept), "")


def _campaigns(view: View) -> list[str]:
    return [code for code in view.book.member_values_of(dimensions.CAMPAIGN.code) if code != UNKNOWN]


def _searched(campaigns: list[str]) -> None:
    asked = str(st.session_state[_SEARCH] or "").strip()
    campaign = asked.removeprefix(_OF)
    if asked.startswith(_OF) and campaign in campaigns:
        go_to("")
        linked.choose(_CAMPAIGN, campaign, "")
    elif asked:
        go_to(asked[:_LONGEST])


def _named(option: str, campaigns: list[str], view: View) -> str:
    code = option.removeprefix(_OF)
    known = option.startswith(_OF) and code in campaigns
    return value_label(dimensions.CAMPAIGN.code, code, view.book) if known else option
