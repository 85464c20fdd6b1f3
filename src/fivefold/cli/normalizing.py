"""``fivefold normalize``: keys, normal forms, decompositions."""

from __future__ import annotations

import json

from fivefold.design.normalize import study, words


def show_study(
    attributes: str, functional: list[str], multivalued: list[str], is_json: bool
) -> None:
    """Print what follows from dependencies that were given by hand."""
    found = study.read(attributes, functional, multivalued)
    if is_json:
        print(json.dumps(study.as_json(found), ensure_ascii=False, indent=2))
        return
    for line in words.lines(found):
        print(line)
