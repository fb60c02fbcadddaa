"""What a case asks of the snapshot, on the demo book, against plain Python over the same rows."""

import math
from statistics import pstdev

import pytest

from queries import book as books
from queries import case, case_devices, case_line, case_similar, read, snapshots
from queries.case import Applicant
from queries.case_similar import Similar
from rules import policy
from rules.case_similar import asked
from rules.filters import Definition, Horizon, opening, resolve
from tests.demo_snapshot import MONTH_END, demo_snapshot

POLICY = policy.load()[-1]
TRUTH = "SELECT member_id, referrer_no, member_no, level, root_no FROM member_journey"
OUTCOME = (
    "SELECT member_id, loan_no IS NOT NULL, observed_months >= 12, coalesce(default_month_90 <= 12, false), "
    "default_month_90 IS NOT NULL, suspected FROM member_outcome JOIN member_journey USING (member_no)"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = demo_snapshot(tmp_path_factory, 4_000, MONTH_END)
    snapshots.use(made.path.parent)
    yield made.snapshot_id
    read.forget()
    books.facts.cache_clear()


@pytest.fixture(scope="module")
def rows(built):
    """Runs plain SQL on the snapshot."""
    with snapshots.cursor(built) as cursor:
        yield lambda sql, *values: cursor.execute(sql, values).fetchall()


def test_the_line_upward_and_the_others_whom_it_brought(built, rows):
    member = {no: (key, above, level) for key, above, no, level, _root in rows(TRUTH)}
    number = {key: no for no, (key, *_rest) in member.items()}
    outcome = {number[key]: rest for key, *rest in rows(OUTCOME)}
    deep = sorted((no for no, (_key, _above, level) in member.items() if level >= 2), key=lambda no: no * 7919 % 104729)
    children = {}
    for no, (_key, above, _level) in member.items():
        children.setdefault(above, []).append(no)
    told = 0
    for no in deep[:12]:
        line, each = [], member[no][1]
        while each is not None:
            line.append(each)
            each = member[each][1]
        expected = []
        for steps, above in enumerate(line, start=1):
            others = [child for child in children[above] if child != no and child not in line]
            of = [outcome[child] for child in others]
            counts = (
                len(others),
                sum(o[0] for o in of),
                sum(bool(o[1]) for o in of),
                sum(bool(o[1]) and o[2] for o in of),
            )
            own = outcome[above]
            mine = int(own[0]), int(bool(own[1])), int(bool(own[1]) and own[2])
            expected.append((member[above][0], member[above][2], steps, *mine, *counts))
        found = read.read(case_line.upward(member[no][0], Definition.DPD90, Horizon.M12), built)
        assert [tuple(row) for row in found.itertuples(index=False)] == expected
        told += sum(row[-2] for row in expected)
    assert told > 0


def test_somebody_whom_nobody_referred_has_no_line(built, rows):
    ((root,),) = rows("SELECT member_id FROM member_journey WHERE referrer_no IS NULL LIMIT 1")
    for key in (root, "no member", "1' OR 1=1"):
        assert read.read(case_line.upward(key, Definition.DPD90, Horizon.FINAL), built).empty


def test_who_shares_devices_and_addresses(built, rows):
    sightings = rows("SELECT CAST(member_id AS VARCHAR), device_hash, address_hash FROM device_sighting")
    tree = {key: (no, above, root) for key, above, no, _level, root in rows(TRUTH)}
    outcome = {key: rest for key, *rest in rows(OUTCOME)}
    ring = rows("SELECT member_id FROM member_journey JOIN member_ring USING (member_no) ORDER BY 1 LIMIT 2")
    neighbours = [key for key, _device, address in sightings if address and (key,) not in ring]
    for key in [each for (each,) in ring] + neighbours[:3]:
        devices = {device for member, device, _ in sightings if member == key}
        addresses = {address for member, _, address in sightings if member == key and address}
        expected = {}
        for other, device, address in sightings:
            if other != key and (device in devices or address in addresses):
                both = expected.setdefault(other, (set(), set()))
                both[0].update({device} & devices)
                both[1].update({address} & addresses)
        no, above, root = tree[key]
        found = read.read(case_devices.shared(key, sorted(devices), sorted(addresses), Definition.DPD90), built)
        assert {row.member_id: (row.devices, row.addresses) for row in found.itertuples()} == {
            other: (len(both[0]), len(both[1])) for other, both in expected.items()
        }
        for row in found.itertuples():
            other_no, other_above, other_root = tree[row.member_id]
            assert (row.same_tree, row.referrer, row.referee) == (
                other_root == root,
                other_no == above,
                other_above == no,
            )
            assert (row.borrower, row.defaulted) == (outcome[row.member_id][0], outcome[row.member_id][3])
        assert list(found["devices"]) == sorted(found["devices"], reverse=True)


def test_the_ring_that_was_planted_is_seen(built, rows):
    ((key,),) = rows("SELECT member_id FROM member_journey JOIN member_ring USING (member_no) ORDER BY 1 LIMIT 1")
    devices = [device for (device,) in rows("SELECT device_hash FROM device_sighting WHERE member_id = ?", key)]
    found = read.read(case_devices.shared(key, devices, [], Definition.DPD90), built)
    assert len(found) >= 2
    assert found["same_tree"].all()


def plain_nearest(rows, like, product, most):
    """The nearest by plain Python: loan_no of each with its distance, and how many were compared."""
    sql = "SELECT loan_no, applied_fen, term_months, income_fen, declared_fen, score FROM loan_fact WHERE product = ?"
    known = {}
    for no, amount, term, income, debt, score in rows(sql, product):
        own = {"amount": amount and math.log(amount), "term": term, "income": income and math.log(income),
               "debt": debt / income if income and debt is not None else None, "score": score}  # fmt: skip
        if all(own[name] is not None for name in like.values):
            known[no] = own
    spread = {name: pstdev(each[name] for each in known.values()) for name in like.values}

    def distance(each):
        return math.sqrt(sum(((each[n] - v) / spread[n]) ** 2 for n, v in like.values.items()) / len(like.values))

    ordered = sorted((round(distance(each), 9), -no) for no, each in known.items())
    return [(-no, away) for away, no in ordered[:most]], len(known)


@pytest.mark.parametrize("lacking", [{}, {"score": None}, {"income_fen": None}])
def test_the_most_similar_granted_applications(built, rows, lacking):
    given = {"amount_fen": 4_000_000, "term_months": 12, "income_fen": 900_000, "declared_fen": 300_000, "score": 640.0}
    like = asked(**given | lacking)
    found = read.read(case_similar.nearest(Similar(like, "cash", 10, Definition.DPD90)), built)
    expected, compared = plain_nearest(rows, like, "cash", 10)
    numbers = dict(rows("SELECT loan_id, loan_no FROM loan_fact"))
    assert [numbers[each] for each in found["loan_id"]] == [no for no, _ in expected]
    assert list(found["distance"]) == pytest.approx([away for _, away in expected], abs=1e-6)
    assert set(found["compared"]) == {compared}


def test_an_application_is_nearest_to_itself(built, rows):
    sql = (
        "SELECT loan_id, applied_fen, term_months, income_fen, declared_fen, score FROM loan_fact "
        "WHERE product = 'cash' AND score IS NOT NULL ORDER BY hash(loan_no) LIMIT 1"
    )
    ((key, amount, term, income, debt, score),) = rows(sql)
    like = asked(amount_fen=amount, term_months=term, income_fen=income, declared_fen=debt, score=score)
    found = read.read(case_similar.nearest(Similar(like, "cash", 3, Definition.DPD90)), built)
    assert (found["loan_id"].iloc[0], found["distance"].iloc[0]) == (key, pytest.approx(0, abs=1e-9))
    assert read.read(case_similar.nearest(Similar(like, "no product", 3, Definition.DPD90)), built).empty


def test_what_funding_costs_by_plain_sums(built, rows):
    found = read.read(case.funding("cash"), built).iloc[0]
    sql = (
        "SELECT l.principal_fen, f.cost_rate, l.funder_share FROM loan l JOIN funder f ON f.id = l.funder_id "
        "JOIN product p ON p.id = l.product_id WHERE l.status = 'active' AND p.code = 'cash'"
    )
    running = rows(sql)
    cost = sum(fen * float(rate) * float(1 if share is None else share) for fen, rate, share in running)
    assert (found["loans"], found["principal_fen"]) == (len(running), sum(fen for fen, *_ in running))
    assert found["yearly_cost_fen"] == pytest.approx(cost, abs=1)
    assert 0.02 < found["yearly_cost_fen"] / found["principal_fen"] < 0.07


def test_what_a_case_asks_follows_from_what_is_known_of_it(built):
    book = books.facts(built)
    usual = opening(book, period=POLICY.display.opening_period, definition=POLICY.default.definition,
                    horizon=POLICY.default.horizon)  # fmt: skip
    rates = resolve(usual, book, POLICY.default.final_days_after_last_due)
    bare = case.asked(Applicant("1", False, "cash", (), ()), rates, book)
    assert set(bare) == {"place", "bands", "funding", "lost"}
    full = case.asked(Applicant("1", True, "cash", ("d",), ()), rates, book)
    assert set(full) == {*bare, "line", "shared"}
    frames = read.read_all(full, built)
    assert frames["place"]["member_no"].notna().all()
    assert frames["shared"].empty


def test_where_a_member_stands(built, rows):
    (key, level, tree, referrals), *_rest = rows(
        "SELECT member_id, level, tree_size, referrals FROM member_journey WHERE referrals > 2 LIMIT 1"
    )
    found = read.read(case.place(key, Definition.DPD90), built)
    assert list(found[["level", "tree_size", "referrals"]].iloc[0]) == [level, tree, referrals]
    assert read.read(case.place("nobody", Definition.DPD90), built).empty
