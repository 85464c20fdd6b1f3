"""``fivefold normalize``: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import call, run, words

ROOT = Path(__file__).parents[2]
EXAMPLE = ("--attributes", "a,b,c,d", "--fd", "a, b -> c", "--fd", "c -> d")


def test_the_contract(tmp_path: Path) -> None:
    ran = run(tmp_path, "normalize", *EXAMPLE, "--json")
    assert (ran.status, ran.errors) == (0, "")
    assert json.loads(ran.output) == {
        "candidate_keys": [["a", "b"]],
        "normal_form": "2NF",
        "violations": [
            {
                "dependency": "c -> d",
                "determinant": ["c"],
                "dependent": ["d"],
                "breaks": "3NF",
                "because": "d depends on c, which is not a key, and d is in no key",
            }
        ],
        "third_normal_form": [["a", "b", "c"], ["c", "d"]],
        "boyce_codd": [["a", "b", "c"], ["c", "d"]],
    }


def test_the_page_shows_what_comes_out(tmp_path: Path) -> None:
    page = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    shown = page[page.index("    Candidate key:") : page.index("| word |")]
    ran = call(
        tmp_path,
        *("normalize", "--attributes", "order,line,product,price"),
        *("--fd", "order, line -> product", "--fd", "product -> price"),
    )
    assert ran.output.split() == shown.split()


def test_in_words(tmp_path: Path) -> None:
    for arguments, told in (
        (
            ("city,street,zip", "--fd", "city,street->zip", "--fd", "zip->city"),
            "zip -> city: zip decides city, but is not a key. Tables in 3NF, which keep every "
            "dependency inside one table: (city, street, zip) key (city, street) Tables in BCNF, "
            "by splitting at what decides something and is no key: (city, zip) key (zip) (street, "
            "zip) key (street, zip) price: city, street -> zip is inside none of them; only a "
            "join would show a breach",
        ),
        (
            ("s,p,city", "--fd", "s -> city"),
            "city depends on s alone, which is only a part of the key (s, p).",
        ),
        (("a,b", "--fd", " -> b"), "b is the same in every row, whatever the key (a)."),
        (
            ("course,teacher,text", "--mvd", "course ->> teacher | text"),
            "each course has a list of teacher that has nothing to do with the rest of the row. "
            "course ->> text: each course has a list of text that has nothing to do with the rest "
            "of the row. Tables in 3NF, which keep every dependency inside one table: (course, "
            "teacher, text) key (course, teacher, text) They are in BCNF, too. Tables in 4NF, "
            "without independent lists in one table: (course, teacher) key (course, teacher) "
            "(course, text) key (course, text)",
        ),
        (
            (
                *("a,b,c,d,e,f,g,h", "--fd", "a->b", "--fd", "b->a", "--fd", "c->d"),
                *("--fd", "d->c", "--fd", "e->f", "--fd", "f->e", "--fd", "g->h", "--fd", "h->g"),
            ),
            "Candidate keys, 16:",
        ),
    ):
        ran = call(tmp_path, "normalize", "--attributes", *arguments)
        assert ran.status == 0
        assert told in words(ran.output), ran.output


def test_quoted_names_and_arrows(tmp_path: Path) -> None:
    ran = call(
        tmp_path, "normalize", "--attributes", 'a,"b, c" , d', "--fd", 'a → "b, c", d', "--json"
    )
    assert json.loads(ran.output)["candidate_keys"] == [["a"]]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--attributes", "a,b", "--fd", "a -> c"), 'there is no attribute "c"'),
        (("--attributes", "a,b,a"), 'attribute "a" is there twice'),
        (("--attributes", "a,,b"), "an attribute has no name"),
        (("--attributes", "a,b,"), "an attribute has no name"),
        (("--attributes", " "), "there are no attributes"),
        (("--attributes", 'a,"b'), "a quote is not closed"),
        (("--attributes", '"a"b'), "a comma is missing"),
        (("--attributes", "a,b", "--fd", "a, b"), "has 0"),
        (("--attributes", "a,b", "--fd", "a -> b -> a"), "has 2"),
        (("--attributes", "a,b", "--fd", "a ->"), "nothing stands right of the arrow"),
        (("--attributes", "a,b", "--fd", "a ->> b"), "Give it with --mvd"),
        (
            ("--attributes", ",".join("abcdefghijklm"), "--mvd", "a ->> b"),
            "with multivalued dependencies 12 attributes are the most",
        ),
    ],
)
def test_refused(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    ran = run(tmp_path, "normalize", *arguments)
    assert (ran.status, ran.output) == (1, "")
    assert told in ran.errors


def test_wrong_usage(tmp_path: Path) -> None:
    assert call(tmp_path, "normalize").status == 2
