"""What is kept, so that the same question is not answered again: values by key, and answers of pure functions."""

import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from hashlib import blake2b
from typing import Any, Generic, ParamSpec, TypeVar

import pandas as pd

_P = ParamSpec("_P")
_R = TypeVar("_R")
_V = TypeVar("_V")
_MEBI = 1024 * 1024


class Kept(Generic[_V]):
    """Values by key; past so many entries or bytes the longest unused are dropped."""

    def __init__(self, entries: int, size_bytes: int) -> None:
        self._entries, self._bytes = entries, size_bytes
        self._values: OrderedDict[Hashable, tuple[_V, int]] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> _V | None:
        """The value of a key, None where it is not kept."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: _V, size_bytes: int) -> None:
        """Keep a value of a size, unless it alone is larger than all that may be kept."""
        with self._lock:
            self._drop(key)
            if size_bytes > self._bytes:
                return
            self._values[key] = (value, size_bytes)
            self._used += size_bytes
            while self._used > self._bytes or len(self._values) > self._entries:
                self._drop(next(iter(self._values)))

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._values.clear()
            self._used = 0

    def _drop(self, key: Hashable) -> None:
        if key in self._values:
            self._used -= self._values.pop(key)[1]


def frame_bytes(frame: pd.DataFrame) -> int:
    """What a frame takes, its texts too."""
    return int(frame.memory_usage(index=False, deep=True).sum())


def _nothing() -> None:
    """On nothing else."""


class Answers:
    """The answers of pure functions by what they were asked.

    A frame is the asker's to change; any other answer is shared by all who ask, so nobody changes it. What is asked is
    told apart by its content, as pickle writes it: where that differs between equal values, they are worked out twice.
    """

    def __init__(self, entries: int, size_bytes: int = 64 * _MEBI) -> None:
        self._kept = Kept[tuple[Any]](entries, size_bytes)
        _all.append(self._kept)

    def of(self, function: Callable[_P, _R], beside: Callable[[], object] = _nothing) -> Callable[_P, _R]:
        """The function, which keeps its answers. `beside`: what else they depend on, such as a language."""
        name = f"{function.__module__}.{function.__qualname__}"

        @wraps(function)
        def answered(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            asked = pickle.dumps((name, beside(), args, kwargs), pickle.HIGHEST_PROTOCOL)
            key = blake2b(asked, digest_size=16).digest()
            found = self._kept.get(key)
            if found is not None:
                kept: _R = found[0]
                return _apart(kept)
            answer = function(*args, **kwargs)
            size = frame_bytes(answer) if isinstance(answer, pd.DataFrame) else len(asked)
            self._kept.put(key, (answer,), size)
            return _apart(answer)

        return answered


_all: list[Kept[tuple[Any]]] = []
_worked_out = Answers(entries=1_000)


def worked_out_once(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a pure function of small frames that takes long."""
    return _worked_out.of(function)


def forget() -> None:
    """Drop all answers, so that the next ones are worked out: for benchmarks and tests."""
    for each in _all:
        each.clear()


def _apart(answer: _R) -> _R:
    """A frame as another one of the same columns, which pandas copies where one of the two is changed."""
    return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer
