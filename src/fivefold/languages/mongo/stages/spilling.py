"""Documents and states that a stage has no room for, in a temporary file.

What is measured is BSON; in memory a document takes several times as much. So a stage that may use
the disk begins to at a quarter of its limit, and one that may not fails at the whole of it.
"""

from __future__ import annotations

import heapq
import pickle
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from fivefold.values.documents.codec import decode, encode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

from .context import Context

MEASURED_OF = 8
"""One document of so many is measured; those between are taken to be like it."""
BEFORE_DISK = 4
"""The part of the limit that is used before the disk is."""
CHUNK_BYTES = 64 * 1024


class Meter:
    """Roughly how many bytes of documents a stage holds."""

    __slots__ = ("_count", "_last", "bytes", "bytes_max")

    def __init__(self, context: Context) -> None:
        limit = context.memory_bytes_max
        self.bytes_max = limit // BEFORE_DISK if context.allow_disk_use else limit
        self.bytes = self._count = self._last = 0

    def add(self, document: Document) -> bool:
        """Count a document; return whether there are too many."""
        if self._count % MEASURED_OF == 0:
            self._last = len(encode(document))
        self._count += 1
        self.bytes += self._last
        return self.bytes > self.bytes_max

    def clear(self) -> None:
        self.bytes = 0


def refuse(stage: str, context: Context) -> None:
    """Raise fault 292 unless the disk may be used."""
    if not context.allow_disk_use:
        raise fault(
            292,
            f"Exceeded memory limit for {stage}, but didn't allow external sort. "
            "Pass allowDiskUse:true to opt in."
            if stage == "$sort"
            else f"Exceeded memory limit for {stage}, but didn't allow external spilling; "
            "pass allowDiskUse:true to opt in",
        )


class Spool:
    """Documents in a temporary file, in memory until there are too many; read in order, any number
    of times.
    """

    def __init__(self, stage: str, context: Context) -> None:
        self._stage, self._context = stage, context
        self._meter = Meter(context)
        self._held: list[Document] = []
        self._runs: Runs | None = None
        self.count = 0

    def add(self, document: Document) -> None:
        self.count += 1
        self._held.append(document)
        if self._meter.add(document):
            refuse(self._stage, self._context)
            if self._runs is None:
                self._runs = Runs()
            self._runs.write(self._held)
            self._held = []
            self._meter.clear()

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Document]:
        if self._runs is not None:
            for at in range(len(self._runs)):
                yield from self._runs.read(at)
        yield from self._held


def _temporary_file(owner: object) -> IO[bytes]:
    """Return a file that is gone with its owner."""
    file = tempfile.TemporaryFile(prefix="fivefold-")  # noqa: SIM115
    weakref.finalize(owner, file.close)
    return file


class Runs:
    """Lists of documents in one temporary file: BSON after BSON, which says its own length."""

    def __init__(self) -> None:
        self._file = _temporary_file(self)
        self._spans: list[tuple[int, int]] = []
        self._end = 0

    def __len__(self) -> int:
        return len(self._spans)

    def write(self, documents: Iterable[Document]) -> None:
        begin = self._end
        self._file.seek(begin)
        for document in documents:
            self._end += self._file.write(encode(document))
        self._spans.append((begin, self._end))

    def read(self, run: int) -> Iterator[Document]:
        at, end = self._spans[run]
        pending = b""
        while at < end or pending:
            self._file.seek(at)
            chunk = self._file.read(min(CHUNK_BYTES, end - at))
            at += len(chunk)
            pending += chunk
            begin = 0
            while len(pending) - begin >= 4:
                size = int.from_bytes(pending[begin : begin + 4], "little")
                if len(pending) - begin < size:
                    break
                yield decode(pending[begin : begin + size])
                begin += size
            assert begin or at < end, "a run ends in the middle of a document"
            pending = pending[begin:]


class Partitions:
    """Objects of the stage's own in one of several temporary files by a number, in order."""

    COUNT = 16

    def __init__(self) -> None:
        self._files = [_temporary_file(self) for _ in range(self.COUNT)]

    def add(self, place: int, item: Any) -> None:
        pickle.dump(item, self._files[place % self.COUNT], pickle.HIGHEST_PROTOCOL)

    def each(self) -> Iterator[Iterator[Any]]:
        """Yield the items of every partition; each file is closed when it has been read."""
        for file in self._files:
            file.seek(0)
            yield _unpickled(file)
            file.close()


def _unpickled(file: IO[bytes]) -> Iterator[Any]:
    while True:
        try:
            yield pickle.load(file)
        except EOFError:
            return


def sorted_documents(
    documents: Iterable[Document],
    key: Callable[[Document], Any],
    context: Context,
    limit: int | None = None,
    stage: str = "$sort",
) -> Iterator[Document]:
    """Yield documents in the order of their keys, equal ones as they came; the first ``limit``.

    With a limit, no more than twice as many are held at a time: who is behind the last of those
    that are known to be better is passed over.
    """
    held: list[tuple[Any, int, Document]] = []
    meter = Meter(context)
    runs: Runs | None = None
    worst: Any = None
    for place, document in enumerate(documents):
        found = key(document)
        if worst is not None and not found < worst:
            continue
        held.append((found, place, document))
        if limit is not None and len(held) >= 2 * limit + 64:
            held.sort()
            del held[limit:]
            worst = held[-1][0]
            meter.bytes = meter.bytes * limit // (2 * limit + 64)
        if meter.add(document):
            refuse(stage, context)
            held.sort()
            if runs is None:
                runs = Runs()
            runs.write([document for _, _, document in held[:limit]])
            held.clear()
            meter.clear()
        if not place & 1023:
            context.check()
    held.sort()
    if runs is None:
        for _, _, document in held[:limit]:
            yield document
        return
    runs.write([document for _, _, document in held[:limit]])
    held.clear()
    merged = heapq.merge(*[runs.read(run) for run in range(len(runs))], key=key)
    for count, document in enumerate(merged):
        if count == limit:
            return
        yield document
