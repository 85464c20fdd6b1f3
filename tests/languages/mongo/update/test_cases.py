"""Every case of ``cases.py``: the result, its bytes, and that the given document stays as it is."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import bson
import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.update.compile import Update, compile_update

from .cases import CASES, NOW, SAME

ALL = [
    pytest.param(*case[:3], case[3] if len(case) > 3 else {}, id=f"{topic.lower()}-{number}")
    for topic, table in CASES.items()
    for number, case in enumerate(table)
]


def compiled(update: Any, options: dict[str, Any]) -> Update:
    return compile_update(update, options.get("filters", ()))


def applied(document: Any, update: Any, options: dict[str, Any]) -> Any:
    return compiled(update, options).apply(
        document,
        position=options.get("position"),
        now=NOW,
        is_insert=options.get("insert", False),
    )


@pytest.mark.parametrize(("document", "update", "expected", "options"), ALL)
def test_case(document: Any, update: Any, expected: Any, options: dict[str, Any]) -> None:
    before = deepcopy(document)
    if isinstance(expected, tuple):
        number, message = expected
        with pytest.raises(FivefoldError) as caught:
            applied(document, update, options)
        assert caught.value.number == number, caught.value.message
        assert caught.value.message.startswith(message), caught.value.message
    else:
        result = applied(document, update, options)
        if expected is SAME:
            assert result is document
        else:
            assert result is not document
            assert bson.encode(result) == bson.encode(expected), result
    assert bson.encode(document) == bson.encode(before)
