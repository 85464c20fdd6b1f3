"""The kit's notation of values, and how two of them are compared.

Source: the kit's README, "Format of the expected results". A value is compared in a *form* that can
be hashed: entities by what they contain, integers and floats apart, temporal values as their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any

from fivefold.values.graph.entities import Node, Path, Relationship

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<float>[+-]?(?:\d+\.\d*(?:[eE][+-]?\d+)?|\d*\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+))"
    r"|(?P<integer>[+-]?\d+)"
    r"|'(?P<string>(?:[^'\\]|\\.)*)'"
    r"|`(?P<quoted>[^`]*)`"
    r"|(?P<word>[^\W\d]\w*|-Inf\b)"
    r"|(?P<mark><-\[|\]->|-\[|\]-|.))",
    re.DOTALL,
)
_WORDS = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Inf": float("inf"),
    "-Inf": float("-inf"),
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def _unescape(text: str) -> str:
    def meant(found: re.Match[str]) -> str:
        return _ESCAPES.get(found[1], found[1])

    return re.sub(r"\\(.)", meant, text, flags=re.DOTALL)


class _Reader:
    """Reads one value. Entities get ids of their own, since the notation has none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.entities = 0

    def token(self) -> tuple[str, str]:
        found = _TOKEN.match(self.text, self.at)
        if found is None or found.lastgroup is None:
            return "end", ""
        return found.lastgroup, found[found.lastgroup]

    def take(self) -> tuple[str, str]:
        token = self.token()
        found = _TOKEN.match(self.text, self.at)
        self.at = len(self.text) if found is None else found.end()
        return token

    def accept(self, mark: str) -> bool:
        if self.token() != ("mark", mark):
            return False
        self.take()
        return True

    def expect(self, mark: str) -> None:
        if not self.accept(mark):
            raise ValueError(f"{mark!r} expected at {self.at} of {self.text!r}")

    def id(self) -> int:
        self.entities += 1
        return self.entities

    def value(self) -> Any:
        kind, text = self.token()
        if kind == "mark":
            readers: dict[str, Callable[[], Any]] = {
                "[": self.bracket,
                "{": self.map,
                "(": self.node,
                "<": self.path,
            }
            if text not in readers:
                raise ValueError(f"a value expected at {self.at} of {self.text!r}")
            return readers[text]()
        self.take()
        if kind == "integer":
            return int(text)
        if kind == "float":
            return float(text)
        if kind == "string":
            return _unescape(text)
        return _WORDS[text]

    def bracket(self) -> Any:
        """A list, or a relationship, whose bracket a colon follows."""
        self.expect("[")
        if self.token() == ("mark", ":"):
            relationship = self.relationship(0, 0)
            self.expect("]")
            return relationship
        items = []
        while not self.accept("]"):
            items.append(self.value())
            self.accept(",")
        return items

    def map(self) -> dict[str, Any]:
        self.expect("{")
        entries = {}
        while not self.accept("}"):
            _, key = self.take()
            self.expect(":")
            entries[key] = self.value()
            self.accept(",")
        return entries

    def properties(self) -> dict[str, Any]:
        return self.map() if self.token() == ("mark", "{") else {}

    def node(self) -> Node:
        self.expect("(")
        labels = []
        while self.accept(":"):
            labels.append(self.take()[1])
        properties = self.properties()
        self.expect(")")
        return Node(self.id(), labels, properties)

    def relationship(self, start: int, end: int) -> Relationship:
        self.expect(":")
        return Relationship(self.id(), self.take()[1], start, end, self.properties())

    def path(self) -> Path:
        self.expect("<")
        nodes = [self.node()]
        relationships = []
        while not self.accept(">"):
            backwards = self.accept("<-[")
            if not backwards:
                self.expect("-[")
            relationship = self.relationship(0, 0)
            self.expect("]-" if backwards else "]->")
            node = self.node()
            start, end = (node, nodes[-1]) if backwards else (nodes[-1], node)
            relationship.start_id, relationship.end_id = start.id, end.id
            nodes.append(node)
            relationships.append(relationship)
        return Path(nodes, relationships)


def parse(text: str) -> Any:
    """Return the value that the notation ``text`` stands for."""
    reader = _Reader(text)
    value = reader.value()
    if reader.token()[0] != "end":
        raise ValueError(f"more after a value at {reader.at} of {text!r}")
    return value


def form(value: Any, *, ordered: bool = True) -> Hashable:
    """Return what a value is compared by; without ``ordered``, lists are bags of their elements."""

    def of(value: Any) -> Hashable:
        return form(value, ordered=ordered)

    def map_of(entries: dict[str, Any]) -> Hashable:
        return frozenset((key, of(item)) for key, item in entries.items())

    if value is None or isinstance(value, bool | int):
        return type(value).__name__, value
    if isinstance(value, float):
        return "float", "NaN" if value != value else value
    if isinstance(value, list | tuple):
        forms = [of(item) for item in value]
        return "list", tuple(forms if ordered else sorted(forms, key=repr))
    if isinstance(value, dict):
        return "map", map_of(value)
    if isinstance(value, Node):
        return "node", frozenset(value.labels), map_of(value.properties)
    if isinstance(value, Relationship):
        return "relationship", value.type, map_of(value.properties)
    if isinstance(value, Path):
        steps = zip(value.nodes, value.relationships, strict=False)
        ways = tuple(step.start_id == node.id for node, step in steps)
        return "path", tuple(of(part) for part in value), ways
    return "str", str(value)
