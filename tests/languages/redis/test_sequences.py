"""Random command sequences over every type, ours beside a redis-server's, byte for byte.

``FIVEFOLD_SEQUENCES`` sets how many are tried; parts of them go through a socket or share
transactions. A sequence that fails is made as short as it can be and printed as lines for
redis-cli.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import fivefold
from fivefold.api.database import Database
from fivefold.stores.contract import Durability
from tests.clock.driven import DrivenTime
from tests.conftest import empty_store, start_or_skip
from tests.languages.redis.rig import Rig
from tests.languages.redis.sequences.play import Differs, Play
from tests.languages.redis.sequences.shorten import shorten
from tests.languages.redis.sequences.sides import Embedded, Grouped, Side, Sockets
from tests.languages.redis.sequences.steps import Turn, sequences
from tests.languages.redis.sequences.words import START_MS
from tests.servers import Absent, redis_server

COUNT = int(os.environ.get("FIVEFOLD_SEQUENCES", "400"))
SHARE = 3
"""One sequence in so many goes through a socket, one runs in transactions with others."""


@dataclass
class Table:
    """Both sides, ready to play."""

    embedded: Side
    grouped: Side
    sockets: Side
    theirs: Side
    rigs: list[Rig]
    time: DrivenTime

    def tell(self, now_ms: int) -> None:
        """Set all clocks."""
        self.time.set(now_ms)
        for rig in self.rigs:
            rig.clock.ms = now_ms

    def play(self, ours: Side, turns: list[Turn]) -> None:
        """Play a sequence, with pipelines where there is a socket."""

        def differs(candidate: list[Turn]) -> Differs | None:
            try:
                Play(ours, self.theirs, self.tell, piped=ours is self.sockets).run(candidate)
            except Differs as difference:
                return difference
            return None

        if difference := differs(turns):
            shortest = shorten(turns, lambda candidate: differs(candidate) is not None)
            raise differs(shortest) or difference


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    folder: Path = tmp_path_factory.mktemp("sequences")
    try:
        time = DrivenTime(folder, START_MS)
    except Absent as absence:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{absence} is not here, and CI must have it", pytrace=False)
        pytest.skip(f"{absence} is not installed")
    server = start_or_skip
    peer = redis_server("--save", "", environment=time.environment)
    for running in server(peer):
        with (
            empty_store(str(folder / "alone.db")) as alone_url,
            empty_store(str(folder / "served.db")) as shared_url,
        ):
            together_url = str(folder / "together.db")  # groups are of a store with one writer
            alone, together, shared = rigs = [
                Rig(url, Durability.OFF) for url in (alone_url, together_url, shared_url)
            ]
            grouped = Grouped(together)
            with fivefold.serving(Database(shared.engine), only=["redis"]) as serving:
                ours, theirs = Sockets(serving.ports["redis"]), Sockets(running.port)
                yield Table(Embedded(alone), grouped, ours, theirs, rigs, time)
                ours.close()
                theirs.close()
            grouped.close()
            together.close()
            alone.close()
            shared.close()
    time.close()


def counted(examples: int) -> settings:
    """So many sequences, the same in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a seed does not shrink: shorten() does
        suppress_health_check=list(HealthCheck),
    )


@counted(COUNT - 2 * (COUNT // SHARE))
@given(turns=sequences())
def test_embedded(table: Table, turns: list[Turn]) -> None:
    table.play(table.embedded, turns)


@counted(COUNT // SHARE)
@given(turns=sequences())
def test_in_shared_transactions(table: Table, turns: list[Turn]) -> None:
    table.play(table.grouped, turns)


@counted(COUNT // SHARE)
@given(turns=sequences())
def test_over_a_socket(table: Table, turns: list[Turn]) -> None:
    table.play(table.sockets, turns)
