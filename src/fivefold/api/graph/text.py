"""Values as people read them: Cypher's literals, as cypher-shell prints them."""

from __future__ import annotations

from typing import Any

from fivefold.api.graph.entities import Entity, Node, Path, Relationship
from fivefold.values.graph.text import float_text, name_text, temporal_text

_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


def as_text(value: Any) -> str:
    """Return the text of a record's value: ``(:Person {name: "Ann"})``, ``NULL``, ``2026-01-31``.

    A path is ``(:A)-[:T]->(:B)``; texts are in double quotes, temporal values in none.
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            return float_text(value)
        case str():
            return f'"{value.translate(_ESCAPES)}"'
        case bytes():
            return as_text([*value])
        case list():
            return f"[{', '.join(map(as_text, value))}]"
        case dict():
            return _map(value)
        case Node():
            labels = "".join(f":{name_text(label)}" for label in sorted(value.labels))
            return f"({_with_properties(labels, value)})"
        case Relationship():
            return f"[{_with_properties(f':{name_text(value.type)}', value)}]"
        case Path():
            return _path(value)
    return temporal_text(value)


def _map(value: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{name_text(key)}: {as_text(one)}" for key, one in value.items()) + "}"


def _with_properties(name: str, entity: Entity) -> str:
    return " ".join(filter(None, (name, _map(dict(entity.items())) if len(entity) else "")))


def _path(path: Path) -> str:
    text = as_text(path.nodes[0])
    for start, one, node in zip(path.nodes, path.relationships, path.nodes[1:], strict=False):
        before, after = ("-", "->") if one.start_node == start else ("<-", "-")
        text += before + as_text(one) + after + as_text(node)
    return text
