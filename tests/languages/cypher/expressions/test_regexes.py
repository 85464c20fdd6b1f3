"""Regular expressions in Java's syntax: what the documentation of java.util.regex.Pattern says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.cypher.expressions.regexes import compile_regex
from tests.languages.cypher.expressions.trees import operate

MATCHES = [
    # (regex, texts that match as a whole, texts that do not)
    ("Tim.*", ["Tim", "Timothy"], ["tim", "Big Tim", "Tim\nx"]),
    ("(?i)and.*", ["Andres", "AND"], ["xand"]),
    ("a|b", ["a", "b"], ["ab", "c"]),
    ("", [""], ["a"]),
    (".", ["a", "é", "\U0001f600"], ["", "\n", "\r", "\u2028", "\x85"]),
    ("(?s).", ["a", "\n", "\r"], [""]),
    ("(?d).", ["\r"], ["\n"]),
    (r"\d+", ["123"], ["\u0661"]),
    (r"\w+", ["a_1"], ["é"]),
    (r"(?U)\w+\d", ["é\u0661"], ["é"]),
    (r"\s\S", [" x", "\tx"], ["\xa0x"]),
    (r"\W\D", ["éx"], ["x1"]),
    (r"\h\v\R\R", ["\xa0\n\r\n\x85"], ["\n\n\n\n"]),
    (r"\Qa.b*\Ec+", ["a.b*cc"], ["axbc"]),
    (r"\Qa.b", ["a.b"], ["axb"]),
    (r"a\.b\\\-\ ", ["a.b\\- "], ["axb\\- "]),
    (r"\x41\u0042\x{1F600}\0101\t\cA", ["AB\U0001f600A\t\x01"], ["AB"]),
    (r"\N{LATIN SMALL LETTER E}", ["e"], ["x"]),
    (r"(?<first>a+)-\k<first>", ["aa-aa"], ["aa-a"]),
    (r"(a)(b)\2\1", ["abba"], ["abab"]),
    (r"(?i)ä", ["ä"], ["Ä"]),
    (r"(?iu)ä", ["ä", "Ä"], ["a"]),
    (r"a(?i)b|c", ["ab", "aB", "c", "C"], ["AB"]),
    (r"a(?i:b)c", ["aBc", "abc"], ["aBC"]),
    (r"(?i)a(?-i)b", ["Ab"], ["AB"]),
    (r"(?i)a(b(?-i)c|d)e", ["ABcE", "AdE"], ["ABCE", "ADE"]),
    ("(?x) a b # comment\n c", ["abc"], ["a b c"]),
    (r"(?m)a$\n^b", ["a\nb"], ["ab"]),
    (r"^abc$", ["abc"], ["abcd"]),
    (r"\Aabc\z", ["abc"], ["abc\n"]),
    (r"a{2}b{1,}c{0,2}", ["aab", "aabbcc"], ["ab", "aabccc"]),
    (r"a*+b", ["aab"], ["aac"]),
    (r"a++a", [], ["aaa"]),
    (r"a*?b??c+?", ["aabc", "ccc"], ["b"]),
    (r"(?>a|ab)c", ["ac"], ["abc"]),
    (r"(?=a)\w+", ["ab"], ["ba"]),
    (r"(?!a)\w+", ["ba"], ["ab"]),
    (r"a(?<=a)b(?<!a)", ["ab"], ["aa"]),
    (r"[a-c]", ["a", "c"], ["d", "-"]),
    (r"[^a-c]", ["d", "\n"], ["a"]),
    (r"[]a]", ["]", "a"], ["b"]),
    (r"[a\-z]", ["a", "-", "z"], ["b"]),
    (r"[a-]", ["a", "-"], ["b"]),
    (r"[\w.-]+", ["a.b-c"], ["a b"]),
    (r"[\W]", ["é", "-"], ["a"]),
    (r"[^\W]", ["a"], ["é"]),
    (r"[a-d[m-p]]", ["a", "p"], ["e", "["]),
    (r"[a-z&&[def]]", ["d"], ["a", "&"]),
    (r"[a-z&&[^bc]]", ["a", "d"], ["b", "c"]),
    (r"[^a-z&&[def]]", ["a", "A"], ["d"]),
    (r"[a-z&&[^m-p]&&[^xyz]]+", ["abc"], ["m", "x"]),
    (r"[\Q[]\E]", ["[", "]"], ["Q"]),
    (r"[&~|]", ["&", "~", "|"], ["a"]),
    (r"\p{Lu}\p{Ll}+", ["Éa", "Aß"], ["aa"]),
    (r"\pL+", ["aé漢"], ["1"]),
    (r"\P{L}", ["1"], ["a"]),
    (r"[\p{L}&&[^\p{Lu}]]", ["a"], ["A"]),
    (r"\p{Alpha}\p{Digit}\p{Punct}", ["a1!"], ["é1!"]),
    (r"\p{IsAlphabetic}\p{IsL}\p{gc=Nd}", ["éé1"], ["1éé"]),
    (r"\p{IsLatin}\p{IsGreek}\p{script=Han}", ["a\u03b1漢"], ["\u03b1a漢"]),
    (r"\p{javaLowerCase}\p{XDigit}", ["éF"], ["ÉF"]),
]  # fmt: skip


@pytest.mark.parametrize(("regex", "matching", "others"), MATCHES)
def test_matches(regex: str, matching: list[str], others: list[str]) -> None:
    pattern = compile_regex(regex)
    assert [text for text in matching if not pattern.fullmatch(text)] == []
    assert [text for text in others if pattern.fullmatch(text)] == []


@pytest.mark.parametrize(
    "regex",
    [
        *("(", ")", "a)", "[", "[a", "[z-a]", "*", "a**", "a{", "a{,2}", "a{2,1}", "(?y)a"),
        *("\\", "\\y", "\\p{Nonsense}", "\\p", "\\k", "\\k<x>", "(?<1>a)", "\\N{NO SUCH}"),
        *("\\X", "\\G", "\\p{InGreek}"),
        *("\\x{110000}", "(?<a>x)(?<a>y)", "(" * 200 + ")" * 200, "[" * 200),
    ],
)
def test_what_is_none_is_refused(regex: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        compile_regex(regex)
    assert caught.value.facts["detail"] == "InvalidArgumentValue"
    assert "Invalid Regex" in str(caught.value)


def test_look_behinds_have_one_length() -> None:
    with pytest.raises(Unsupported, match="Look-behinds"):
        compile_regex("(?<=a|bc)d")


def test_the_operator() -> None:
    assert operate("=~", "Andres", "And.*") is True
    assert operate("=~", "Andres", "And") is False
    assert [operate("=~", *pair) for pair in ((None, "a"), ("a", None), (1, "a"))] == [None] * 3
    with pytest.raises(FivefoldError) as caught:
        operate("=~", "a", 1)
    assert caught.value.facts["detail"] == "InvalidArgumentType"


@given(st.text(alphabet="ab.*+?[](){}|^$\\-&1xQEpdwui<>=!:, \n", max_size=12), st.text(max_size=4))
def test_whatever_is_written_is_a_pattern_or_refused(regex: str, text: str) -> None:
    try:
        pattern = compile_regex(regex)
    except FivefoldError:
        return
    assert isinstance(pattern, re.Pattern)
    pattern.fullmatch(text)


@given(st.text(max_size=10))
def test_a_quotation_matches_itself(text: str) -> None:
    if "\\E" not in text:
        assert compile_regex(f"\\Q{text}\\E").fullmatch(text)
