"""Queries of Cypher as scripts run them, said over Bolt: to fivefold, or to a Neo4j that judges.

Every named session is a connection of its own. A statement is a query, of which the columns and
rows are shown, each a line; ``ORDER BY`` is the script's business. The tags:

- ``types``: each value with its type behind it
- ``summary``: what the server says at the end, without what is never twice the same
- ``notes``: the statuses that are no errors, and the notifications
- ``plan``: the plan's operators, indented

A statement that begins with a colon is one message of Bolt and its answers, with the fields behind
it as Python writes them: ``:RUN "RETURN 1", {}, {}``. Other statements that fail are
followed by a RESET, as drivers do it. ``:param {x: 1}`` gives parameters to queries that follow.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import fivefold
from fivefold.errors import FivefoldError
from fivefold.values.graph.text import literal
from tests.serve.raw_neo4j import FAILURE, IGNORED, RECORD, SUCCESS, Heard, Talk
from tests.tck.bolt import value

RUN, PULL, RESET = 0x10, 0x3F, 0x0F

MESSAGES = {
    "BEGIN": 0x11,
    "COMMIT": 0x12,
    "DISCARD": 0x2F,
    "LOGOFF": 0x6B,
    "LOGON": 0x6A,
    "PULL": PULL,
    "RESET": RESET,
    "ROLLBACK": 0x13,
    "ROUTE": 0x66,
    "RUN": RUN,
    "TELEMETRY": 0x54,
}
HEARD = {SUCCESS: "SUCCESS", RECORD: "RECORD", IGNORED: "IGNORED", FAILURE: "FAILURE"}

NEVER_THE_SAME = {
    *("bookmark", "connection_id", "server", "t_first", "t_last", "hints", "ttl"),
    *("Time", "Memory", "GlobalMemory", "PageCacheHits", "PageCacheMisses", "PageCacheHitRatio"),
}


class Refused(FivefoldError):
    """A query failed; the code is Neo4j's."""

    def __init__(self, failure: Mapping[str, Any]) -> None:
        code = failure.get("neo4j_code") or failure["code"]
        self.codes = (code,)
        super().__init__(failure["message"].rstrip(), code)
        self.failure = failure


class Client:
    """Connections to one server, by the names of a script's sessions."""

    def __init__(self, port: int, version: tuple[int, int] = (5, 8)) -> None:
        self._port = port
        self._version = version
        self._talks: dict[str, Talk] = {}
        self._parameters: dict[str, Any] = {}

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """Run one statement; see ``tests.scripting.Interpreter``."""
        if session_name not in self._talks:
            self._talks[session_name] = Talk(self._port, self._version)
        talk = self._talks[session_name]
        if statement.startswith(":param "):
            self._parameters = ast.literal_eval(statement.removeprefix(":param "))
            return "(given)"
        if statement.startswith(":"):
            return said(talk, statement[1:])
        head, rows, end = asked(talk, statement, self._parameters)
        return "\n".join(shown(head, rows, end, tags))

    def close(self) -> None:
        """Hang up."""
        for talk in self._talks.values():
            talk.close()
        self._talks.clear()


class NeoInterpreter(Client):
    """The interpreter of tests/scripts/neo4j: fivefold's server over a store."""

    def __init__(self, url: str) -> None:
        self._serving = fivefold.serving(url, only=["neo4j"], durability="off")
        self._serving.__enter__()
        super().__init__(self._serving.ports["neo4j"])

    def close(self) -> None:
        """Hang up, and end the server."""
        super().close()
        self._serving.__exit__(None, None, None)


class Judge(Client):
    """The same scripts over a real Neo4j, which is made empty."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        with Talk(port) as talk:
            asked(talk, "MATCH (n) DETACH DELETE n", {})
            for kind in ("CONSTRAINT", "INDEX"):
                which = "WHERE type <> 'LOOKUP'" if kind == "INDEX" else ""
                show = f"SHOW {kind}ES" if kind == "INDEX" else f"SHOW {kind}S"
                _, rows, _ = asked(talk, f"{show} YIELD name, type {which}", {})
                for name, _ in rows:
                    asked(talk, f"DROP {kind} `{name}`", {})


def asked(
    talk: Talk, query: str, parameters: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Sequence[Any]], dict[str, Any]]:
    """Run a query; return what RUN was answered, the rows, what PULL was answered."""
    talk.say(RUN, query, dict(parameters), {})
    talk.say(PULL, {"n": -1})
    tag, fields = talk.hear()
    heard = talk.hear_all()
    for last, (failure, *_) in ((tag, fields), heard[-1]) if tag != IGNORED else ():
        if last == FAILURE:
            assert talk.ask(RESET)[0] == SUCCESS
            raise Refused(failure)
    rows = [[value(each) for each in row[0]] for tag, row in heard if tag == RECORD]
    return fields[0], rows, heard[-1][1][0]


def shown(
    head: Mapping[str, Any],
    rows: Sequence[Sequence[Any]],
    end: Mapping[str, Any],
    tags: frozenset[str],
) -> list[str]:
    """What a script shows of a query that went well."""
    show = typed if "types" in tags else text
    lines = [" | ".join(head["fields"])] if head["fields"] else []
    lines += [" | ".join(map(show, row)) for row in rows]
    if "plan" in tags:
        lines += planned(end.get("plan") or end["profile"], "")
    if "summary" in tags:
        left = {"plan", "profile", "notifications", "statuses"}
        lines += [
            f"{key}: {text(kept(end[key]))}" for key in sorted(end.keys() - left - NEVER_THE_SAME)
        ]
    if "notes" in tags:
        lines += [
            text(kept(note)) for note in (*end.get("statuses", ()), *end.get("notifications", ()))
        ]
    return lines or ["(nothing)"]


def text(found: Any) -> str:
    return literal(found)


def typed(found: Any) -> str:
    return f"{literal(found)} {type(found).__name__}"


def planned(plan: Mapping[str, Any], indent: str) -> list[str]:
    """A plan's operators, the last one first."""
    rows = f" rows={plan['rows']}" if "rows" in plan else ""
    line = f"{indent}{plan['operatorType']} {text(sorted(plan.get('identifiers', ())))}{rows}"
    below = [each for child in plan.get("children", ()) for each in planned(child, indent + "  ")]
    return [line, *below]


def kept(found: Any) -> Any:
    """What is the same each time."""
    if isinstance(found, dict):
        return {key: kept(found[key]) for key in sorted(found) if key not in NEVER_THE_SAME}
    return [kept(each) for each in found] if isinstance(found, list) else value(found)


def said(talk: Talk, words: str) -> str:
    """Say one message of Bolt, and return what is answered."""
    name, _, fields = words.partition(" ")
    talk.say(MESSAGES[name], *(ast.literal_eval(f"({fields},)") if fields else ()))
    heard: list[Heard] = talk.hear_all()
    return "\n".join(
        f"{HEARD[tag]} {' '.join(text(kept(field)) for field in fields)}".rstrip()
        for tag, fields in heard
    )
