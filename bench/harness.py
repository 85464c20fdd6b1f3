"""How a benchmark is measured: both sides in alternation, medians, a ratio, and a checksum.

The machines this runs on are noisy, so one figure says little. Each round measures our side and
the peer's next to each other; the ratio is the median of the rounds' ratios, which drift of the
machine hardly moves. Each sample carries a checksum of what its side answered: a side that did
less, or something else, is caught rather than praised.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal


class Missing(Exception):
    """One side cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement, in the benchmark's unit, and a checksum of what was answered."""

    figure: float
    checksum: str
    note: str = ""


Measure = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Sides:
    """What to measure. A string in place of a side says why it is missing; None: has no peer."""

    ours: Measure | str
    peer: Measure | str | None


@dataclass(frozen=True, slots=True)
class Scale:
    """How much to do. ``full`` is what the targets are meant for; ``--quick`` is a tenth."""

    rounds: int
    is_quick: bool

    def size(self, full: int) -> int:
        return max(1, full // 10) if self.is_quick else full


@dataclass(frozen=True, slots=True)
class Target:
    """What to reach: a bound of the ratio ours/peer, or of our figure where there is no peer."""

    bound: Literal["at most", "at least"]
    value: float
    of: Literal["ratio", "figure"] = "ratio"

    def is_met(self, figure: float) -> bool:
        return figure <= self.value if self.bound == "at most" else figure >= self.value

    def __str__(self) -> str:
        return f"{self.bound} {self.value:g}" + ("x" if self.of == "ratio" else "")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A line of the table. ``sides`` sets both up, yields them, and clears up afterwards."""

    name: str
    unit: str
    target: Target | None  # None: shown for what it is
    sides: Callable[[Scale], AbstractContextManager[Sides]]
    rounds: int = 5  # fewer where one round takes long, more where it takes no time


@dataclass(frozen=True, slots=True)
class Result:
    """A measured line; figures are medians, None where a side is missing."""

    benchmark: Benchmark
    ours: float | None = None
    peer: float | None = None
    ratio: float | None = None
    checksum: str = ""
    notes: tuple[str, ...] = ()
    is_sound: bool = True  # both sides answered the same, and no side broke
    samples: dict[str, list[float]] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if not self.is_sound:
            return "WRONG"
        target = self.benchmark.target
        if target is None:
            return ""
        figure = self.ratio if target.of == "ratio" else self.ours
        if figure is None:
            return "-"
        return "ok" if target.is_met(figure) else "missed"


def measure(benchmark: Benchmark, scale: Scale) -> Result:
    """Run the benchmark's rounds. A side that breaks is not asked again, and said to be WRONG."""
    with benchmark.sides(scale) as sides:
        measures = {"ours": sides.ours, "peer": sides.peer}
        is_sound = True
        notes = [f"{side}: {why}" for side, why in measures.items() if isinstance(why, str)]
        samples: dict[str, list[Sample]] = {"ours": [], "peer": []}
        for turn in range(scale.rounds):
            # Who goes first changes, so that neither always finds the caches warm.
            for side in ("ours", "peer") if turn % 2 == 0 else ("peer", "ours"):
                run = measures[side]
                if not callable(run):
                    continue
                try:
                    samples[side].append(run())
                except Missing as reason:
                    notes.append(f"{side}: {reason}")
                    measures[side] = None
                except Exception as error:  # any: one broken side must not hide the other lines
                    notes.append(f"{side}: broke: {type(error).__name__}: {error}")
                    measures[side] = None
                    is_sound = False
    return summarize(benchmark, samples["ours"], samples["peer"], notes, is_sound)


def summarize(
    benchmark: Benchmark,
    ours: list[Sample],
    peer: list[Sample],
    notes: list[str],
    is_sound: bool = True,
) -> Result:
    """Medians, the median of the rounds' ratios, and whether all checksums agree."""
    checksums = sorted({sample.checksum for sample in (*ours, *peer)})
    if len(checksums) > 1:
        notes = [*notes, f"checksums differ: {', '.join(checksums)}"]
    notes = [*notes, *dict.fromkeys(sample.note for sample in ours[-1:] if sample.note)]
    ratios = [a.figure / b.figure for a, b in zip(ours, peer, strict=False)]
    return Result(
        benchmark,
        _median([sample.figure for sample in ours]),
        _median([sample.figure for sample in peer]),
        _median(ratios),
        ", ".join(checksums),
        tuple(notes),
        is_sound and len(checksums) <= 1,
        {"ours": [s.figure for s in ours], "peer": [s.figure for s in peer]},
    )


def _median(figures: list[float]) -> float | None:
    return statistics.median(figures) if figures else None
