"""Loans one by one, counted into the cells and pairs that statements return, in plain Python."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from rules.incidence import OPEN

CELLS = ["cohort", "month", "exit"]
PAIRS = ["cohort", "month_a", "exit_a", "month_b", "exit_b"]


def cells(loans):
    """loans: (borrower, cohort, month, exit). Each has a principal of 100 fen; none was rescheduled."""
    counted = Counter(loan[1:] for loan in loans)
    rows = [(*cell, loans, 100 * loans, 0) for cell, loans in sorted(counted.items())]
    return pd.DataFrame(rows, columns=[*CELLS, "loans", "principal_fen", "rescheduled"])


def pairs(loans):
    """The pairs of one borrower's loans in a cohort."""
    of_borrower = defaultdict(list)
    for borrower, cohort, *ended in loans:
        of_borrower[borrower, cohort].append(ended)
    counted = Counter(
        (cohort, *first, *second)
        for (_, cohort), ends in of_borrower.items()
        for first, second in map(sorted, combinations(ends, 2))
    )
    return pd.DataFrame([(*pair, count) for pair, count in sorted(counted.items())], columns=[*PAIRS, "pairs"])


@dataclass(frozen=True)
class Simulation:
    """Books whose borrowers differ: a borrower's loans all default by one hazard, drawn around the mean one."""

    borrowers: int
    hazard: float
    payoff: float = 0.03
    spread: float = 1.0  # variance of a borrower's hazard over its mean squared
    most_loans: int = 4
    first_seen: int = 12  # loans were last seen after so many months to half as many more

    def books(self, generator, number):
        """Cells and pairs of so many books, each as a cohort of its own."""
        per_borrower = generator.integers(1, self.most_loans + 1, number * self.borrowers)
        borrower = np.repeat(np.arange(number * self.borrowers), per_borrower)
        rate = self._rates(generator, number * self.borrowers)[borrower]
        leaves = generator.geometric(rate + self.payoff) - 1
        by_default = generator.random(len(rate)) < rate / (rate + self.payoff)
        seen = generator.integers(self.first_seen, self.first_seen * 3 // 2, len(rate))
        ways = np.where(leaves > seen, OPEN, np.where(by_default, "default", "payoff"))
        loans = pd.DataFrame({"borrower": borrower, "cohort": (borrower // self.borrowers).astype(str)})
        loans = loans.assign(month=np.minimum(leaves, seen), exit=ways)
        cells = loans.groupby(CELLS).size().rename("loans").reset_index().assign(principal_fen=0)
        numbered = loans.assign(number=np.arange(len(loans)))
        both = numbered.merge(numbered, on=["borrower", "cohort"], suffixes=("_a", "_b")).query("number_a < number_b")
        return cells, both.groupby(PAIRS).size().rename("pairs").reset_index()

    def incidence(self, generator, month):
        """The true share that has defaulted by a month."""
        rates = self._rates(generator, 1_000_000)
        leaves = rates + self.payoff
        return float(np.mean(rates / leaves * (1 - (1 - leaves) ** (month + 1))))

    def _rates(self, generator, borrowers):
        return np.minimum(self.hazard * generator.gamma(1 / self.spread, self.spread, borrowers), 0.9)
