"""Regular expressions as PCRE2 10.42 finds them (pcre2pattern(3); manual, "$regex")."""

from __future__ import annotations

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.patterns import compile_pattern, options_text

# pattern, options, what it is looked for in, what is found (None for nothing)
FOUND: list[tuple[str, str, str, str | None]] = [
    ("a.c", "", "xabc", "abc"),
    ("a.c", "", "a\nc", None),
    ("a.c", "s", "a\nc", "a\nc"),
    ("^b", "", "a\nb", None),
    ("^b", "m", "a\nb", "b"),
    ("a$", "", "a\n", "a"),
    ("a$", "", "a\nb", None),
    ("a$", "m", "a\nb", "a"),
    ("^$", "m", "ab\n", None),
    ("^$", "m", "ab\n\n", ""),
    ("(?m)^$", "", "ab\n", None),
    ("a\\Z", "", "a\n", "a"),
    ("a\\z", "", "a\n", None),
    ("\\Aa", "m", "b\na", None),
    ("É", "i", "é", "é"),
    ("a b # c\nd", "x", "abd", "abd"),
    ("a[ #]b", "x", "a#b", "a#b"),
    ("a\\ b", "x", "a b", "a b"),
    ("\\d", "", "٣", None),
    ("(*UCP)\\d", "", "٣", "٣"),
    ("\\w+", "", "né", "n"),
    ("(*UCP)\\w+", "", "né", "né"),
    ("(*UTF8)a", "", "a", "a"),
    ("n\\b", "", "né", "n"),
    ("\\s", "", "\u3000", None),
    ("[\\d-]+", "", "1-2x", "1-2"),
    ("[^\\W]+", "", "é_a", "_a"),
    ("[\\D]", "", "1a", "a"),
    ("[\\S\\s]", "", "\n", "\n"),
    ("\\B", "", "", ""),
    ("[]a]+", "", "a]", "a]"),
    ("[^]a]", "", "]ab", "b"),
    ("[[a]+", "", "[a", "[a"),
    ("[a&&b]+", "", "b&&", "b&&"),
    ("[[:alpha:]]+", "", "1abé", "ab"),
    ("[[:^digit:]]+", "", "1ab", "ab"),
    ("[^[:digit:]]+", "", "1ab", "ab"),
    ("\\p{Lu}+", "", "aÀB", "ÀB"),
    ("\\pN", "", "a٣", "٣"),
    ("\\P{L}", "", "a1", "1"),
    ("[\\p{Lu}\\d]+", "", "aB1", "B1"),
    ("\\p{^L}", "", "a1", "1"),
    ("\\x{1F600}", "", "\U0001f600", "\U0001f600"),
    ("[\\x{61}-\\x{63}]+", "", "xabc", "abc"),
    ("\\o{141}", "", "a", "a"),
    ("\\cA", "", "\x01", "\x01"),
    ("\\e", "", "\x1b", "\x1b"),
    ("\\Qa.b\\E+", "", "a.bb", "a.bb"),
    ("\\Qa.b", "", "axb", None),
    ("[\\Qa-z]\\E]+", "", "m-]", "-]"),
    ("\\h\\H", "", "\u3000a", "\u3000a"),
    ("\\v", "", "a\u2028", "\u2028"),
    ("\\N+", "s", "a\nb", "a"),
    ("\\R", "", "a\r\n", "\r\n"),
    ("(?<n>a)\\k<n>", "", "aa", "aa"),
    ("(?'n'a)\\k{n}", "", "aa", "aa"),
    ("(?P<n>a)(?P=n)", "", "aa", "aa"),
    ("(a)\\g{1}\\g1\\1", "", "aaaa", "aaaa"),
    ("a(?i)b", "", "aB", "aB"),
    ("a(?i)b", "", "AB", None),
    ("(a(?i)b)c", "", "aBC", None),
    ("(?i)a|b", "", "B", "B"),
    ("x(?i)a|b", "", "B", "B"),
    ("(?i:a)b", "", "AB", None),
    ("(?i)a(?-i)b", "", "AB", None),
    ("(?x) a b", "", "ab", "ab"),
    ("(?#c)a", "", "a", "a"),
    ("a{,2}", "", "a{,2}", "a{,2}"),
    ("a{1,2}", "", "aaa", "aa"),
    ("{", "", "{", "{"),
    ("a++b", "", "aab", "aab"),
    ("(?>a+)a", "", "aaa", None),
    ("(?<=a)b(?=c)(?!d)", "", "abc", "b"),
    ("(a)?(?(1)b|c)", "", "ab", "ab"),
    ("", "", "x", ""),
]


@pytest.mark.parametrize(("pattern", "options", "text", "found"), FOUND)
def test_what_is_found(pattern: str, options: str, text: str, found: str | None) -> None:
    hit = compile_pattern(pattern, options).search(text)
    assert (hit and hit[0]) == found


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        *[("(", "missing"), (")", "unbalanced"), ("[", "missing terminating ]"), ("*", "nothing")],
        *[("a**", "multiple repeat"), ("[z-a]", "bad character range"), ("\\", "bad escape")],
        *[("(?R)", "recursion is not"), ("(?1)", "recursion is not"), ("(?&n)", "recursion is")],
        *[("(*COMMIT)", "verbs are not"), ("\\K", "\\K is not"), ("\\G", "\\G is not")],
        *[("\\p{Greek}", "unknown property"), ("\\u0061", "\\u is not"), ("\\y", "bad escape")],
        *[("[[:x:]]", "unknown POSIX class"), ("[[.a.]]", "POSIX collating elements")],
        *[("\\x{110000}", "character code point value"), ("(?#", "missing ) after")],
        ("a" * 40_000, "regular expression is too large"),
        ("(?<=a+)b", "look-behind requires fixed-width pattern"),
    ],
)
def test_what_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        compile_pattern(pattern)
    assert caught.value.number == 51091
    assert words in str(caught.value)


def test_options_have_an_order() -> None:
    assert options_text("xmsi") == "imsx"
    assert options_text("ii") == "i"
