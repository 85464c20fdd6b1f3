"""What to use instead of what PostgreSQL has and fivefold has not: the hints of its errors.

A message says ``… is not supported``; the words before that are looked for here, so that whoever
raises the error need not know. The first entry with a word in them is the hint.
"""

from __future__ import annotations

from fivefold.errors import Unsupported

_UNBUILT_TYPES_LISTED = """
timetz bit varbit money xml inet cidr macaddr macaddr8 point line lseg box path polygon circle
tsvector tsquery int4range int8range numrange tsrange tstzrange daterange int4multirange
int8multirange nummultirange tsmultirange tstzmultirange datemultirange jsonpath pg_lsn xid cid
tid regproc regprocedure regoper regoperator regnamespace regrole regconfig refcursor hstore
citext txid_snapshot pg_snapshot
"""
UNBUILT_TYPES = frozenset(_UNBUILT_TYPES_LISTED.split())
"""Types of PostgreSQL, and of its extensions that many use."""

_UNBUILT_FUNCTIONS_LISTED = """
json_populate_record jsonb_populate_record json_populate_recordset jsonb_populate_recordset
jsonb_path_query jsonb_path_exists jsonb_path_query_array jsonb_path_query_first jsonb_path_match
to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd
ts_headline setweight current_query array_sample array_shuffle xmlagg xmlcomment xpath
query_to_xml table_to_xml pg_notify lo_create lo_import lo_get lo_put lo_unlink
pg_export_snapshot date_add pg_get_keywords pg_size_bytes pg_locks host netmask masklen
similarity uuid_generate_v4 crypt gen_salt dblink
"""
_UNBUILT_FUNCTIONS = frozenset(_UNBUILT_FUNCTIONS_LISTED.split())
_UNBUILT_OPERATORS = {"@@": "text search", "@@@": "text search", "@?": "jsonpath"}

_IN_PROGRAM = "Do it in the program, in one transaction with what it belongs to."
_CHECKED = "Give the columns CHECK constraints."
_ONE_TABLE = "Make one table with an index on what would divide it."
_OWNER = "Use GRANT and REVOKE: who has ADMINISTER on something may do all with it."

STATEMENTS: dict[str, str] = {
    "merge": "Use INSERT … ON CONFLICT DO UPDATE, or UPDATE and then INSERT in one transaction.",
    "listen notify unlisten": "Ask again for rows that are newer than the last one seen.",
    "domain": _CHECKED,
    "composite base": "Use CREATE TYPE … AS ENUM, columns of a table, or jsonb.",
    "exclude": "Use UNIQUE, or look for what overlaps in the transaction that inserts.",
    "disable": "Insert rows in the order of their references, or make the keys DEFERRABLE.",
    "trigger constraint": _IN_PROGRAM,
    "function procedure routine aggregate language do call transform load": (
        "Write it in the program, or as a view if it only reads."
    ),
    "policy": "Make a view with the condition, WITH CHECK OPTION, and use that.",
    "row security": "Make a view with the condition, WITH CHECK OPTION, and use that.",
    "role user group owned privileges default": _OWNER,
    "security": "Use COMMENT ON.",
    "partition": _ONE_TABLE,
    "inherits inherit": "Make one table with a column that tells the kinds apart, or a view.",
    "foreign server import wrapper mapping": "Load the rows with COPY … FROM STDIN or INSERT.",
    "event": _IN_PROGRAM,
    "publication subscription": "Ask for rows that are newer than the last one seen.",
    "tablespace": "Leave it out: a database is one file.",
    "large": "Use a column of type bytea.",
    "prepared transaction": "Use BEGIN and COMMIT: one transaction spans all five models.",
    "operator": "Write the condition out, or make a view that does.",
    "cast conversion": "Convert with ::type, to_char, to_number or to_date.",
    "collation": "Texts compare as bytes; ORDER BY lower(name) to pass over case.",
    "rule": "Change rows through a view of one table, or do it in the program.",
    "statistics": "Leave it out: SQLite plans without them.",
    "text": "Use LIKE, ILIKE or a regular expression.",
    "access": "Leave it out: indexes are B-trees.",
    "system": "Give the setting to fivefold serve, or SET it in the session.",
    "database": "Use SET in the session, or open another file.",
    "reindex": "Leave it out, or DROP INDEX and CREATE INDEX.",
    "reassign": _OWNER,
    "current": "Name the row by its key.",
    "tablesample": "Use ORDER BY random() LIMIT n.",
    "search": "Carry an array of the path along in the query and ORDER BY it.",
    "cycle": "Carry an array of the path along in the query: WHERE NOT id = ANY (path).",
    "xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize": "Use jsonb.",
    "of": "Name the columns with their types.",
    "snapshot": "Read all in one transaction, which sees one snapshot.",
}
"""By words of a statement; several words of one key are each enough."""

TYPES: dict[str, str] = {
    "inet cidr macaddr macaddr8": "Use text with a CHECK constraint.",
    "money": "Use numeric(12,2).",
    "xml": "Use text, or jsonb.",
    "point line lseg box path polygon circle": (
        "Use columns of type double precision, one for each coordinate."
    ),
    "tsvector tsquery gtsvector": "Use text and LIKE, ILIKE or a regular expression.",
    "jsonpath": "Use ->, ->>, #>, @> and jsonb_array_elements.",
    "bit varbit": "Use bytea, or an integer with &, | and <<.",
    "timetz": "Use timestamp with time zone, or time and the zone's name as text.",
    "hstore": "Use jsonb.",
    "citext": "Index and compare lower(…).",
    "range multirange": "Use two columns: where it begins, and where it ends.",
}
"""By type; what ends in ``range`` is one."""

_FUNCTIONS: dict[str, str] = {
    "json_populate_record jsonb_populate_record": (
        "Use json_to_record or json_to_recordset with the columns and their types after AS."
    ),
    "uuid": "Use gen_random_uuid().",
    "crypt gen_salt": "Hash passwords in the program.",
    "host netmask masklen": TYPES["inet cidr macaddr macaddr8"],
    "ts to_ts plainto_ts phraseto_ts websearch_to_ts set tsvector": TYPES[
        "tsvector tsquery gtsvector"
    ],
    "jsonb_path": TYPES["jsonpath"],
    "xml xpath query_to_xml table_to_xml": TYPES["xml"],
    "lo": STATEMENTS["large"],
    "pg_notify": STATEMENTS["listen notify unlisten"],
    "dblink": STATEMENTS["foreign server import wrapper mapping"],
}
"""By how a function's name begins."""

_ELSE = "See PG-1 in docs/differences.md for what is not built."


def hint(what: str) -> str:
    """Return what to use instead of ``what``, which is not supported."""
    words = what.lower().replace("…", " ").split()
    if words[:1] == ["type"]:
        return _of_type(words[1])
    if words[:2] == ["the", "function"]:
        name = words[2]
        starts = ((one, text) for key, text in _FUNCTIONS.items() for one in key.split())
        return next((text for one, text in starts if name.startswith(one)), _ELSE)
    for key, text in STATEMENTS.items():
        if not set(words).isdisjoint(key.split()):
            return text
    return _ELSE


def refuse_type(name: str, at: int) -> None:
    """Raise Unsupported for a type that PostgreSQL has."""
    if name in UNBUILT_TYPES:
        raise _refusal(f"type {name}", at)


def refuse_function(name: str, at: int) -> None:
    """Raise Unsupported for a function that PostgreSQL has; a type's name may be one."""
    if name in UNBUILT_TYPES:
        raise _refusal(f"type {name}", at)
    if name in _UNBUILT_FUNCTIONS:
        raise _refusal(f"the function {name}", at)


def refuse_operator(symbol: str, at: int) -> None:
    """Raise Unsupported for an operator that PostgreSQL has."""
    what = _UNBUILT_OPERATORS.get(symbol)
    if what is not None:
        raise Unsupported(
            f"the operator {symbol} is not supported",
            hint=_of_type("jsonpath") if what == "jsonpath" else STATEMENTS["text"],
            position=at + 1,
        )


def _refusal(what: str, at: int) -> Unsupported:
    return Unsupported(f"{what} is not supported", hint=hint(what), position=at + 1)


def _of_type(name: str) -> str:
    for key, text in TYPES.items():
        if any(name == one or (name.endswith("range") and one == "range") for one in key.split()):
            return text
    return _ELSE
