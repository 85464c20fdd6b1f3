"""Where SQL statements end, and where the next begins."""

from __future__ import annotations

import pytest

from fivefold.cli.sql.statements import split


@pytest.mark.parametrize(
    ("text", "done", "rest"),
    [
        ("", [], None),
        (" \n-- nothing\n /* at /* all */ */ ;;", [], None),
        ("SELECT 1", [], "SELECT 1"),
        ("SELECT 1; SELECT\n2;", ["SELECT 1", "SELECT\n2"], None),
        ("SELECT ';'';' ; x", ["SELECT ';'';'"], "x"),
        ('SELECT "a;""b" ;', ['SELECT "a;""b"'], None),
        (r"SELECT E'it\'s;' ; ", [r"SELECT E'it\'s;'"], None),
        (r"SELECT '\'; SELECT 2;", [r"SELECT '\'", "SELECT 2"], None),
        ("SELECT $$;$$, $a$;$$;$a$;", ["SELECT $$;$$, $a$;$$;$a$"], None),
        ("SELECT $1; SELECT a$b$c;", ["SELECT $1", "SELECT a$b$c"], None),
        ("SELECT 1 -- ;\n;", ["SELECT 1 -- ;"], None),
        ("SELECT /* ; /* ; */ ; */ 1;", ["SELECT /* ; /* ; */ ; */ 1"], None),
        ("SELECT 'open;", [], "SELECT 'open;"),
        ('SELECT "open;', [], 'SELECT "open;'),
        ("SELECT $x$ open;", [], "SELECT $x$ open;"),
        ("/* open ;", [], "/* open ;"),
    ],
)
def test_split(text: str, done: list[str], rest: str | None) -> None:
    statements, last = split(text)
    assert [each.text for each in statements] == done
    assert (last and last.text) == rest


def test_lines_are_those_of_the_first_word() -> None:
    statements, last = split("-- a\nSELECT 1;\n\n  SELECT\n2; SELECT 3;\nx")
    assert [each.line for each in statements] == [1, 4, 5]
    assert last is not None
    assert last.line == 6
