"""Every operator with the types of its operands, and what it becomes in a bound tree.

Source: the PostgreSQL 15 manual, chapter 9, and pg_operator. PostgreSQL's operators over two
different
types of one family (int4 + int8, date < timestamp) are left out: casting one operand, as the
others ask for it, chooses the same result.

In a bound tree an operator is a node of its own where both stores know it for these types
(comparison, arithmetic of
numbers, bits, concatenation of text, LIKE); any other is ``exp.Anonymous`` with PostgreSQL's own
name of the function
that carries the operator out (``->`` of jsonb and text is ``jsonb_object_field``), with
``meta["function"]`` None
and ``meta["operator"]`` the ``Operator``.
"""

from __future__ import annotations

from fivefold.languages.sql.signatures import Operator, operators

COMPARED = [
    "bool",
    "int2",
    "int4",
    "int8",
    "numeric",
    "float4",
    "float8",
    "text",
    "bpchar",
    "name",
    "bytea",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "jsonb",
    "oid",
    "char",
    "anyenum",
    "anyarray",
]
_COMPARISONS = {"=": "EQ", "<>": "NEQ", "<": "LT", "<=": "LTE", ">": "GT", ">=": "GTE"}
_INTEGERS = ("int2", "int4", "int8")
_ARITHMETIC = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div"}
_BITS = {"&": "BitwiseAnd", "|": "BitwiseOr", "#": "BitwiseXor"}

_OTHERS = """
numeric ^ numeric -> numeric Pow
float8 ^ float8 -> float8 Pow
numeric % numeric -> numeric Mod
. @ int2 -> int2 abs
. @ int4 -> int4 abs
. @ int8 -> int8 abs
. @ numeric -> numeric abs
. @ float4 -> float4 abs
. @ float8 -> float8 abs
. |/ float8 -> float8 dsqrt
. ||/ float8 -> float8 dcbrt
text || text -> text DPipe
text || anynonarray -> text DPipe
anynonarray || text -> text DPipe
bytea || bytea -> bytea byteacat
jsonb || jsonb -> jsonb jsonb_concat
anycompatiblearray || anycompatiblearray -> anycompatiblearray array_cat
anycompatiblearray || anycompatible -> anycompatiblearray array_append
anycompatible || anycompatiblearray -> anycompatiblearray array_prepend
text ~~ text -> bool Like
bpchar ~~ text -> bool Like
name ~~ text -> bool Like
text !~~ text -> bool NotLike
bpchar !~~ text -> bool NotLike
name !~~ text -> bool NotLike
text ~~* text -> bool ILike
bpchar ~~* text -> bool ILike
name ~~* text -> bool ILike
text !~~* text -> bool NotILike
bpchar !~~* text -> bool NotILike
name !~~* text -> bool NotILike
text ~ text -> bool textregexeq
text !~ text -> bool textregexne
text ~* text -> bool texticregexeq
text !~* text -> bool texticregexne
bpchar ~ text -> bool textregexeq
bpchar !~ text -> bool textregexne
bpchar ~* text -> bool texticregexeq
bpchar !~* text -> bool texticregexne
text ^@ text -> bool starts_with
date + int4 -> date date_pli
int4 + date -> date integer_pl_date
date - int4 -> date date_mii
date - date -> int4 date_mi
date + interval -> timestamp date_pl_interval
date - interval -> timestamp date_mi_interval
interval + date -> timestamp interval_pl_date
date + time -> timestamp datetime_pl
time + date -> timestamp timedate_pl
timestamp + interval -> timestamp timestamp_pl_interval
timestamp - interval -> timestamp timestamp_mi_interval
interval + timestamp -> timestamp interval_pl_timestamp
timestamp - timestamp -> interval timestamp_mi
timestamptz + interval -> timestamptz timestamptz_pl_interval
timestamptz - interval -> timestamptz timestamptz_mi_interval
interval + timestamptz -> timestamptz interval_pl_timestamptz
timestamptz - timestamptz -> interval timestamptz_mi
time + interval -> time time_pl_interval
time - interval -> time time_mi_interval
interval + time -> time interval_pl_time
time - time -> interval time_mi_time
interval + interval -> interval interval_pl
interval - interval -> interval interval_mi
interval * float8 -> interval interval_mul
float8 * interval -> interval mul_d_interval
interval / float8 -> interval interval_div
. - interval -> interval interval_um
json -> text -> json json_object_field
json -> int4 -> json json_array_element
json ->> text -> text json_object_field_text
json ->> int4 -> text json_array_element_text
json #> text[] -> json json_extract_path
json #>> text[] -> text json_extract_path_text
jsonb -> text -> jsonb jsonb_object_field
jsonb -> int4 -> jsonb jsonb_array_element
jsonb ->> text -> text jsonb_object_field_text
jsonb ->> int4 -> text jsonb_array_element_text
jsonb #> text[] -> jsonb jsonb_extract_path
jsonb #>> text[] -> text jsonb_extract_path_text
jsonb @> jsonb -> bool jsonb_contains
jsonb <@ jsonb -> bool jsonb_contained
jsonb ? text -> bool jsonb_exists
jsonb ?| text[] -> bool jsonb_exists_any
jsonb ?& text[] -> bool jsonb_exists_all
jsonb - text -> jsonb jsonb_delete
jsonb - int4 -> jsonb jsonb_delete
jsonb - text[] -> jsonb jsonb_delete
jsonb #- text[] -> jsonb jsonb_delete_path
anyarray @> anyarray -> bool arraycontains
anyarray <@ anyarray -> bool arraycontained
anyarray && anyarray -> bool arrayoverlap
"""


def _regular() -> str:
    lines = [
        f"{kind} {symbol} {kind} -> bool {node}"
        for symbol, node in _COMPARISONS.items()
        for kind in COMPARED
    ]
    for left, right in (("float4", "float8"), ("float8", "float4")):
        # These do change what is chosen: real + integer is double precision.
        signs = {**dict.fromkeys(_ARITHMETIC, "float8"), **dict.fromkeys(_COMPARISONS, "bool")}
        names = {**_ARITHMETIC, **_COMPARISONS}
        lines += [
            f"{left} {symbol} {right} -> {result} {names[symbol]}"
            for symbol, result in signs.items()
        ]
    for kind in (*_INTEGERS, "numeric", "float4", "float8"):
        lines += [
            f"{kind} {symbol} {kind} -> {kind} {node}" for symbol, node in _ARITHMETIC.items()
        ]
        lines += [f". - {kind} -> {kind} Neg", f". + {kind} -> {kind} Paren"]
    for kind in _INTEGERS:
        lines += [f"{kind} {symbol} {kind} -> {kind} {node}" for symbol, node in _BITS.items()]
        lines += [
            f"{kind} % {kind} -> {kind} Mod",
            f". ~ {kind} -> {kind} BitwiseNot",
            f"{kind} << int4 -> {kind} BitwiseLeftShift",
            f"{kind} >> int4 -> {kind} BitwiseRightShift",
        ]
    return "\n".join(lines)


OPERATORS: tuple[Operator, ...] = tuple(operators(_regular() + _OTHERS))

BY_SYMBOL: dict[str, tuple[Operator, ...]] = {}
for _operator in OPERATORS:
    BY_SYMBOL[_operator.symbol] = (*BY_SYMBOL.get(_operator.symbol, ()), _operator)
