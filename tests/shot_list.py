"""What `make shots` takes pictures of: every page, every part of a page, and the forms and states within it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.shot_review import STATES, Cases

DEMO, TREE, CASES = "demo", "invitation-tree", "cases"  # the books that are looked at
_FAULTY = Path(__file__).parent / "faulty_spend.csv"


@dataclass(frozen=True)
class Shot:
    """One picture: what is opened by whom on which book.

    `opens` is what is done on the page first; `lasts`: it stays when the window changes its size.
    Of the book of cases: `path` may name a state, for the number of its case; `within` is how things stand meanwhile,
    and `then` what happens elsewhere after it was opened, before the page is loaded again.
    """

    name: str
    path: str
    role: str | None = "risk_officer"
    opens: Callable[[Page], None] | None = None
    book: str = DEMO
    lasts: bool = False
    within: Callable[[Cases], AbstractContextManager[object]] | None = None
    then: Callable[[Cases], None] | None = None


def _click(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).click()


def _to_the_top(page: Page, selector: str) -> None:
    page.locator(selector).evaluate("card => card.scrollIntoView({block: 'start'})")


def _upload_faults(page: Page) -> None:
    _to_the_top(page, ".st-key-card-spend")
    page.locator(".st-key-card-spend [data-testid=stPopover] button").nth(1).click()
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(_FAULTY)
    page.locator("[data-testid=stPopoverBody] .st-key-spend-faults").wait_for()


def _type_spend(page: Page) -> None:
    _to_the_top(page, ".st-key-card-spend")
    page.locator(".st-key-card-spend [data-testid=stPopover] button").first.click()
    page.locator("[data-testid=stFormSubmitButton] button").click()
    page.locator("[data-testid=stPopoverBody] [data-testid=stAlert]").first.wait_for()


def _mark_without_reason(page: Page) -> None:
    page.locator(".st-key-abuse-mark-record button").click()


def _mark(page: Page) -> None:
    page.locator(".st-key-abuse-mark-reason textarea").fill("Seen on one device")
    page.locator(".st-key-abuse-mark-record button").click()


def _tables(page: Page) -> None:
    """The table of every card that has one."""
    for place in range(page.locator(".stMain [class*=st-key-][class*=-switch] button").count()):
        page.locator(".stMain [class*=st-key-][class*=-switch] button").nth(place).click()
        page.wait_for_timeout(600)


def _take(page: Page) -> None:
    """The case into the hands of whoever looks, unless it is there."""
    if page.locator(".st-key-claim").count():
        page.locator(".st-key-claim button").click()
    page.locator(".st-key-give-up").wait_for(timeout=60_000)


def _call(page: Page) -> None:
    """A call that is being noted."""
    _take(page)
    page.locator(".st-key-do-note button").click()
    page.locator("[class*='-call-note'] textarea").wait_for(timeout=60_000)


def _fill(outcome: str) -> Callable[[Page], None]:
    """The form of an outcome with a reason and the words for it."""

    def filled(page: Page) -> None:
        _take(page)
        page.locator(f".st-key-do-{outcome} button").click()
        reasons = page.locator(f"[class*='-reasons-{outcome}']")
        reasons.wait_for()
        if not reasons.locator("[data-tag]").count():
            reasons.locator("input").click()
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
            reasons.locator("[data-tag]").first.wait_for()
        for field, words in (("amount", "45,000"), ("rationale", "The employer confirmed the salary")):
            typed = page.locator(f"[class*='st-key-draft-'][class*='-{field}'] :is(input, textarea)")
            if typed.count() and not typed.input_value():
                typed.fill(words)
                typed.blur()

    return filled


def _check(outcome: str) -> Callable[[Page], None]:
    """What is about to be recorded; it stays laid out for as long as its session does."""

    def checked(page: Page) -> None:
        _fill(outcome)(page)
        page.locator(".st-key-check button").click()
        page.locator(".st-key-confirm").wait_for(timeout=60_000)

    return checked


def _check_nothing(page: Page) -> None:
    _take(page)
    page.locator(".st-key-do-declined button").click()
    page.locator(".st-key-check button").click()
    page.locator(".st-key-card-act [data-testid=stAlert]").wait_for(timeout=60_000)


def _begin(page: Page) -> None:
    """Something written on what is seen."""
    _take(page)
    if page.locator(".st-key-changed-seen").count():
        page.locator(".st-key-changed-seen button").click()
        expect(page.locator(".st-key-changed-seen")).to_have_count(0, timeout=60_000)
    _fill("approved")(page)
    page.wait_for_timeout(1500)


def _reveal(page: Page) -> None:
    page.locator(".st-key-reveal button").click()
    page.locator(".st-key-reveal-words input").fill("To call about the income")
    page.locator("[data-testid=stFormSubmitButton] button").click()
    page.locator("[class*=st-key-revealed-]").wait_for(timeout=60_000)


def _similar(page: Page) -> None:
    page.locator(".st-key-similar button").click()
    page.locator(".st-key-card-case-similar [data-testid=stDataFrame]").scroll_into_view_if_needed(timeout=120_000)


def _cases() -> tuple[Shot, ...]:
    """Every state of the queue and of a case."""
    as_who = {"escalated": "senior_risk_officer", "second": "senior_risk_officer", "sent": "senior_risk_officer",
              "refused": "senior_risk_officer", "corrected": "senior_risk_officer"}  # fmt: skip
    act = {
        "mine": _take, "call": _call, "form": _fill("declined"), "less": _fill("approved_less"),
        "missing": _check_nothing, "check": _check("approved"), "revealed": _reveal, "changed": _begin,
    }  # fmt: skip
    shots = [
        Shot(f"review_queue-case-{state}", f"/review_queue?case={{{state}}}", as_who.get(state, "risk_officer"),
             act.get(state), CASES, within=Cases.held if state == "held" else None,
             then=(lambda cases: cases.change("changed")) if state == "changed" else None)
        for state in STATES
    ]  # fmt: skip
    return tuple(shots)


def _parts(page: str, role: str, parts: tuple[str, ...]) -> tuple[Shot, ...]:
    return tuple(Shot(f"{page}-{part}", f"/{page}?part={part}", role) for part in parts)


_FUNNEL = "/membership?by=first_tier&tier_of=first_tier"
_STEPS = "from_step=applied&to_step=approved"
_TERMS = "/referrals?part=rewards&cap=50000&terms=1:a5000;2:off"
SHOT_LIST = (
    Shot("overview", "/overview", "manager"),
    Shot("overview-risk", "/overview?moved=late_30&split=province", "risk_officer"),
    Shot("overview-marketing", "/overview", "marketing"),
    Shot("overview-tables", "/overview", "manager", opens=_tables, lasts=True),
    Shot("overview-committee", "/overview?part=committee", "manager"),
    Shot("overview-committee_auditor", "/overview?part=committee", "auditor"),
    Shot("default_rates", "/default_rates"),
    Shot("default_rates-drilled", "/default_rates?drill=tier:bronze&tier=bronze&tier=silver"),
    Shot("default_rates-over_time", "/default_rates?part=time"),
    *_parts("default_rates", "risk_officer", ("score", "price", "reserve")),
    Shot("default_rates-tried", "/default_rates?part=price&by=score_band&spread=-2&cut_off=600-649"),
    Shot("default_rates-score-tables", "/default_rates?part=score", opens=_tables, lasts=True),
    Shot("default_rates-filters", "/default_rates", opens=_click(".st-key-filters button")),
    *_parts("membership", "manager", ("funnel", "movement", "worth")),
    Shot("membership-against", f"{_FUNNEL}&against=gold&until=disbursed&went=stopped&step=applied", "manager"),
    Shot("membership-windows", "/membership", "manager", _click(".st-key-card-funnel [data-testid=stPopover] button")),
    Shot("membership-matrix", "/membership?part=movement&moves=matrix&before=lapse", "manager"),
    Shot("membership-timed", f"/membership?timed=approved&by=province&{_STEPS}", "manager"),
    Shot("membership-maturing", "/membership?period=custom&from=2026-10", "manager"),
    Shot("membership-channels", "/membership?part=worth&value_by=channel", "manager"),
    Shot("membership-funnel_tables", "/membership", "manager", _tables, lasts=True),
    Shot("membership-movement_tables", "/membership?part=movement", "manager", _tables, lasts=True),
    Shot("membership-worth_tables", "/membership?part=worth", "manager", _tables, lasts=True),
    Shot("membership-empty", "/membership?part=worth", "manager", book=TREE),
    Shot("membership-no_loans", "/membership", "manager", book=TREE),
    *_parts("referrals", "marketing", ("growth", "cost", "quality", "tree", "rewards", "abuse")),
    Shot("referrals-campaigns", "/referrals?part=cost&cost_by=campaign&cost_per=repaying&province=Henan", "marketing"),
    Shot("referrals-months", "/referrals?part=cost&cost_by=month&cost_per=registered", "marketing"),
    Shot("referrals-so_far", "/referrals?growth=so_far&invited_to=verified", "marketing"),
    Shot("referrals-levels", "/referrals?part=quality&brought_by=referral_level&measure=value", "marketing"),
    Shot("referrals-upload", "/referrals?part=cost", "marketing", _upload_faults),
    Shot("referrals-entry", "/referrals?part=cost", "marketing", _type_spend),
    Shot("referrals-branch", "/referrals?part=tree&tree=506&folded=1269", "marketing"),
    Shot("referrals-ring", "/referrals?part=tree&tree=17582&drawing=links&colour=abuse", "marketing"),
    Shot("referrals-links", "/referrals?part=tree&drawing=links&colour=default", "marketing"),
    Shot("referrals-links_value", "/referrals?part=tree&drawing=links&tree_of=1", "marketing"),
    Shot("referrals-tree_default", "/referrals?part=tree&colour=default", "marketing"),
    Shot("referrals-tree_abuse", "/referrals?part=tree&colour=abuse", "marketing"),
    Shot("referrals-tree_unknown", "/referrals?part=tree&tree=nobody", "marketing"),
    Shot("referrals-terms", _TERMS, "marketing"),
    *(
        Shot(f"referrals-{part}_tables", f"/referrals?part={part}", "marketing", _tables, lasts=True)
        for part in ("growth", "cost", "quality", "tree", "rewards", "abuse")
    ),
    Shot("referrals-mark", "/referrals?part=abuse", "marketing", _mark_without_reason, lasts=True),
    Shot("referrals-empty", "/referrals?part=cost", "marketing", book=TREE),
    Shot("referrals-unrewarded", "/referrals?part=abuse", "marketing", book=TREE),
    Shot("referrals-real_tree", "/referrals?part=tree", "marketing", book=TREE),
    Shot("review_queue", "/review_queue"),
    Shot("review_queue-case", "/review_queue", opens=_click(".st-key-review-next button")),
    Shot("review_queue-lead", "/review_queue?sort=risk", "manager"),
    Shot("review_queue-mine", "/review_queue?mine=1", "senior_risk_officer"),
    Shot("review_queue-none", "/review_queue?state=closed", "auditor"),
    Shot("review_queue-unknown", "/review_queue?case=LA0", "auditor"),
    *_cases(),
    Shot("review_queue-states", "/review_queue", book=CASES),
    Shot("review_queue-filtered", "/review_queue?state=overdue&sort=amount&cause=amount", book=CASES),
    Shot("review_queue-give", "/review_queue", "manager", book=CASES),
    Shot("review_queue-keys", "/review_queue?case={waiting}", opens=_click(".st-key-keys button"), book=CASES),
    Shot("review_queue-reveal", "/review_queue?case={waiting}", opens=_click(".st-key-reveal button"), book=CASES),
    Shot("review_queue-similar", "/review_queue?case={waiting}", opens=_similar, book=CASES),
    Shot("review_queue-auditor", "/review_queue?case={delivered}", "auditor", book=CASES),
    Shot("review_queue-quality", "/review_queue?part=quality", "manager", book=CASES),
    Shot("review_queue-blind", "/review_queue?case={blind}", "senior_risk_officer", book=CASES),
    Shot("review_queue-blind_asked", "/review_queue", "senior_risk_officer", book=CASES),
    Shot("collections", "/collections", "manager"),
    Shot("collections-numbers", "/collections?period=all&measure=kept", "risk_officer"),
    Shot("collections-months", "/collections?ladder=answered", "manager"),
    Shot("collections-tables", "/collections", "manager", _tables, lasts=True),
    Shot("collections-empty", "/collections", "manager", book=TREE),
    Shot("compliance", "/compliance", "manager"),
    Shot("compliance-evidence", "/compliance?period=all", "auditor"),
    Shot("compliance-tables", "/compliance", "manager", _tables, lasts=True),
    Shot("system", "/system", "administrator"),
    Shot("forbidden", "/default_rates", "marketing"),
    Shot("sign_in", "/", None),
    # It changes the book, so it comes last.
    Shot("referrals-marked", "/referrals?part=abuse", "marketing", _mark, lasts=True),
)
