"""The part on movement as an analyst writes it for DuckDB, values and all."""

from datetime import date

from rules.policy import Exposure
from rules.retention import HORIZONS

SELECTED = "referral"
_AMONG = f"member_no IN (SELECT member_no FROM member_journey WHERE channel = '{SELECTED}')"


def by_hand(as_of: date, first: date, last: date, rule: Exposure, *, filtered: bool) -> dict[str, str]:
    """Each statement by its name, its columns in the order of the product's."""
    among = _AMONG if filtered else "true"
    return {
        "flows": _flows(first, last, among),
        "upgrades": (
            "SELECT tier, change, CASE WHEN fee_fen > 0 OR reason = 'paid' THEN 'paid' ELSE 'task' END AS way, "
            f"count(*), sum(fee_fen) FROM membership_spell WHERE from_on > DATE '{first}' AND from_on <= DATE '{last}' "
            f"AND change IN ('joined', 'rose', 'returned') AND {among} GROUP BY 1, 2, 3"
        ),
        "stays": (
            f"SELECT tier, coalesce(until_on, DATE '{as_of}') - stay_from_on AS days, until_on IS NOT NULL AS ended, "
            f"count(*) FROM membership_spell WHERE stay_ends AND change <> 'lapsed' AND {among} GROUP BY 1, 2, 3"
        ),
        "cohorts": _cohorts(as_of, "channel = 'referral'" if filtered else "true"),
        "lines": _lines(among),
        "watch": _watch(rule, among),
    }


def _flows(first: date, last: date, among: str) -> str:
    """The usual way: both days' states of everybody, joined."""
    at = "SELECT member_no, state FROM member_state WHERE DATE '{day}' BETWEEN from_on AND last_on AND " + among
    return (
        f"SELECT a.state, b.state, 0, 0, count(*) FROM ({at.format(day=last)}) b "
        f"LEFT JOIN ({at.format(day=first)}) a USING (member_no) GROUP BY 1, 2"
    )


def _cohorts(as_of: date, passing: str) -> str:
    counts = ", ".join(
        f"count(*) FILTER (WHERE DATE '{as_of}' - first_disbursed_on >= {days}), "
        f"count(*) FILTER (WHERE DATE '{as_of}' - first_disbursed_on >= {days} "
        f"AND second_disbursed_on - first_disbursed_on <= {days})"
        for days in HORIZONS
    )
    return (
        f"SELECT date_trunc('month', first_disbursed_on), count(*), {counts} FROM member_journey "
        f"WHERE first_disbursed_on IS NOT NULL AND {passing} GROUP BY 1"
    )


def _lines(among: str) -> str:
    month = "year({day}) * 12 + month({day}) - 1"
    begun, ended, used = (month.format(day=day) for day in ("from_on", "(last_on + 1)", "month_end"))
    return (
        f"SELECT 'begun', {begun}, standing, 0, count(*), sum(line_fen) FROM line_spell WHERE line_fen > 0 AND {among} "
        f"GROUP BY 2, 3 UNION ALL SELECT 'ended', {ended}, standing, 0, count(*), sum(line_fen) FROM line_spell "
        f"WHERE line_fen > 0 AND {among} GROUP BY 2, 3 UNION ALL SELECT 'used', {used}, standing, 0, count(*), "
        f"sum(outstanding_fen) FROM member_exposure WHERE line_fen > 0 AND {among} GROUP BY 2, 3"
    )


def _watch(rule: Exposure, among: str) -> str:
    owed = "outstanding_fen + coalesce(declared_fen, 0)"
    over = f"income_fen > 0 AND {owed} > {rule.most_monthly_incomes:g} * income_fen"
    raised = f"coalesce(raised_days <= {rule.raise_days}, false)"
    return (
        "SELECT month_end, standing, 0, count(*), sum(outstanding_fen), count(*) FILTER (WHERE income_fen > 0), "
        f"count(*) FILTER (WHERE {over}), count(*) FILTER (WHERE {raised}), "
        f"count(*) FILTER (WHERE ({over}) OR {raised}), sum(outstanding_fen) FILTER (WHERE ({over}) OR {raised}) "
        f"FROM member_exposure WHERE {among} GROUP BY 1, 2"
    )
