"""Statements as DuckDB gets them, each shape compiled once: only the values differ from one run to the next."""

import threading
from collections import OrderedDict
from typing import Any

from sqlalchemy import Select

from loanbook import constructs

_SHAPES = 500

_compiled: OrderedDict[Any, tuple[Any, str]] = OrderedDict()
_lock = threading.Lock()


def text_and_values(statement: Select[*tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """The statement's text and its values in the order of $1, $2, ...

    A statement with an IN list has another text for each length of it, so it is compiled anew.
    """
    shape = statement._generate_cache_key()
    if shape is None:
        return constructs.compiled(statement)
    with _lock:
        found = _compiled.get(shape.key)
    if found is None:
        compiled: Any = statement.compile(dialect=constructs.DUCKDB, cache_key=shape)
        found = compiled, str(compiled)
        with _lock:
            _compiled[shape.key] = found
            if len(_compiled) > _SHAPES:
                _compiled.popitem(last=False)
    compiled, text = found
    if compiled.post_compile_params:
        return constructs.compiled(statement)
    values = compiled.construct_params(extracted_parameters=shape.bindparams)
    return text, [values[name] for name in compiled.positiontup or ()]
