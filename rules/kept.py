"""Answers of pure functions, kept: asked again with equal values, they are not worked out again."""

import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar

import pandas as pd

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _nothing() -> None:
    """On nothing else."""


class Answers:
    """The answers of pure functions by what they were asked; past so many the longest unused are dropped.

    A frame is the asker's to change; any other answer is shared by all who ask, so nobody changes it. What is asked is
    told apart by its content, as pickle writes it: where that differs between equal values, they are worked out twice.
    """

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._found: OrderedDict[bytes, Any] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, function: Callable[_P, _R], beside: Callable[[], object] = _nothing) -> Callable[_P, _R]:
        """The function, which keeps its answers. `beside`: what else they depend on, such as a language."""
        name = f"{function.__module__}.{function.__qualname__}"

        @wraps(function)
        def answered(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            asked = pickle.dumps((name, beside(), args, kwargs), pickle.HIGHEST_PROTOCOL)
            key = blake2b(asked, digest_size=16).digest()
            with self._lock:
                if key in self._found:
                    self._found.move_to_end(key)
                    kept: _R = self._found[key]
                    return _apart(kept)
            answer = function(*args, **kwargs)
            with self._lock:
                self._found[key] = answer
                if len(self._found) > self._entries:
                    self._found.popitem(last=False)
            return _apart(answer)

        return answered

    def forget(self) -> None:
        """Drop all."""
        with self._lock:
            self._found.clear()


_worked_out = Answers(entries=1_000)


def worked_out_once(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a pure function of small frames that takes long."""
    return _worked_out.of(function)


def _apart(answer: _R) -> _R:
    """A frame as another one of the same columns, which pandas copies where one of the two is changed."""
    return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer
