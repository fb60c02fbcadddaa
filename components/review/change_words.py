"""What the fields of an application's rows are called and how their values are written, as on the rest of the case."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from components import formats
from components.language import _, ngettext, value_label
from components.review import act_words, loans_panel, membership_panel
from rules import dimensions
from rules.case_facts import instant
from rules.review_changes import Change
from rules.text import N_

Say = Callable[[Any], str]
_HASH = 8  # characters of a hash that are shown

TABLES = {
    "application": N_("Application"), "earlier_application": N_("Earlier application"), "product": N_("Product"),
    "tier": N_("Tier"), "member": N_("Member"), "application_check": N_("Check"), "score": N_("Score"),
    "device_sighting": N_("Device"), "membership": N_("Membership"), "perk": N_("Perk"),
    "credit_line": N_("Credit line"), "loan": N_("Loan"), "instalment": N_("Instalment"),
    "repayment": N_("Repayment"), "schedule_change": N_("Moved due date"), "prime_rate": N_("Prime rate"),
}  # fmt: skip
_STATUSES = {
    "open": N_("open"), "approved": N_("approved"), "declined": N_("declined"), "withdrawn": N_("withdrawn"),
    "disbursed": N_("paid out"),
}  # fmt: skip
_PERKS = {
    "interest_free_coupon": N_("Interest-free coupon"), "limit_boost": N_("Limit boost"), "rate_cut": N_("Rate cut")
}  # fmt: skip
_PAID = {"scheduled": N_("as due"), "early": N_("early"), "recovery": N_("recovered")}
_MOVED = {"extension": N_("extension"), "restructuring": N_("restructuring")}
_METHODS = {
    "equal_payment": N_("equal payments"), "equal_principal": N_("equal principal"),
    "interest_first": N_("interest first"),
}  # fmt: skip
_PRODUCTS = {"cash": N_("cash"), "instalment": N_("in instalments"), "revolving": N_("revolving")}


def _moment(value: Any) -> str:
    return formats.moment(instant(str(value)))


def _day(value: Any) -> str:
    return formats.day(date.fromisoformat(str(value)))


def _rate(value: Any) -> str:
    return formats.percent(float(value), 2)


def _number(value: Any) -> str:
    return formats.index(float(value), 0 if float(value).is_integer() else 1)


def _months(value: Any) -> str:
    return ngettext("{months} month", "{months} months", int(value)).format(months=value)


def _yes(value: Any) -> str:
    return _("yes") if value else _("no")


def _hash(value: Any) -> str:
    return f"{str(value)[:_HASH]}…"


def _of(dimension: dimensions.Dimension) -> Say:
    return lambda value: value_label(dimension.code, str(value))


def _among(names: Mapping[str, str]) -> Say:
    return lambda value: _(names[value]) if value in names else str(value)


def _reasons(values: Any) -> str:
    told = (f"{act_words.feature(each['feature'])} {_points(each)}" for each in values)
    return ", ".join(told).replace("\\", "") or "–"


def _points(reason: Mapping[str, Any]) -> str:
    size = float(reason.get("contribution") or 0)
    return f"{'+' if size > 0 else ''}{formats.index(size, 0 if size.is_integer() else 1)}"


_money, _tier, _channel = formats.money_exact, _of(dimensions.TIER), _of(dimensions.CHANNEL)
_PRICE: dict[str, tuple[str, Say]] = {
    "annual_rate": (N_("Yearly rate"), _rate), "upfront_fee": (N_("Upfront fee"), _money),
    "monthly_fee": (N_("Monthly fee"), _money), "term_months": (N_("Term"), _months),
}  # fmt: skip
_APPLICATION: dict[str, tuple[str, Say]] = {
    **_PRICE,
    "external_number": (N_("Application number"), str), "member_id": (N_("Member"), str),
    "product_id": (N_("Product"), str), "scene": (N_("Scene"), str), "applied_at": (N_("Applied on"), _moment),
    "amount": (N_("Asked"), _money), "purpose": (N_("Purpose"), _of(dimensions.PURPOSE)),
    "tier_code": (N_("Tier at application"), _tier), "monthly_income": (N_("Income"), _money),
    "existing_debt": (N_("Debt elsewhere"), _money), "disclosed_rate": (N_("Told to the applicant"), _rate),
    "disclosure_confirmed_at": (N_("Confirmed by the applicant"), _moment), "status": (N_("Stands"), _among(_STATUSES)),
    "decided_at": (N_("Decided on"), _moment), "decided_by": (N_("Decided by"), _of(dimensions.DECIDED_BY)),
    "approved_amount": (N_("Approved"), _money), "grade": (N_("Lender's grade"), str),
    "within_policy": (N_("Within policy"), _yes),
}  # fmt: skip

# By table and column: its name on the case, and how a value of it is written. Keys of rows do not change.
FIELDS: dict[str, dict[str, tuple[str, Say]]] = {
    "application": _APPLICATION,
    "earlier_application": _APPLICATION,
    "product": {
        "code": (N_("Code"), str), "name_en": (N_("English name"), str), "name_zh": (N_("Chinese name"), str),
        "kind": (N_("Kind"), _among(_PRODUCTS)),
    },
    "tier": {
        "rank": (N_("Rank"), _number), "name_en": (N_("English name"), str), "name_zh": (N_("Chinese name"), str),
        "annual_fee": (N_("Membership fee"), _money), "credit_limit": (N_("Line"), _money),
        "rate_discount": (N_("Rate cut"), _rate),
    },
    "member": {
        "registered_at": (N_("Registered on"), _moment), "verified_at": (N_("Verified"), _moment),
        "birth_year": (N_("Year of birth"), str), "gender": (N_("Gender"), _of(dimensions.GENDER)),
        "province": (N_("Province"), _of(dimensions.PROVINCE)), "monthly_income": (N_("Income"), _money),
        "acquisition_channel": (N_("Came by"), _channel), "campaign_id": (N_("Campaign"), str),
        "referred_by_id": (N_("Referred by member"), str), "referral_code": (N_("Referral code"), str),
        "sensitive_data_consent_at": (N_("Consent to sensitive data"), _moment),
        "consent_version": (N_("Version of the consent"), str),
        "marketing_consent_at": (N_("Consent to marketing"), _moment),
        "dates_imputed": (N_("Dates are estimates"), _yes),
    },
    "application_check": {
        "application_id": (N_("Application"), str), "layer": (N_("Layer"), _of(dimensions.DECIDED_BY)),
        "provider": (N_("Source"), str), "code": (N_("Check"), lambda code: act_words.check(code).replace("\\", "")),
        "outcome": (N_("Said"), act_words.check_said), "value": (N_("Value seen"), str),
        "threshold": (N_("Limit"), str), "checked_at": (N_("Checked on"), _moment),
    },
    "score": {
        "application_id": (N_("Application"), str), "model_version": (N_("Model"), str),
        "score": (N_("Points"), _number), "default_probability": (N_("PD"), _rate),
        "reasons": (N_("Reasons"), _reasons), "scored_at": (N_("Scored on"), _moment),
    },
    "device_sighting": {
        "member_id": (N_("Member"), str), "device_hash": (N_("Device"), _hash), "address_hash": (N_("Address"), _hash),
        "first_seen_at": (N_("First seen"), _moment),
    },
    "membership": {
        "member_id": (N_("Member"), str), "tier_code": (N_("Tier"), _tier), "started_at": (N_("From"), _moment),
        "ended_at": (N_("Until"), _moment), "reason": (N_("Joined by"), _among(membership_panel.REASONS)),
        "fee_paid": (N_("Fee"), _money),
    },
    "perk": {
        "member_id": (N_("Member"), str), "kind": (N_("Kind"), _among(_PERKS)), "granted_at": (N_("Granted"), _moment),
        "expires_at": (N_("Expires"), _moment), "redeemed_at": (N_("Redeemed"), _moment), "loan_id": (N_("Loan"), str),
        "cost": (N_("Cost"), _money),
    },
    "credit_line": {
        "member_id": (N_("Member"), str), "changed_at": (N_("From"), _moment), "amount": (N_("Line"), _money),
        "reason": (N_("Reason"), str),
    },
    "loan": {
        **_PRICE,
        "application_id": (N_("Application"), str), "member_id": (N_("Member"), str),
        "product_id": (N_("Product"), str), "funder_id": (N_("Funder"), str),
        "funder_share": (N_("Funder's share"), _rate),
        "tier_code": (N_("Tier at origination"), _tier), "acquisition_channel": (N_("Came by"), _channel),
        "disbursed_at": (N_("Lent"), _moment), "principal": (N_("Amount"), _money),
        "method": (N_("Repaid by"), _among(_METHODS)), "status": (N_("Stands"), _among(loans_panel.STATUSES)),
        "closed_at": (N_("Closed"), _moment), "written_off_at": (N_("Written off"), _moment),
        "defaulted_on": (N_("Defaulted on"), _day), "dates_imputed": (N_("Dates are estimates"), _yes),
        "principal_received": (N_("Principal received"), _money), "charges_received": (N_("Charges received"), _money),
    },
    "instalment": {
        "due_on": (N_("Due"), _day), "principal_due": (N_("Principal"), _money),
        "interest_due": (N_("Interest"), _money), "fee_due": (N_("Fee"), _money),
    },
    "repayment": {
        "loan_id": (N_("Loan"), str), "paid_at": (N_("Paid on"), _moment), "amount": (N_("Amount"), _money),
        "kind": (N_("Kind"), _among(_PAID)),
    },
    "schedule_change": {
        "loan_id": (N_("Loan"), str), "changed_at": (N_("Moved on"), _moment), "kind": (N_("Kind"), _among(_MOVED)),
        "old_due_on": (N_("Due before"), _day), "new_due_on": (N_("Due now"), _day),
        "number": (N_("Instalment"), str),
    },
    "prime_rate": {"starts_on": (N_("From"), _day), "one_year_rate": (N_("Prime rate"), _rate)},
}  # fmt: skip

# Which row of its table: by what of it. What is alone in its table needs no name.
_NAMED_BY = {
    "earlier_application": ("external_number",), "application_check": ("code",), "score": ("model_version",),
    "device_sighting": ("device_hash",), "membership": ("tier_code",), "perk": ("kind",),
    "credit_line": ("changed_at",), "schedule_change": ("changed_at",), "prime_rate": ("starts_on",),
    "repayment": ("paid_at",),
}  # fmt: skip
_TOLD = ("amount", "principal", "outcome", "score", "status", "ended_at", "due_on", "one_year_rate", "new_due_on")


def where(change: Change) -> str:
    """The kind of row that changed, and which one where there may be several."""
    table = _(TABLES.get(change.table, change.table))
    if change.table == "instalment":
        told = _("Instalment {number} of loan {loan}")
        return told.format(number=change.whole["number"], loan=change.whole["loan_id"])
    if change.table == "loan":
        return f"{table} {change.row}"
    values = {name: change.whole.get(name) for name in _NAMED_BY.get(change.table, ())}
    which = " ".join(value(change.table, name, each) for name, each in values.items() if each is not None)
    return _("{kind}: {which}").format(kind=table, which=which) if which else table


def what(change: Change) -> str:
    """What of it changed."""
    if change.field is None:
        return _("is new") if change.before is None else _("is gone")
    fields = FIELDS.get(change.table, {})
    return _(fields[change.field][0]) if change.field in fields else change.field


def side(change: Change, held: Any) -> str:
    """What stood there on one side of the change."""
    if change.field is not None:
        return value(change.table, change.field, held)
    if held is None:
        return "–"
    told = [name for name in _TOLD if held.get(name) is not None and name in FIELDS.get(change.table, {})]
    return ", ".join(value(change.table, name, held[name]) for name in told) or _("there")


def value(table: str, field: str, held: Any) -> str:
    """A value as the rest of the case writes it; what can't be read so as it is."""
    if held is None:
        return "–"
    if field not in FIELDS.get(table, {}):
        return str(held)
    try:
        return FIELDS[table][field][1](held)
    except ValueError:  # a source may hold other texts than dates and numbers
        return str(held)
