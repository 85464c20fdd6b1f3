"""``db.collection`` and ``db.documents``: the document model with pymongo's methods."""

from fivefold.api.documents.collection import Collection
from fivefold.api.documents.cursor import Cursor, RawBatchCursor
from fivefold.api.documents.cursors import CommandCursor, RawBatchCommandCursor
from fivefold.api.documents.database import Documents

__all__ = [
    "Collection",
    "CommandCursor",
    "Cursor",
    "Documents",
    "RawBatchCommandCursor",
    "RawBatchCursor",
]
