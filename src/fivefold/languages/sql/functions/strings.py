"""Functions of texts and bytes (the PostgreSQL 15 manual, 9.4, 9.5 and 9.7)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions

_IMMUTABLE = """
length(text|bpchar|bytea|bytea,name) -> int4
char_length(text|bpchar) -> int4
character_length(text|bpchar) -> int4
octet_length(text|bpchar|bytea) -> int4
bit_length(text|bytea) -> int4
lower(text) -> text
upper(text) -> text
initcap(text) -> text
substring(text,int4|text,int4,int4|text,text|text,text,text) -> text
substring(bytea,int4|bytea,int4,int4) -> bytea
substr(text,int4|text,int4,int4) -> text
substr(bytea,int4|bytea,int4,int4) -> bytea
left(text,int4) -> text
right(text,int4) -> text
position(text,text|bytea,bytea) -> int4
strpos(text,text) -> int4
overlay(text,text,int4|text,text,int4,int4) -> text
overlay(bytea,bytea,int4|bytea,bytea,int4,int4) -> bytea
btrim(text|text,text) -> text
btrim(bytea,bytea) -> bytea
ltrim(bytea,bytea) -> bytea
rtrim(bytea,bytea) -> bytea
ltrim(text|text,text) -> text
rtrim(text|text,text) -> text
lpad(text,int4|text,int4,text) -> text
rpad(text,int4|text,int4,text) -> text
repeat(text,int4) -> text
replace(text,text,text) -> text
reverse(text) -> text
split_part(text,text,int4) -> text
translate(text,text,text) -> text
starts_with(text,text) -> bool
ascii(text) -> int4
chr(int4) -> text
md5(text|bytea) -> text
sha224(bytea) -> bytea
sha256(bytea) -> bytea
sha384(bytea) -> bytea
sha512(bytea) -> bytea
encode(bytea,text) -> text
decode(text,text) -> bytea
convert_from(bytea,name) -> text
convert_to(text,name) -> bytea
convert(bytea,name,name) -> bytea
get_byte(bytea,int4) -> int4
set_byte(bytea,int4,int4) -> bytea
get_bit(bytea,int8) -> int4
set_bit(bytea,int8,int4) -> bytea
bit_count(bytea) -> int8
to_hex(int4|int8) -> text
quote_ident(text) -> text
quote_literal(text) -> text
quote_nullable(text) -> text
regexp_replace(text,text,text|text,text,text,text|text,text,text,int4) -> text
regexp_replace(text,text,text,int4,int4|text,text,text,int4,int4,text) -> text
regexp_match(text,text|text,text,text) -> text[]
regexp_split_to_array(text,text|text,text,text) -> text[]
regexp_count(text,text|text,text,int4|text,text,int4,text) -> int4
regexp_like(text,text|text,text,text) -> bool
regexp_substr(text,text|text,text,int4|text,text,int4,int4|text,text,int4,int4,text) -> text
regexp_substr(text,text,int4,int4,text,int4) -> text
regexp_instr(text,text|text,text,int4|text,text,int4,int4|text,text,int4,int4,int4) -> int4
regexp_instr(text,text,int4,int4,int4,text|text,text,int4,int4,int4,text,int4) -> int4
unistr(text) -> text
normalize(text|text,text) -> text
is_normalized(text|text,text) -> bool
parse_ident(text|text,bool) -> text[]
textcat(text,text) -> text
textlen(text) -> int4
text_larger(text,text) -> text
text_smaller(text,text) -> text
string_to_array(text,text|text,text,text) -> text[]
textregexeq(text,text) -> bool
textregexne(text,text) -> bool
texticregexeq(text,text) -> bool
texticregexne(text,text) -> bool
byteacat(bytea,bytea) -> bytea
"""
_STABLE = """
concat(variadic any) -> text
concat_ws(text,variadic any) -> text
format(text|text,variadic any) -> text
array_to_string(anyarray,text|anyarray,text,text) -> text
quote_literal(anyelement) -> text
quote_nullable(anyelement) -> text
"""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SCALAR, Volatility.IMMUTABLE, _IMMUTABLE),
    *functions(Form.SCALAR, Volatility.STABLE, _STABLE),
)
