"""The harness's arithmetic, and every side of the quick benchmarks answering the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import flights, run
from bench.harness import Benchmark, Missing, Result, Sample, Scale, Sides, Target, measure
from bench.run import BENCHMARKS, line, main, report
from bench.sides import attempt, checksum

AT_MOST_TWICE = Target("at most", 2)


def benchmark(sides: Sides, target: Target = AT_MOST_TWICE) -> Benchmark:
    @contextmanager
    def set_up(scale: Scale) -> Iterator[Sides]:
        yield sides

    return Benchmark("toy", "us", target, set_up)


def samples(*figures: float, checksum: str = "c") -> Callable[[], Sample]:
    rest = iter(figures)
    return lambda: Sample(next(rest), checksum)


def measured(sides: Sides, target: Target = AT_MOST_TWICE) -> Result:
    return measure(benchmark(sides, target), Scale(3, True))


def test_medians_and_the_median_of_ratios() -> None:
    result = measured(Sides(samples(3, 10, 90), samples(2, 4, 100)))
    assert (result.ours, result.peer, result.ratio) == (10, 4, 1.5)
    assert (result.verdict, result.checksum) == ("ok", "c")
    assert result.samples == {"ours": [3, 10, 90], "peer": [2, 4, 100]}


def test_sides_alternate_and_take_turns_to_begin() -> None:
    order = []

    def side(name: str) -> Callable[[], Sample]:
        def sample() -> Sample:
            order.append(name)
            return Sample(1, "")

        return sample

    measured(Sides(side("a"), side("b")))
    assert "".join(order) == "abbaab"


@pytest.mark.parametrize(
    ("target", "ours", "verdict"),
    [
        (Target("at most", 2), 4, "ok"),
        (Target("at most", 2), 4.1, "missed"),
        (Target("at least", 0.5), 1, "ok"),
        (Target("at least", 0.5), 0.9, "missed"),
        (Target("at most", 3, of="figure"), 3.5, "missed"),
    ],
)
def test_targets(target: Target, ours: float, verdict: str) -> None:
    assert measured(Sides(samples(*[ours] * 3), samples(2, 2, 2)), target).verdict == verdict


def test_different_answers_are_wrong() -> None:
    result = measured(Sides(samples(1, 1, 1), samples(1, 1, 1, checksum="d")))
    assert (result.verdict, result.notes) == ("WRONG", ("checksums differ: c, d",))


def test_a_missing_side_is_said() -> None:
    result = measured(Sides("not there yet", samples(1, 2, 3)))
    assert (result.ours, result.peer, result.ratio, result.verdict) == (None, 2, None, "-")
    assert line(result).endswith("\n    ours: not there yet")
    assert "absent" in line(result)


def test_a_broken_side_is_wrong_and_leaves_the_other() -> None:
    def broken() -> Sample:
        raise ValueError("no")

    result = measured(Sides(broken, samples(1, 2, 3)))
    assert (result.peer, result.verdict) == (2, "WRONG")
    assert result.notes == ("ours: broke: ValueError: no",)


def test_attempt() -> None:
    def missing() -> Callable[[], Sample]:
        raise Missing("why")

    def broken() -> Callable[[], Sample]:
        raise ValueError("no")

    assert attempt(missing) == "why"
    assert measured(Sides(attempt(broken), None)).verdict == "WRONG"


def test_checksum_sees_order_and_content() -> None:
    assert checksum([1, b"a"]) == checksum(["1", b"a"]) != checksum([b"a", 1])


def test_names_are_different_and_reports_are_json() -> None:
    assert len({each.name for each in BENCHMARKS}) == len(BENCHMARKS)
    result = measured(Sides(samples(1, 1, 1), None))
    assert json.loads(json.dumps(report([result], True)))["results"][0]["ours"] == 1


def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "nothing"])
    assert "embedded.redis.get" in capsys.readouterr().err


def test_status_says_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = benchmark(Sides(samples(1, 1, 1), samples(1, 1, 1, checksum="d")))
    monkeypatch.setattr(run, "BENCHMARKS", (wrong,))
    assert main(["--quick"]) == 1


def test_flights_are_whole() -> None:
    size = sum(len(chunk) for chunk in flights.chunks("flights", None))
    lines = b"".join(flights.chunks("flights", 10)).splitlines()
    assert size > 30_000_000
    assert len(lines) == 11
    assert lines[0].startswith(b"year,month,day,dep_time")


@pytest.mark.parametrize("name", ["embedded", "redis.get", "copy", "opening"])
def test_both_sides_answer_the_same(name: str, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    status = main(["--quick", "--only", name, "--json", str(file)])
    results = json.loads(file.read_text())["results"]
    assert status == 0, [(each["name"], each["notes"]) for each in results]
