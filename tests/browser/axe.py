"""What axe-core finds wrong on a page for people who read it by ear or by keyboard; Streamlit's own faults by name."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OPTIONS = {"resultTypes": ["violations"]}  # all of axe's rules: WCAG A and AA, and good practice
# What Streamlit draws so that we can't mend it: rule -> within which elements.
STREAMLITS_OWN = {
    "list": "[data-testid=stSidebarNavItems]",  # of a navigation in sections
    "listitem": "[data-testid=stSidebarNavItems]",
    "svg-img-alt": "[data-testid=stMetricChart]",
    "target-size": "[data-baseweb=calendar]",  # the days of a date input
}
WITHIN = "([target, within]) => Boolean(document.querySelector(target)?.closest(within))"


def violations(page: Page) -> list[str]:
    """What is ours of it, one line for each element: the rule, what it asks for, and the element."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
        if not _is_streamlits(page, rule["id"], node["target"])
    ]


def _is_streamlits(page: Page, rule: str, target: list[str]) -> bool:
    within = STREAMLITS_OWN.get(rule)
    return within is not None and bool(page.evaluate(WITHIN, [target[-1], within]))
