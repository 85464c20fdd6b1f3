"""Pipelines as a whole: what is none, positions of stages (manual, "Aggregation Pipeline")."""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.pipeline import parse_pipeline
from tests.languages.mongo.stages.rig import Collections, aggregate, refused

REFUSED: list[tuple[list[Any], int, str | None]] = [
    ([1], 14, "Each element of the 'pipeline' array must be an object"),
    ([{}], 40323, "A pipeline stage specification object must contain exactly one field."),
    ([{"$limit": 1, "$skip": 1}], 40323, None),
    ([{"$foo": 1}], 40324, "Unrecognized pipeline stage name: '$foo'"),
    ([{"limit": 1}], 40324, "Unrecognized pipeline stage name: 'limit'"),
    ([{"$geoNear": {}}], 115, None),
    ([{"$search": {}}], 115, None),
    ([{"$vectorSearch": {}}], 115, None),
    ([{"$changeStream": {}}], 115, None),
    ([{"$out": "x"}, {"$limit": 1}], 40601, "$out can only be the final stage in the pipeline"),
    (
        [{"$merge": "x"}, {"$limit": 1}],
        40601,
        "$merge can only be the final stage in the pipeline",
    ),
    (
        [{"$limit": 1}, {"$indexStats": {}}],
        40602,
        "$indexStats is only valid as the first stage in a pipeline.",
    ),
    ([{"$limit": 1}, {"$documents": []}], 40602, None),
    (
        [{"$facet": {"a": [{"$out": "x"}]}}],
        40600,
        "$out is not allowed to be used within a $facet stage",
    ),
    ([{"$facet": {"a": [{"$facet": {"b": []}}]}}], 40600, None),
    ([{"$facet": {"a": [{"$indexStats": {}}]}}], 40600, None),
    (
        [{"$lookup": {"from": "x", "as": "y", "pipeline": [{"$merge": "z"}]}}],
        51047,
        "$merge is not allowed within a $lookup's sub-pipeline",
    ),
    (
        [{"$unionWith": {"coll": "x", "pipeline": [{"$out": "z"}]}}],
        31441,
        "$out is not allowed within a $unionWith's sub-pipeline",
    ),
    ([{"$limit": 1}] * 1001, 7749501, None),
]


@pytest.mark.parametrize(("pipeline", "number", "message"), REFUSED)
def test_what_is_no_pipeline(pipeline: list[Any], number: int, message: str | None) -> None:
    error = refused(*pipeline)
    assert error is not None
    assert error.number == number
    assert message is None or error.message == message


def test_an_update_knows_few_stages() -> None:
    parse_pipeline([{"$set": {"a": 1}}, {"$unset": "b"}], "shop", inside="update")
    with pytest.raises(FivefoldError, match=r"\$match is not allowed to be used within an update"):
        parse_pipeline([{"$match": {}}], "shop", inside="update")


def test_a_stage_is_not_run_until_its_documents_are_asked_for() -> None:
    context = Collections({"b": [{"_id": 1}]})
    assert aggregate([{"_id": 0}], {"$unionWith": "b"}, context=context) == [{"_id": 0}, {"_id": 1}]
    assert context.reads == 1
