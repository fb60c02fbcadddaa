import numpy as np
import pandas as pd

from rules import first_payment
from rules.default_rates import Verdict
from rules.intervals import wilson


def months(*rows):
    return pd.DataFrame(rows, columns=["month", "borrowers", "missed", "waiting"])


DRAWN = months(
    ("2024-12", 100, 90, 0), *[(f"2025-{m:02}", 100, 4, 0) for m in range(1, 13)], ("2026-01", 100, 20, 0),
    ("2026-02", 40, 1, 60), ("2026-03", 0, 0, 90),
)  # fmt: skip


def test_rates_by_hand():
    found = first_payment.rates(DRAWN, significance=0.05, thin_borrowers=50).set_index("month")
    assert found.loc["2026-01", "rate"] == 0.2
    assert found.loc["2026-01", ["low", "high"]].tolist() == [float(end) for end in wilson(20, 100)]
    assert found.loc[["2026-01", "2026-02", "2026-03"], "maturing"].tolist() == [False, True, True]
    assert found.loc[["2026-01", "2026-02", "2026-03"], "thin"].tolist() == [False, True, True]
    assert np.isnan(found.loc["2026-03", "rate"])


def test_the_newest_known_month_is_held_against_twelve_before():
    found = first_payment.rates(DRAWN, significance=0.05, thin_borrowers=50)
    month, moved = first_payment.change(found, 0.05)
    assert (month, moved.rate, moved.before_rate, moved.months) == ("2026-01", 0.2, 0.04, 12)
    assert moved.verdict is Verdict.HIGHER


def test_no_month_known():
    found = first_payment.rates(DRAWN.iloc[-1:], significance=0.05, thin_borrowers=50)
    assert first_payment.change(found, 0.05) is None
    assert first_payment.change(first_payment.rates(months(), significance=0.05, thin_borrowers=50), 0.05) is None
