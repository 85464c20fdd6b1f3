"""Accumulators that keep what they are given: $push, $addToSet, $mergeObjects."""

from __future__ import annotations

from typing import Any

from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.text import shown

from .base import STATE_BYTES, rough_size


class Push:
    """$push; what is missing leaves no trace (manual, "$push (aggregation)")."""

    __slots__ = ("bytes", "values")

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.bytes = STATE_BYTES

    def add(self, value: Any) -> None:
        if value is not MISSING:
            self.values.append(value)
            self.bytes += rough_size(value)

    def result(self) -> list[Any]:
        return list(self.values)

    def size(self) -> int:
        return self.bytes


class AddToSet:
    """$addToSet: each of equal values once, the first of them; MongoDB leaves their order open."""

    __slots__ = ("bytes", "values")

    def __init__(self) -> None:
        self.values: dict[Any, Any] = {}
        self.bytes = STATE_BYTES

    def add(self, value: Any) -> None:
        if value is MISSING:
            return
        key = hash_key(value)
        if key not in self.values:
            self.values[key] = value
            self.bytes += 2 * rough_size(value)

    def result(self) -> list[Any]:
        return list(self.values.values())

    def size(self) -> int:
        return self.bytes


class MergeObjects:
    """$mergeObjects: later fields win; null and missing are nothing."""

    __slots__ = ("merged",)

    def __init__(self) -> None:
        self.merged: Document = {}

    def add(self, value: Any) -> None:
        if value is None or value is MISSING:
            return
        if not isinstance(value, dict):
            text, kind = shown(value), NAMES[kind_of(value)]
            raise fault(
                40400, f"$mergeObjects requires object inputs, but input {text} is of type {kind}"
            )
        self.merged.update(value)

    def result(self) -> Document:
        return dict(self.merged)

    def size(self) -> int:
        return STATE_BYTES + rough_size(self.merged)
