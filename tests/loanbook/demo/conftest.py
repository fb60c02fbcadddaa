from datetime import date

import pytest

from loanbook import demo
from tests.loanbook.demo import oracle

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="session")
def tables():
    """The demo book of the default size as Arrow tables; read only."""
    return demo.generate(demo.MEMBERS, demo.SEED, AS_OF)


@pytest.fixture(scope="session")
def book(tables):
    """The same as pandas frames, money in fen, instants on the Asia/Shanghai clock; read only."""
    return oracle.frames(tables)


@pytest.fixture(scope="session")
def planted():
    return demo.planted(demo.MEMBERS, demo.SEED, AS_OF)
