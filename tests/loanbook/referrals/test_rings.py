"""Groups of linked members: by hand, and against networkx."""

from datetime import date

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook.referrals.rings import groups
from tests.loanbook.derived import asked
from tests.loanbook.referrals.rewarded import rewarded

AS_OF = date(2024, 12, 31)


def of(links: list[tuple[int, int]], fewest: int = 1) -> dict[int, int]:
    """The number of each member's group."""
    pairs = np.array(links, dtype=np.int64).reshape(-1, 2)
    members, numbers = groups(pairs[:, 0], pairs[:, 1], fewest)
    return dict(zip(members.tolist(), numbers.tolist(), strict=True))


def test_members_are_linked_through_each_other_and_the_largest_group_is_the_first() -> None:
    # 5 and 6 share a device; 1, 2, 3 are linked by two; 8 is alone on one.
    links = [(5, 20), (6, 20), (1, 10), (2, 10), (2, 11), (3, 11), (8, 30)]
    assert of(links) == {1: 1, 2: 1, 3: 1, 5: 2, 6: 2, 8: 3}
    assert of(links, fewest=2) == {1: 1, 2: 1, 3: 1, 5: 2, 6: 2}
    assert of(links, fewest=3) == {1: 1, 2: 1, 3: 1}
    assert of(links, fewest=4) == {}


def test_of_groups_of_one_size_the_one_with_the_first_member_comes_first() -> None:
    assert of([(9, 1), (4, 1), (3, 2), (7, 2)]) == {3: 1, 7: 1, 4: 2, 9: 2}


def test_no_links_make_no_groups() -> None:
    assert of([]) == {}


def test_a_chain_of_a_hundred_thousand_and_a_star_are_one_group_each() -> None:
    steps = np.arange(100_000)
    members, numbers = groups(np.concatenate([steps, steps + 1]), np.concatenate([steps, steps]), 3)
    assert len(members) == 100_001
    assert set(numbers.tolist()) == {1}
    members, numbers = groups(steps, np.zeros(100_000, dtype=np.int64), 3)
    assert len(members) == 100_000
    assert set(numbers.tolist()) == {1}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 8)), max_size=24), st.integers(1, 4))
def test_groups_are_the_connected_components_of_networkx(links: list[tuple[int, int]], fewest: int) -> None:
    graph = nx.Graph()
    graph.add_edges_from((("member", member), ("device", device)) for member, device in links)
    found = [
        sorted(number for kind, number in component if kind == "member") for component in nx.connected_components(graph)
    ]
    kept = sorted((each for each in found if len(each) >= fewest), key=lambda each: (-len(each), each[0]))
    assert of(links, fewest) == {member: place for place, each in enumerate(kept, start=1) for member in each}


MEMBERS = """
    id  registered_at        referred_by_id
    1   2024-01-01_08:00:00  -
    2   2024-01-02_08:00:00  1
    3   2024-01-05_08:00:00  -
    4   2024-01-06_08:00:00  3
    5   2024-01-07_08:00:00  -
    """


def test_a_ring_is_told_with_its_devices_addresses_and_days() -> None:
    seen = """
        id member_id device_hash address_hash first_seen_at        last_seen_at
        1  1         a           x            2024-05-01_08:00:00  2024-05-01_09:00:00
        2  2         a           y            2024-05-01_08:00:00  2024-05-01_09:00:00
        3  2         b           y            2024-05-01_08:00:00  2024-05-01_09:00:00
        4  3         b           -            2024-05-01_08:00:00  2024-05-01_09:00:00
        5  4         c           x            2024-05-01_08:00:00  2024-05-01_09:00:00
        6  5         b           x            2024-12-31_16:00:00  2024-12-31_17:00:00
        7  77        c           x            2024-05-01_08:00:00  2024-05-01_09:00:00
        """
    snapshot = rewarded(AS_OF, {"member": MEMBERS, "device_sighting": seen})
    # 4 shares device c with nobody whom the book holds; 5 was first seen on 1 January in Shanghai.
    assert asked(snapshot, "member_no, ring_no", "member_ring") == {1: 1, 2: 1, 3: 1}
    described = "ring_no, members, devices, addresses, referrals, first_registered_on, last_registered_on"
    assert asked(snapshot, described, "ring") == {1: (3, 2, 2, 1, date(2024, 1, 1), date(2024, 1, 5))}
