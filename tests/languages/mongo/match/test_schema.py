"""``$jsonSchema``: every case of ``cases/schema.py``."""

from __future__ import annotations

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match import matcher, parse_filter
from fivefold.languages.mongo.match.schema import explain_schema
from fivefold.values.documents.codec import encode
from fivefold.values.documents.kinds import Document
from tests.languages.mongo.cases.schema import BAD, DETAILS, VALID


@pytest.mark.parametrize(("schema", "valid", "invalid"), VALID, ids=[str(v[0]) for v in VALID])
def test_what_is_valid(schema: Document, valid: list[Document], invalid: list[Document]) -> None:
    match = matcher(parse_filter({"$jsonSchema": schema}))
    assert [each for each in valid if not match(each)] == []
    assert [each for each in invalid if match(each)] == []
    for each in invalid:
        assert encode(explain_schema(schema, each))


@pytest.mark.parametrize(
    ("schema", "document", "details"), DETAILS, ids=[str(d[0]) for d in DETAILS]
)
def test_why_not(schema: Document, document: Document, details: Document) -> None:
    explained = explain_schema(schema, document)
    assert encode(explained) == encode(details), explained


@pytest.mark.parametrize(("schema", "number", "words"), BAD, ids=[str(b[0]) for b in BAD])
def test_what_is_no_schema(schema: Document, number: int, words: str) -> None:
    for nested in (schema, {"properties": {"a": schema}}, {"allOf": [schema]}):
        with pytest.raises(FivefoldError) as caught:
            parse_filter({"$jsonSchema": nested})
        assert caught.value.number == number
        assert str(caught.value).startswith(words)
