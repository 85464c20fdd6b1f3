"""LIKE, ILIKE and SIMILAR TO."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.render.casts import padded
from fivefold.stores.sqlite.render.writer import Handler, Loose, Writer, bare, string
from fivefold.values.types import Kind

GLOB_BYTES_MAX = 50_000  # SQLITE_MAX_LIKE_PATTERN_LENGTH


def glob_of(pattern: str, escape: str = "\\") -> tuple[str, bool] | None:
    """Return the GLOB pattern that matches what a LIKE pattern does, and if it has wildcards.

    None for a pattern that ends in its escape character, which is an error for some texts.
    """
    parts, wild, at = [], False, 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == escape:
            if at == len(pattern):
                return None
            parts.append(_plain(pattern[at]))
            at += 1
        elif character in "%_":
            parts.append("*" if character == "%" else "?")
            wild = True
        else:
            parts.append(_plain(character))
    return "".join(parts), wild


def _plain(character: str) -> str:
    return f"[{character}]" if character in "*?[" else character


def like(w: Writer, node: exp.Expr, escape: exp.Expr | None = None) -> str:
    """Write LIKE: GLOB where the pattern is a constant, since that runs in C and uses indexes."""
    if type_of(node.this).kind is Kind.BPCHAR:
        return _call(w, "ff_like", node, escape)
    pattern = bare(node.expression)
    if isinstance(pattern, exp.Literal) and (escape is None or isinstance(escape, exp.Literal)):
        sign = "\\" if escape is None else str(escape.this)
        found = glob_of(str(pattern.this), sign) if len(sign) < 2 else None
        if found is not None and len(found[0].encode()) <= GLOB_BYTES_MAX:
            text, wild = found
            if wild:
                return Loose(f"{w.closed(node.this)} GLOB {string(text)}")
            return Loose(f"{w.closed(node.this)} = {string(_unglobbed(text))}")
    return _call(w, "ff_like", node, escape)


def _unglobbed(text: str) -> str:
    for character in "*?[":
        text = text.replace(f"[{character}]", character)
    return text


def _call(w: Writer, name: str, node: exp.Expr, escape: exp.Expr | None) -> str:
    rest = [node.expression] + ([] if escape is None else [escape])
    return f"{name}({', '.join([padded(w, node.this), *map(w.sql, rest)])})"


def ilike(w: Writer, node: exp.Expr, escape: exp.Expr | None = None) -> str:
    """Write ILIKE."""
    return _call(w, "ff_ilike", node, escape)


def similar(w: Writer, node: exp.Expr, escape: exp.Expr | None = None) -> str:
    """Write SIMILAR TO."""
    return _call(w, "ff_similar", node, escape)


def escaped(w: Writer, node: exp.Expr) -> str:
    """Write a pattern match with ESCAPE."""
    return MATCHES[type(node.this)](w, node.this, bare(node.expression))


MATCHES = {exp.Like: like, exp.ILike: ilike, exp.SimilarTo: similar}


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Like: like,
    exp.ILike: ilike,
    exp.SimilarTo: similar,
    exp.Escape: escaped,
}
