"""What PostgreSQL 15 says of its own catalogs, as the text files of ``languages/sql/system``.

``python -m tests.languages.sql.system.reference URL`` writes them from a server;
``test_relations.py`` holds them against one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

from fivefold.languages.sql.system import definitions
from fivefold.values.oids import NUMBERS

FOLDER = Path(definitions.__file__).parent

_COLUMNS = """
SELECT n.nspname, c.relname, c.oid::int8, c.relkind::text,
       array_agg(a.attname || ' ' || CASE b.typtype WHEN 'd' THEN format_type(b.typbasetype, b.typtypmod)
                 ELSE format_type(a.atttypid, a.atttypmod) END
                 || CASE WHEN a.attnotnull THEN '!' ELSE '' END ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type b ON b.oid = a.atttypid
WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')
GROUP BY 1, 2, 3, 4 ORDER BY n.nspname COLLATE "C" DESC, c.relname COLLATE "C"
"""  # noqa: E501
_PSEUDO = (
    "any anyarray anyelement anynonarray anycompatible anycompatiblearray anyenum"
    " cstring internal trigger"
)


def relations(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[str]:
    """Yield a line for each system relation: namespace, name, oid, kind, columns."""
    for namespace, name, oid, kind, columns in connection.execute(_COLUMNS):
        fixed = oid if isinstance(oid, int) and oid < 10_000 else 0
        assert isinstance(columns, list)
        yield f"{namespace} {name} {fixed} {kind}: {', '.join(columns)}"


_ROWS = {
    "pg_type": "oid IN {ours}",
    "pg_am": "true",
    "pg_language": "lanname <> 'plpgsql'",
    "pg_tablespace": "true",
    "pg_collation": "collname IN ('default', 'C', 'POSIX', 'ucs_basic')",
    "pg_cast": "castsource IN {ours} AND casttarget IN {ours}",
    "pg_opfamily": "oid IN (SELECT opcfamily FROM pg_opclass WHERE {opclasses})",
    "pg_opclass": "{opclasses}",
    "pg_authid": "oid <> 10",
    "pg_ts_config": "cfgname = 'simple'",
    "pg_description": "(classoid = 'pg_type'::regclass AND objoid IN {ours})"
    " OR classoid IN ('pg_am'::regclass, 'pg_collation'::regclass)"
    " AND objoid IN (SELECT oid FROM pg_am UNION SELECT oid FROM pg_collation WHERE oid < 1000)",
}
_OURS = """(SELECT oid FROM pg_type WHERE typname = ANY('{{{kinds}}}') OR typelem IN
(SELECT oid FROM pg_type WHERE typname = ANY('{{{kinds}}}')) AND typname ~ '^_')"""
_OPCLASSES = "opcmethod IN (403, 405) AND opcintype IN {ours}"
_FUNCTIONS = """SELECT 'pg_proc', oid::int8, proname FROM pg_proc WHERE oid IN (
SELECT unnest(array[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typsubscript]
    ::oid[]) FROM pg_type WHERE oid IN {ours}
UNION SELECT castfunc FROM pg_cast WHERE castsource IN {ours} AND casttarget IN {ours}
UNION SELECT amhandler FROM pg_am
UNION SELECT oid FROM pg_proc WHERE proname ~ '^enum_(in|out|recv|send)$') ORDER BY oid"""


def rows(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[str]:
    """Yield lines of rows that every database has: the relation's name, then the columns.

    Of pg_proc there are oids and names alone, of the functions that the others mention.
    """
    kinds = ",".join([*(f'"{kind.value}"' for kind in NUMBERS), *_PSEUDO.split()])
    ours = _OURS.format(kinds=kinds)
    opclasses = _OPCLASSES.format(ours=ours)
    for name, condition in _ROWS.items():
        columns = ", ".join(
            f"{column}::oid" if kind == "regproc" else str(column)
            for column, kind in connection.execute(
                "SELECT attname, format_type(atttypid, -1) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
                [name],
            )
        )
        where = condition.format(ours=ours, opclasses=opclasses)
        yield from copied(
            connection, f"SELECT '{name}', {columns} FROM {name} WHERE {where} ORDER BY 2, 3"
        )
    yield from copied(connection, _FUNCTIONS.format(ours=ours))


def copied(connection: psycopg.Connection[tuple[object, ...]], query: str) -> Iterator[str]:
    """Yield the lines of COPY."""
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as copy:  # type: ignore[arg-type]
        text = b"".join(bytes(part) for part in copy).decode()
    yield from text.splitlines()


def main() -> None:
    """Write both files from the server at the URL given."""
    with psycopg.connect(sys.argv[1]) as connection:
        (FOLDER / "relations.txt").write_text("\n".join(relations(connection)) + "\n")
        (FOLDER / "rows.txt").write_text("\n".join(rows(connection)) + "\n")


if __name__ == "__main__":
    main()
