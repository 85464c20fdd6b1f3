"""The replies of COMMAND INFO and COMMAND DOCS, made of the facts.

A command of ours that Redis 7.0 lacks (CLIENT SETINFO) is described by what its entry says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fivefold.languages.redis.command import Command
from fivefold.languages.redis.metadata.facts import Facts, KeySpec, documents, facts
from fivefold.values.replies import Members, Reply

_NUMBERS = {
    "index": ("index",),
    "keyword": ("keyword", "startfrom"),
    "range": ("lastkey", "keystep", "limit"),
    "keynum": ("keynumidx", "firstkey", "keystep"),
    "unknown": (),
}
"""The fields of a part of a key specification, by its type."""


def facts_of(command: Command) -> Facts:
    """Return the facts of one of our commands."""
    known = facts().get(command.name)
    if known is not None:
        return known
    return Facts(
        command.name,
        command.arity,
        command.flags,
        *(command.first, command.last, command.step),
        ("fast" if "fast" in command.flags else "slow",),
        *((), ()),
    )


def information(command: Command) -> Reply:
    """Return what COMMAND INFO tells of a command."""
    known = facts_of(command)
    return [
        known.name.encode(),
        known.arity,
        words(known.flags),
        *(known.first, known.last, known.step),
        words(f"@{category}" for category in known.categories),
        Members([tip.encode() for tip in known.tips]),
        Members([_specification(spec) for spec in known.key_specs]),
        Members([information(each) for each in command.subcommands.values()]),
    ]


def words(each: Iterable[str]) -> Members:
    """Return flags as a set of simple strings."""
    return Members(list(each))


def _specification(spec: KeySpec) -> Reply:
    described: dict[Reply, Reply] = {b"notes": spec.notes.encode()} if spec.notes else {}
    described[b"flags"] = words(spec.flags)
    described[b"begin_search"] = _part(spec.begin)
    described[b"find_keys"] = _part(spec.find)
    return described


def _part(part: tuple[str, ...]) -> Reply:
    kind, *values = part
    fields: dict[Reply, Reply] = {}
    for name, value in zip(_NUMBERS[kind], values, strict=True):
        fields[name.encode()] = value.encode() if name == "keyword" else int(value)
    return {b"type": kind.encode(), b"spec": fields}


def document(command: Command) -> Reply:
    """Return what COMMAND DOCS tells of a command."""
    known = documents().get(command.name)
    if known is None:
        summary = (command.handler.__doc__ or "").partition("\n")[0].rstrip(".")
        return {b"summary": summary.encode()}
    described: dict[Reply, Reply] = {
        b"summary": known.summary.encode(),
        b"since": known.since.encode(),
        b"group": known.group.encode(),
    }
    if known.complexity:
        described[b"complexity"] = known.complexity.encode()
    described |= {name.encode(): _field(name, value) for name, value in known.more.items()}
    if command.subcommands:
        described[b"subcommands"] = {
            each.name.encode(): document(each) for each in command.subcommands.values()
        }
    return described


def _field(name: str, value: Any) -> Reply:
    match name:
        case "flags" | "doc_flags":
            return words(value)
        case "history":
            return Members([[version.encode(), what.encode()] for version, what in value])
        case "arguments":
            return [
                {field.encode(): _field(field, content) for field, content in argument.items()}
                for argument in value
            ]
    return value if isinstance(value, int) else str(value).encode()
