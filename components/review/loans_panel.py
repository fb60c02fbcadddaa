"""How were earlier loans repaid? Every loan of the applicant here, as it stands today."""

from components import formats
from components.language import _, ngettext
from components.markdown import plain
from components.review import panel
from components.review.seen import Seen
from rules.case_points import Side
from rules.repaid import EarlierLoan, Repaid
from rules.text import N_

STATUSES = {"active": N_("runs"), "paid_off": N_("repaid"), "written_off": N_("written off")}
_LISTED = 10


def draw(seen: Seen) -> None:
    """Draw the panel."""
    title, lacking = _("How were earlier loans repaid?"), seen.lacks("loan")
    if lacking:
        panel.lacking("loans", title, lacking)
        return
    repaid = seen.facts.repaid
    if not repaid.loans:
        panel.card("loans", title, _("The applicant has had no loan here; nothing is known of how they repay."))
        return
    panel.card("loans", title, _sentence(repaid), lambda: _table(repaid), caption=_caption(repaid, seen))


def _sentence(repaid: Repaid) -> str:
    count = len(repaid.loans)
    told = [ngettext("**{count} loan**", "**{count} loans**", count).format(count=count)]
    if repaid.paid_off:
        told.append(ngettext("{count} repaid", "{count} repaid", repaid.paid_off).format(count=repaid.paid_off))
    if repaid.running:
        running = len(repaid.running)
        told.append(
            ngettext("{count} runs with {owed} owed", "{count} run with {owed} owed", running).format(
                count=running, owed=formats.money_exact(repaid.outstanding_fen)
            )
        )
    if repaid.written_off:
        told.append(
            ngettext("{count} written off", "{count} written off", repaid.written_off).format(count=repaid.written_off)
        )
    worst = repaid.worst_days_past_due
    late = (
        ngettext("at worst {count} day late", "at worst {count} days late", worst).format(count=worst)
        if worst
        else _("never late")
    )
    return _("{parts}; **{late}**.").format(parts=panel.listed(told), late=late)


def _table(repaid: Repaid) -> None:
    newest = sorted(repaid.loans, key=lambda loan: loan.disbursed_on, reverse=True)[:_LISTED]
    panel.table(
        [_("Loan"), _("Lent"), _("Amount"), _("Stands"), _("Late now"), _("Worst")],
        [
            [
                plain(loan.loan_id), formats.day(loan.disbursed_on), formats.money_exact(loan.principal_fen),
                _stands(loan), _days(loan.days_past_due), _days(loan.worst_days_past_due),
            ]
            for loan in newest
        ],
        numbers=(2, 4, 5),
    )  # fmt: skip


def _stands(loan: EarlierLoan) -> str:
    side = Side.AGAINST if loan.status == "written_off" or loan.days_past_due else Side.FOR
    said = f"{panel.marked(side)} {_(STATUSES[loan.status])}"
    moved = _("rescheduled")
    return f"{said}, {moved}" if loan.rescheduled else said


def _days(days: int | None) -> str:
    return "–" if days is None else ngettext("{count} d", "{count} d", days).format(count=days)


def _caption(repaid: Repaid, seen: Seen) -> list[str]:
    said = [_("read live; a moved due date is late from its old day on")]
    if seen.lacks("instalment", "repayment"):
        said.append(_("without the tables `instalment` and `repayment` it can't be told how late a loan was"))
    if len(repaid.loans) > _LISTED:
        said.append(_("the newest {count} of {all} loans").format(count=_LISTED, all=len(repaid.loans)))
    return said
