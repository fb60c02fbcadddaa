"""What does each creator bring? Fee, code, uses, borrowers and what each cost."""

import pandas as pd

from components import cards, formats, states, tables
from components.language import _
from components.referrals import cost_words
from components.referrals.cost_words import money
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "creators"


def draw(shown: View, found: pd.DataFrame) -> None:
    """Draw the card. found: `rules.creator_sheet.sheet`."""
    metric = METRICS["creator_cost"]
    card = cards.begin(_KEY, title=_("What does each creator bring?"), definition=_(metric.definition), tabular=False)
    found = found.loc[found[["members", "fee_fen"]].any(axis=1)].reset_index(drop=True)
    if found.empty:
        with card.frame:
            states.empty(["invitation"])
        return
    rows = found.sort_values(["borrowers", "members"], ascending=False).assign(
        campaigns=[_named(each, shown) for each in found["campaigns"]]
    )
    card.answer(
        sentence(found),
        height=tables.tall(len(rows), HEIGHT),
        figure=lambda: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=HEIGHT),
        caption=" · ".join(
            [
                _("of several codes the last one opened counts"),
                _("fee = what was entered at the spend desk for the creator in the period"),
            ]
        ),
    )


def sentence(found: pd.DataFrame) -> str:
    """Who brought most borrowers, and who was dearest per borrower."""
    best = found.sort_values("borrowers", ascending=False).iloc[0]
    said = _("**{creator}** brought most: {borrowers} borrowers of {members} who registered").format(
        creator=best["creator"],
        borrowers=formats.count(int(best["borrowers"])),
        members=formats.count(int(best["members"])),
    )
    paid = found.dropna(subset=["each_borrower_fen"]).sort_values("each_borrower_fen", ascending=False)
    if paid.empty:
        return said + _("; no fee has been entered for this period.")
    row = paid.iloc[0]
    return said + _("; **{creator}** is the dearest with {cost} per borrower.").format(
        creator=row["creator"], cost=money(row["each_borrower_fen"])
    )


def _named(campaigns: str, shown: View) -> str:
    return _(", ").join(cost_words.value_name("campaign", each, shown.book) for each in campaigns.split(", ") if each)


def _columns() -> dict[str, Column]:
    return {
        "creator": Column(_("Creator"), pinned=True),
        "code": Column(_("Code")),
        "members": Column(_("Registered"), Kind.COUNT),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "fee_fen": Column(_("Fee"), Kind.FEN),
        "each_member_fen": Column(_("Per registration"), Kind.FEN),
        "each_borrower_fen": Column(_("Per borrower"), Kind.FEN),
        "opened": Column(_("Opened"), Kind.COUNT),
        "clicks": Column(_("Clicks"), Kind.COUNT),
        "posts": Column(_("Posts"), Kind.COUNT),
        "campaigns": Column(_("Campaigns")),
    }
