"""Devices and addresses that members are seen on; the farmed ring shares a few."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loanbook.demo.columns import fixed_text, table
from loanbook.demo.draw import DAY, Ints, Streams, Window
from loanbook.demo.people import People

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_RING_DEVICES = 3
_SECOND_DEVICE = 0.15
_NO_ADDRESS = 0.03
_SAME_HOUSEHOLD = 0.04  # share the address of the member who registered just before


def sighting_table(streams: Streams, people: People, window: Window, first_id: int) -> pa.Table:
    """One row per member and device: mostly one device and address each, some a second device."""
    rng = streams("devices")
    members = len(people.registered)
    device, address = people.ids * 4, people.ids * 4 + 2
    shares = np.flatnonzero(rng.random(members) < _SAME_HOUSEHOLD)
    address[shares] = address[(shares - 1).clip(0)]
    if len(people.ring):
        device[people.ring] = device[people.ring[0]] + 4 * 2**40 * (1 + np.arange(len(people.ring)) % _RING_DEVICES)
        address[people.ring] = address[people.ring[0]]
    second = np.flatnonzero(rng.random(members) < _SECOND_DEVICE)
    second = second[~people.in_ring[second]]
    row = np.concatenate([np.arange(members), second])
    devices = np.concatenate([device, device[second] + 1])
    room = window.end - people.registered[row]
    late = np.where(np.arange(len(row)) < members, 0.0, rng.random(len(row)) * 0.6)
    first = people.registered[row] + (late * room).astype(np.int64)
    last = first + ((window.end - first) * rng.random(len(row)) ** 0.5).astype(np.int64)
    last = np.where(people.in_ring[row], np.minimum(first + 2 * DAY, window.end - 1), last)
    order = np.argsort(first, kind="stable")
    unseen = (rng.random(len(row)) < _NO_ADDRESS) & ~people.in_ring[row]
    hashes = _hashes(address[row][order], 2)
    return table("device_sighting", {
        "id": first_id + np.arange(len(row)), "member_id": people.first_id + row[order],
        "device_hash": _hashes(devices[order], 1), "address_hash": pc.if_else(pa.array(unseen[order]), None, hashes),
        "first_seen_at": first[order], "last_seen_at": last[order],
    })  # fmt: skip


def _hashes(numbers: Ints, kind: int) -> pa.Array:
    """Sixteen hexadecimal digits that tell nothing of the number (the mixing of splitmix64)."""
    mixed: npt.NDArray[np.uint64] = numbers.astype(np.uint64) * np.uint64(2) + np.uint64(kind)
    for factor, shift in ((0x9E3779B97F4A7C15, 30), (0xBF58476D1CE4E5B9, 27), (0x94D049BB133111EB, 31)):
        mixed = mixed * np.uint64(factor)
        mixed ^= mixed >> np.uint64(shift)
    return fixed_text(_HEX[(mixed[:, None] >> np.arange(60, -1, -4, dtype=np.uint64)) & np.uint64(15)])
