"""What expressions are parsed into, written as one line."""

from __future__ import annotations

import math

import pytest

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import parse


def returned(text: str) -> tree.Expression:
    body = parse(f"RETURN {text}").body
    assert isinstance(body, tree.Query)
    (clause,) = body.clauses
    assert isinstance(clause, tree.Return)
    return clause.projection.items[0].expression


def line(one: object) -> str:
    """An expression with all its parentheses."""
    match one:
        case tree.Literal(value):
            return repr(value)
        case tree.Variable(name):
            return name
        case tree.Parameter(name):
            return f"${name}"
        case tree.Binary(op, left, right):
            return f"({line(left)} {op} {line(right)})"
        case tree.Unary(op, operand):
            return f"({op} {line(operand)})"
        case tree.IsNull(operand, negated):
            return f"({line(operand)} is {'not ' * negated}null)"
        case tree.IsTyped(operand, type, negated):
            return f"({line(operand)} is {'not ' * negated}:: {type})"
        case tree.Property(subject, key):
            return f"{line(subject)}.{key}"
        case tree.Index(subject, index):
            return f"{line(subject)}[{line(index)}]"
        case tree.Slice(subject, start, end):
            return f"{line(subject)}[{line(start)}..{line(end)}]"
        case tree.HasLabels(subject, labels):
            return f"{line(subject)}:{line(labels)}"
        case tree.Label(name):
            return name
        case tree.AnyLabel():
            return "%"
        case tree.LabelNot(operand):
            return f"!{line(operand)}"
        case tree.LabelAnd(operands):
            return f"({'&'.join(map(line, operands))})"
        case tree.LabelOr(operands):
            return f"({'|'.join(map(line, operands))})"
        case tree.ListLiteral(items):
            return f"[{', '.join(map(line, items))}]"
        case tree.MapLiteral(entries):
            return "{" + ", ".join(f"{key}: {line(value)}" for key, value in entries) + "}"
        case tree.Call(name, arguments, distinct):
            return f"{name}({'distinct ' * distinct}{', '.join(map(line, arguments))})"
        case tree.CountStar():
            return "count(*)"
        case tree.Case(subject, whens, otherwise):
            parts = [f" when {line(when)} then {line(then)}" for when, then in whens]
            return f"case {line(subject)}{''.join(parts)} else {line(otherwise)} end"
        case tree.ListComprehension(variable, source, where, body):
            return f"[{variable} in {line(source)} where {line(where)} | {line(body)}]"
        case tree.PatternComprehension(pattern, where, body):
            return f"[{line(pattern)} where {line(where)} | {line(body)}]"
        case tree.Quantifier(kind, variable, source, where):
            return f"{kind}({variable} in {line(source)} where {line(where)})"
        case tree.Reduce(accumulator, initial, variable, source, body):
            start = f"{accumulator} = {line(initial)}"
            return f"reduce({start}, {variable} in {line(source)} | {line(body)})"
        case tree.MapProjection(subject, items):
            shown = [f"{kind} {key} {line(value)}".strip() for kind, key, value in items]
            return f"{line(subject)} {{{'; '.join(shown)}}}"
        case tree.PatternPredicate(pattern):
            return f"exists({line(pattern)})"
        case tree.PatternPaths(pattern):
            return f"paths({line(pattern)})"
        case tree.Subquery(kind, query):
            return f"{kind} {{{len(query.clauses)}}}"
        case tree.PathPattern(elements, variable, shortest):
            name = f"{variable} = " if variable else ""
            kind = f"{shortest.value} " if shortest else ""
            return f"{name}{kind}{''.join(map(line, elements))}"
        case tree.NodePattern(variable, labels):
            return f"({variable or ''}{f':{line(labels)}' if labels else ''})"
        case tree.RelationshipPattern(variable, types, direction, length):
            star = f"*{length.least}..{length.most}" if length else ""
            return f"[{direction.value} {variable or ''}{f':{line(types)}' if types else ''}{star}]"
        case None:
            return ""
    raise AssertionError(one)


PRECEDENCE = [
    ("a OR b XOR c AND NOT d = e", "(a or (b xor (c and (not (d = e)))))"),
    ("a XOR b OR c", "((a xor b) or c)"),
    ("a OR b OR c", "((a or b) or c)"),
    ("NOT NOT a AND b", "((not (not a)) and b)"),
    ("NOT a IS NULL", "(not (a is null))"),
    ("a < b", "(a < b)"),
    ("a < b <= c", "((a < b) and (b <= c))"),
    ("a = b <> c", "((a = b) and (b <> c))"),
    ("a != b", "(a <> b)"),
    ("a = b IN c", "(a = (b in c))"),
    ("a + b IN c + d", "((a + b) in (c + d))"),
    ("a STARTS WITH b + c", "(a starts with (b + c))"),
    ("a ENDS WITH b CONTAINS c", "((a ends with b) contains c)"),
    ("a =~ b OR c", "((a =~ b) or c)"),
    ("a IS NOT NULL = b IS NULL", "((a is not null) = (b is null))"),
    ("a + b - c", "((a + b) - c)"),
    ("a - (b - c)", "(a - (b - c))"),
    ("a + b * c % d / e", "(a + (((b * c) % d) / e))"),
    ("a * b ^ c", "(a * (b ^ c))"),
    ("a ^ b ^ c", "((a ^ b) ^ c)"),
    ("-a ^ b", "((- a) ^ b)"),
    ("-2 ^ 2", "(-2 ^ 2)"),
    ("a ^ -b", "(a ^ (- b))"),
    ("- - a", "(- (- a))"),
    ("a--b", "(a - (- b))"),
    ("+a", "(+ a)"),
    ("-a.b[0]", "(- a.b[0])"),
    ("-1[0]", "(- 1[0])"),
    ("a < -1", "(a < -1)"),
    ("(a) <-1", "(a < -1)"),
    ("a.b.c[d].e", "a.b.c[d].e"),
    ("a[1..2]", "a[1..2]"),
    ("a[..2]", "a[..2]"),
    ("a[1..]", "a[1..]"),
    ("a[..]", "a[..]"),
    ("a[1..2][0]", "a[1..2][0]"),
    ("a:B", "a:B"),
    ("a.b:B:C", "a.b:(B&C)"),
    ("a:A|B&!C", "a:(A|(B&!C))"),
    ("a:!(A|B)&%", "a:(!(A|B)&%)"),
    ("a IS B", "a:B"),
    ("NOT a:B AND c", "((not a:B) and c)"),
    ("a IS :: INT", "(a is :: INTEGER)"),
    ("a IS NOT TYPED STRING NOT NULL", "(a is not :: STRING NOT NULL)"),
    ("a :: BOOL | LIST<ANY>", "(a is :: BOOLEAN | LIST<ANY>)"),
    ("a IS :: TIMESTAMP WITH TIME ZONE", "(a is :: ZONED DATETIME)"),
    ("a IS :: INT LIST NOT NULL", "(a is :: LIST<INTEGER> NOT NULL)"),
    ("a IS :: ANY<INT | FLOAT>", "(a is :: INTEGER | FLOAT)"),
    ("a IS NOT NFC NORMALIZED", "(not (a = normalize(a, 'NFC')))"),
    ("a IS NORMALIZED", "(a = normalize(a))"),
]
ATOMS = [
    ("null", "None"),
    ("TRUE AND false", "(True and False)"),
    ("0x1F + 0o17 + 0XfF", "((31 + 15) + 255)"),
    ("1_000 + 0x_FF_FF", "(1000 + 65535)"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("- 9223372036854775808", "-9223372036854775808"),
    ("-0x8000000000000000", "-9223372036854775808"),
    ("1.5e3 + .5 + 1E-2 + 1_0.2_5", "(((1500.0 + 0.5) + 0.01) + 10.25)"),
    ("-.1e-9", "-1e-10"),
    ("[1, 'a', []]", "[1, 'a', []]"),
    ("{a: 1, `b c`: {}, match: 2}", "{a: 1, b c: {}, match: 2}"),
    (r"'\'\\\t\n\r\b\f\u0041\U0001F600\d'", repr("'\\\t\n\r\b\fA😀\\d")),
    (r"'\uD83D\uDE00'", repr("😀")),
    ('"it\'s"', repr("it's")),
    ("'a' + \"b\"", "('a' + 'b')"),
    ("$a + $0 + $`b c` + $ünder", "((($a + $0) + $b c) + $ünder)"),
    ("`a b`.`c``d`", "a b.c`d"),
    ("größe + 数", "(größe + 数)"),
    ("count(*)", "count(*)"),
    ("count ( * )", "count(*)"),
    ("count(DISTINCT a)", "count(distinct a)"),
    ("count(distinct)", "count(distinct)"),
    ("a.b.c()", "a.b.c()"),
    ("Date.Truncate('day', x).year", "Date.Truncate('day', x).year"),
    ("CASE WHEN a THEN b END", "case  when a then b else  end"),
    ("CASE a WHEN 1, 2 THEN b ELSE c END", "case a when 1 then b when 2 then b else c end"),
    (
        "CASE a WHEN > 5 THEN b WHEN IS NULL, 3 THEN c END",
        "case  when (a > 5) then b when (a is null) then c when (a = 3) then c else  end",
    ),
    ("CASE -1 WHEN 1 THEN 2 END", "case -1 when 1 then 2 else  end"),
    ("[x IN xs WHERE x > 1 | x + 1]", "[x in xs where (x > 1) | (x + 1)]"),
    ("[x IN xs]", "[x in xs where  | ]"),
    ("[x IN xs | x]", "[x in xs where  | x]"),
    ("[x IN xs WHERE x:A|B | x:C]", "[x in xs where x:(A|B) | x:C]"),
    ("[x IN xs WHERE x:A | x.n]", "[x in xs where x:A | x.n]"),
    ("[1 IN xs]", "[(1 in xs)]"),
    ("[(a)-->(b) | b.n]", "[(a)[-> ](b) where  | b.n]"),
    ("[(a)-->(:A|B) WHERE b:A|B | b]", "[(a)[-> ](:(A|B)) where b:(A|B) | b]"),
    ("[p = (a)-[:T*]->() | p]", "[p = (a)[-> :T*None..None]() where  | p]"),
    ("[p = (1), (a) - [b]]", "[(p = 1), (a - [b])]"),
    ("all(x IN xs WHERE x)", "all(x in xs where x)"),
    ("NONE(x IN xs WHERE (x)-->())", "none(x in xs where exists((x)[-> ]()))"),
    ("any(a, b)", "any(a, b)"),
    ("reduce(a = 0, x IN xs | a + x)", "reduce(a = 0, x in xs | (a + x))"),
    ("n {.a, .*, b, c: d}", "n {property a; all; variable b; entry c d}"),
    ("n {}", "n {}"),
    ("exists((a)-->())", "exists((a)[-> ]())"),
    ("exists(a.b)", "exists(a.b)"),
    ("NOT (a)-->(b)", "(not exists((a)[-> ](b)))"),
    ("((a)<-[:T]-(b)) AND true", "(exists((a)[<- :T](b)) and True)"),
    ("(a)--(b) OR (a)<-->(b)", "(exists((a)[-- ](b)) or exists((a)[-- ](b)))"),
    ("(a)-[1, 2][0]", "(a - [1, 2][0])"),
    ("(a) - (b)", "(a - b)"),
    ("shortestPath((a)-[*..3]-(b))", "paths(shortestPath (a)[-- *None..3](b))"),
    ("EXISTS { (a)-->(b) }", "exists {1}"),
    ("EXISTS { MATCH (a) WITH a RETURN a }", "exists {3}"),
    ("COUNT { p = (a)-->(b) WHERE a.x }", "count {1}"),
    ("COLLECT { MATCH (a) RETURN a }", "collect {2}"),
    ("trim(BOTH 'x' FROM a)", "btrim(a, 'x')"),
    ("trim(LEADING FROM a)", "ltrim(a)"),
    ("trim('x' FROM a)", "btrim(a, 'x')"),
    ("trim(both)", "trim(both)"),
    ("normalize(a, NFKD)", "normalize(a, 'NFKD')"),
    ("a /* b */ + // c\n d", "(a + d)"),
    ("end + order + exists + count + all", "((((end + order) + exists) + count) + all)"),
    ("case", "case"),
]


@pytest.mark.parametrize(("text", "wanted"), [*PRECEDENCE, *ATOMS])
def test_expressions(text: str, wanted: str) -> None:
    assert line(returned(text)) == wanted


def test_words_for_numbers() -> None:
    assert returned("Infinity") == tree.Literal(math.inf, 7)
    assert returned("inf") == tree.Literal(math.inf, 7)
    value = returned("NaN")
    assert isinstance(value, tree.Literal)
    assert isinstance(value.value, float)
    assert math.isnan(value.value)


@pytest.mark.parametrize("op", ["AND", "OR", "XOR"])
def test_a_long_chain_is_no_deep_tree(op: str) -> None:
    found = returned(f" {op} ".join(f"a{n}" for n in range(1000)))
    names = line(found).replace("(", "").replace(")", "").split(f" {op.lower()} ")
    assert names == [f"a{n}" for n in range(1000)]

    def depth(one: tree.Expression) -> int:
        return 1 + max(depth(one.left), depth(one.right)) if isinstance(one, tree.Binary) else 0

    assert depth(found) <= 11


def test_where_things_begin() -> None:
    found = returned("a.b + 12 = $c")
    assert isinstance(found, tree.Binary)
    assert found.at == 16
    assert isinstance(found.left, tree.Binary)
    assert found.left.at == 11
    assert isinstance(found.left.left, tree.Property)
    assert found.left.left.at == 7
    assert isinstance(found.left.right, tree.Literal)
    assert found.left.right.at == 13
    assert isinstance(found.right, tree.Parameter)
    assert found.right.at == 18


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("count( * )", "count( * )"),
        (" a . b ", "a . b"),
        ("`a b`", "a b"),
        ("1 +  2 // two", "1 +  2"),
        ("'a' AS `b c`", "b c"),
    ],
)
def test_names_of_items(text: str, name: str) -> None:
    body = parse(f"RETURN {text}").body
    assert isinstance(body, tree.Query)
    assert isinstance(body.clauses[0], tree.Return)
    assert [item.name for item in body.clauses[0].projection.items] == [name]
