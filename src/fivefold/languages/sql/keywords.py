"""Which words may stand where a name is expected.

Source: the PostgreSQL 15 manual, appendix C "SQL Key Words" (column "PostgreSQL": reserved, reserved
(can be function or type), non-reserved (cannot be function or type), requires AS).
"""

from __future__ import annotations

RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column
    constraint create current_catalog current_date current_role current_time current_timestamp
    current_user default deferrable desc distinct do else end except false fetch for foreign from
    grant group having in initially intersect into lateral leading limit localtime localtimestamp not
    null offset on only or order placing primary references returning select session_user some
    symmetric table then to trailing true union unique user using variadic when where window
    with""".split()
)
"""Never a name unless quoted (after AS any word is one)."""

JOINING = frozenset(
    """authorization binary collation concurrently cross current_schema freeze full ilike inner is
    isnull join left like natural notnull outer overlaps right similar tablesample verbose""".split()
)
"""Reserved, but may name a function or a type: never a column or a table."""

COLUMN_ONLY = frozenset(
    """between bigint bit boolean char character coalesce dec decimal exists extract float greatest
    grouping inout int integer interval least national nchar none normalize nullif numeric out overlay
    position precision real row setof smallint substring time timestamp treat trim values varchar
    xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable""".split()
)
"""May name a column or table, never a function or type of the user's."""

NOT_NAMES = RESERVED | JOINING
NOT_FUNCTIONS = RESERVED | COLUMN_ONLY

NEEDS_AS = frozenset(
    """array as char character create day except fetch filter for from grant group having hour
    intersect into isnull limit minute month notnull offset on order over overlaps precision returning
    second to union varying where window with within without year""".split()
)
"""A column alias only after AS."""
