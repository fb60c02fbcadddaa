"""What `make shots` takes pictures of: every page, every part of a page, and the forms and states within it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

DEMO, TREE = "demo", "invitation-tree"  # the books that are looked at
_FAULTY = Path(__file__).parent / "faulty_spend.csv"


@dataclass(frozen=True)
class Shot:
    """One picture: what is opened by whom on which book; `opens` is what is done on the page first."""

    name: str
    path: str
    role: str | None = "risk_officer"
    opens: Callable[[Page], None] | None = None
    book: str = DEMO


def _click(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).click()


def _upload_faults(page: Page) -> None:
    page.locator(".st-key-card-spend").scroll_into_view_if_needed()
    page.locator(".st-key-card-spend [data-testid=stPopover] button").nth(1).click()
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(_FAULTY)


def _type_spend(page: Page) -> None:
    page.locator(".st-key-card-spend [data-testid=stPopover] button").first.click()
    page.locator("[data-testid=stFormSubmitButton] button").click()


def _mark_without_reason(page: Page) -> None:
    page.locator(".st-key-abuse-mark-record button").click()


def _tables(page: Page) -> None:
    """The table of every card that has one."""
    for place in range(page.locator(".stMain [class*=st-key-][class*=-switch] button").count()):
        page.locator(".stMain [class*=st-key-][class*=-switch] button").nth(place).click()
        page.wait_for_timeout(600)


def _parts(page: str, role: str, parts: tuple[str, ...]) -> tuple[Shot, ...]:
    return tuple(Shot(f"{page}-{part}", f"/{page}?part={part}", role) for part in parts)


_FUNNEL = "/membership?by=first_tier&tier_of=first_tier"
_TERMS = "/referrals?part=rewards&cap=50000&terms=1:a5000;2:off"
SHOT_LIST = (
    Shot("overview", "/overview", "manager"),
    Shot("overview-risk", "/overview?moved=late_30&split=province", "risk_officer"),
    Shot("overview-marketing", "/overview", "marketing"),
    Shot("overview-tables", "/overview", "manager", opens=_tables),
    Shot("default_rates", "/default_rates"),
    Shot("default_rates-drilled", "/default_rates?drill=tier:bronze&tier=bronze&tier=silver"),
    Shot("default_rates-over_time", "/default_rates?part=time"),
    *_parts("default_rates", "risk_officer", ("score", "price", "reserve")),
    Shot("default_rates-tried", "/default_rates?part=price&by=score_band&spread=-2&cut_off=600-649"),
    Shot("default_rates-score-tables", "/default_rates?part=score", opens=_tables),
    Shot("default_rates-filters", "/default_rates", opens=_click(".st-key-filters button")),
    *_parts("membership", "manager", ("funnel", "movement", "worth")),
    Shot("membership-against", f"{_FUNNEL}&against=gold&until=disbursed&went=stopped&step=applied", "manager"),
    Shot("membership-windows", "/membership", "manager", _click(".st-key-card-funnel [data-testid=stPopover] button")),
    Shot("membership-matrix", "/membership?part=movement&moves=matrix&before=lapse", "manager"),
    Shot("membership-tables", "/membership?part=worth", "manager", _tables),
    Shot("membership-empty", "/membership?part=worth", "manager", book=TREE),
    Shot("membership-no_loans", "/membership", "manager", book=TREE),
    *_parts("referrals", "marketing", ("growth", "cost", "quality", "tree", "rewards", "abuse")),
    Shot("referrals-campaigns", "/referrals?part=cost&cost_by=campaign&cost_per=repaying&province=Henan", "marketing"),
    Shot("referrals-upload", "/referrals?part=cost", "marketing", _upload_faults),
    Shot("referrals-entry", "/referrals?part=cost", "marketing", _type_spend),
    Shot("referrals-branch", "/referrals?part=tree&tree=506&folded=1139", "marketing"),
    Shot("referrals-ring", "/referrals?part=tree&tree=17582&drawing=links&colour=abuse", "marketing"),
    Shot("referrals-terms", _TERMS, "marketing"),
    Shot("referrals-mark", "/referrals?part=abuse", "marketing", _mark_without_reason),
    Shot("referrals-empty", "/referrals?part=cost", "marketing", book=TREE),
    Shot("referrals-unrewarded", "/referrals?part=abuse", "marketing", book=TREE),
    Shot("referrals-real_tree", "/referrals?part=tree", "marketing", book=TREE),
    Shot("review_queue", "/review_queue"),
    Shot("review_queue-case", "/review_queue", opens=_click(".st-key-review-next button")),
    Shot("review_queue-lead", "/review_queue?sort=risk", "manager"),
    Shot("review_queue-mine", "/review_queue?mine=1", "senior_risk_officer"),
    Shot("review_queue-none", "/review_queue?state=closed", "auditor"),
    Shot("review_queue-unknown", "/review_queue?case=LA0", "auditor"),
    Shot("system", "/system", "administrator"),
    Shot("forbidden", "/default_rates", "marketing"),
    Shot("sign_in", "/", None),
)
