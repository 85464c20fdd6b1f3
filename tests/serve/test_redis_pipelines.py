"""A pipeline of GETs is answered like as many single ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

import fivefold

KEYS = [b"a", b"absent", b"b", b"a", b"gone", *(b"n%d" % i for i in range(40)), b"hash"]


@pytest.mark.parametrize("protocol", [2, 3])
def test_gets_together_answer_like_gets_alone(tmp_path: Path, protocol: int) -> None:
    with fivefold.serving(tmp_path / "t.db", only=["redis"]) as server:
        client = redis.Redis.from_url(server.urls["redis"], protocol=protocol)
        client.mset({"a": "1", "b": "", **{f"n{i}": str(i) for i in range(0, 40, 3)}})
        client.set("gone", "1", pxat=1)
        alone = [client.get(key) for key in KEYS]
        pipeline = client.pipeline(transaction=False)
        for key in KEYS:
            pipeline.get(key)
        assert pipeline.execute() == alone
        assert alone[:5] == [b"1", None, b"", b"1", None]
        client.close()


def test_gets_of_an_empty_file(tmp_path: Path) -> None:
    with fivefold.serving(tmp_path / "t.db", only=["redis"]) as server:
        client = redis.Redis.from_url(server.urls["redis"])
        pipeline = client.pipeline(transaction=False)
        for key in KEYS:
            pipeline.get(key)
        assert pipeline.execute() == [None] * len(KEYS)
        client.close()
