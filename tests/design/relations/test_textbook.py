"""The relations of textbook.txt get the answers that were published."""

from __future__ import annotations

from pathlib import Path

import pytest

from fivefold.design.normalize.study import as_json, read

Block = dict[str, str]


def blocks() -> list[Block]:
    page = (Path(__file__).parent / "textbook.txt").read_text(encoding="utf-8")
    found = []
    for text in page.split("\n\n")[1:]:
        title, *lines = text.strip().splitlines()
        found.append({"title": title, **dict(line.split(": ", 1) for line in lines)})
    return found


def sets(text: str) -> set[frozenset[str]]:
    return {frozenset(word.strip() for word in part.split(",")) for part in text.split("|")}


@pytest.mark.parametrize("block", [pytest.param(each, id=each["title"]) for each in blocks()])
def test_published_answers(block: Block) -> None:
    given = [each.strip() for each in block["given"].split(";")]
    told = as_json(
        read(
            block["relation"],
            [each for each in given if "->>" not in each],
            [each for each in given if "->>" in each],
        )
    )
    answers = {
        "keys": {frozenset(key) for key in told["candidate_keys"]},
        "third": {frozenset(table) for table in told["third_normal_form"]},
        "bcnf": {frozenset(table) for table in told["boyce_codd"]},
        "fourth": {frozenset(table) for table in told.get("fourth_normal_form", ())},
    }
    assert told["normal_form"] == block["form"]
    for name in answers.keys() & block.keys():
        assert answers[name] == sets(block[name]), name


def test_there_are_many() -> None:
    assert len(blocks()) >= 55
    assert sum("bcnf" in each for each in blocks()) >= 25
