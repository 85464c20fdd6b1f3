"""Documents from and to BSON's bytes, by pymongo's ``bson``."""

from __future__ import annotations

from typing import Any

import bson
from bson import json_util
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.dbref import DBRef
from bson.errors import BSONError

from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

DOCUMENT_BYTES_MAX = 16 * 1024 * 1024
"""The largest document that MongoDB takes (manual, "MongoDB Limits and Thresholds")."""

OPTIONS: CodecOptions[Document] = CodecOptions(
    document_class=dict,
    tz_aware=False,
    uuid_representation=UuidRepresentation.UNSPECIFIED,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)

_decode = bson.decode
_encode = bson.encode


def decode(raw: bytes) -> Document:
    """Return the document that the bytes are. Raises fault 22 (InvalidBSON)."""
    try:
        document = _decode(raw, OPTIONS)
    except (BSONError, ValueError) as error:
        raise fault(22, f"invalid BSON: {error}") from None
    return _plain(document) if b"$ref\0" in raw else document


def encode(document: Document) -> bytes:
    """Return a document's bytes. Raises fault 22 for what BSON cannot hold."""
    try:
        return _encode(document, codec_options=OPTIONS)
    except (BSONError, ValueError, OverflowError, TypeError) as error:
        raise fault(22, f"cannot be stored: {error}") from None


def _plain(value: Any) -> Any:
    """Return a value in which references, which ``bson`` makes objects of, are documents again."""
    if isinstance(value, DBRef):
        return {name: _plain(each) for name, each in value.as_doc().items()}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


_EXTENDED = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=False)


def to_json(value: Any) -> str:
    """Return a value as canonical extended JSON, from which every type comes back."""
    return json_util.dumps(value, json_options=_EXTENDED)


def from_json(text: str) -> Any:
    """Return what ``to_json`` wrote; uuids are binaries."""
    return json_util.loads(text, json_options=_EXTENDED)
