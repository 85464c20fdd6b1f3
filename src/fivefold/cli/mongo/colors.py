"""Colours for what replies.py writes: the words of a value by their kind."""

from __future__ import annotations

from rich.highlighter import RegexHighlighter
from rich.theme import Theme


class ValueHighlighter(RegexHighlighter):
    """Colours strings, numbers and the like as mongosh does."""

    base_style = "mongo."
    highlights = [  # noqa: RUF012 - rich asks for a list
        r"""(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)(?!:)"""
        r"""|(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\w+)(?=: )"""
        r"""|(?P<regex>/(?:[^/\\\n]|\\.)+/[a-z]*)"""
        r"""|\b(?P<null>null|undefined)\b|\b(?P<bool>true|false)\b"""
        r"""|(?P<number>-?\b(?:\d[\d.]*(?:e[+-]?\d+)?|Infinity|NaN)\b)"""
        r"""|(?P<type>\b[A-Z]\w*(?:\.\w+)?(?=\())"""
    ]


THEME = Theme(
    {
        "mongo.string": "green",
        "mongo.regex": "red",
        "mongo.null": "bold",
        "mongo.bool": "yellow",
        "mongo.number": "yellow",
        "mongo.type": "cyan",
    }
)
