"""All-in rates of single loans, without and with the membership fee that they required."""

from collections.abc import Sequence

import pandas as pd

from rules.price import AllInRate, all_in_rate


def rated(loans: pd.DataFrame) -> pd.DataFrame:
    """The loans with their all-in yearly rates.

    loans: `queries.prices.over_cap`.
    Columns added: rate (a month's rate x 12, without the membership fee), rate_with_fee, effective_with_fee (compounded
    over a year); all nan where no rate makes the flows even.
    Formula: `rules.price.all_in_rate` of the principal less the upfront fee (and the membership fee) against what is
    due each month, interest and monthly fees inside.
    Source: metrics.md, "all-in annual rate", trap 16.
    """
    plain, with_fee = [], []
    got = loans["principal_fen"] - loans["upfront_fee_fen"]
    for text, got_fen, fee_fen in zip(loans["dues_fen"], got, loans["membership_fee_fen"], strict=True):
        dues = [int(fen) for fen in text.split()]
        plain.append(_rate(got_fen, dues))
        with_fee.append(_rate(got_fen - fee_fen, dues))
    return loans.assign(
        rate=[found.nominal for found in plain],
        rate_with_fee=[found.nominal for found in with_fee],
        effective_with_fee=[found.effective for found in with_fee],
    )


def _rate(got_fen: int, dues_fen: Sequence[int]) -> AllInRate:
    return all_in_rate([got_fen, *(-fen for fen in dues_fen)])
