"""A file page by page, below SQLite's own reading, for what is left of a damaged one.

SQLite gives up a table at its first page that makes no sense. Here each page is read by itself,
through SQLite's file so that an encrypted one is decrypted, and taken for what it says only if all
of it fits: its cells lie within it and on nothing else, and their bytes are all accounted for. A
page that was overwritten does not pass; a single byte that was changed inside a value of a file
that is not encrypted cannot be seen by anybody.

Source: sqlite.org/fileformat2.html, sections 1.3 (header), 1.5 (freelist), 1.6 (b-tree pages),
2.1 (records); sqlite.org/c3ref/c_fcntl_begin_atomic_write.html, SQLITE_FCNTL_FILE_POINTER.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import apsw

from fivefold.values.types import Stored

INNER_INDEX, INNER_TABLE, LEAF_INDEX, LEAF_TABLE = 2, 5, 10, 13
PAYLOAD_BYTES_MAX = 1 << 30
PAGE_BYTES = 4096  # of all files that fivefold makes; where the header cannot be read


class Damaged(Exception):
    """A page, or a record, is not what it should be."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a page: the page below it, the rowid, the record; None for what it has not."""

    child: int | None
    rowid: int | None
    payload: bytes | None
    wrong: str = ""  # why there is no payload where there should be one


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a tree; ``right`` is the last page below one that is not a leaf."""

    kind: int
    cells: tuple[Cell, ...]
    right: int | None


class _Methods(ctypes.Structure):
    """The beginning of SQLite's ``sqlite3_io_methods``."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("close", ctypes.c_void_p),
        (
            "read",
            ctypes.CFUNCTYPE(
                ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
            ),
        ),
    )


class Pages:
    """The pages of a file that a connection, which has the key, has open and nobody changes.

    Its log has been put into it.
    """

    def __init__(self, connection: apsw.Connection, file_bytes: int) -> None:
        self._file = ctypes.c_void_p()
        connection.file_control(
            "main", apsw.SQLITE_FCNTL_FILE_POINTER, ctypes.addressof(self._file)
        )
        pointer = ctypes.cast(self._file, ctypes.POINTER(ctypes.POINTER(_Methods)))
        self._methods = pointer.contents.contents
        self.page_bytes = PAGE_BYTES
        self.usable = PAGE_BYTES
        self.count = file_bytes // PAGE_BYTES
        header = self._header()
        if header is not None:
            size = int.from_bytes(header[16:18], "big")
            self.page_bytes = 65_536 if size == 1 else size
            self.usable = self.page_bytes - header[20]
            self.count = file_bytes // self.page_bytes
        self.header = header

    def _header(self) -> bytes | None:
        try:
            header = self.raw(1)[:100]
        except Damaged:
            return None
        size = int.from_bytes(header[16:18], "big")
        sound = header.startswith(b"SQLite format 3\0") and (size == 1 or size >= 512)
        return header if sound and size & size - 1 == 0 else None

    def raw(self, number: int) -> bytes:
        """Return a page's bytes, in the clear. Raises Damaged."""
        if not 1 <= number <= self.count:
            raise Damaged(f"there is no page {number}")
        buffer = ctypes.create_string_buffer(self.page_bytes)
        offset = (number - 1) * self.page_bytes
        code = self._methods.read(self._file, buffer, self.page_bytes, offset)
        if code:
            raise Damaged(f"page {number} cannot be read or decrypted (code {code})")
        return buffer.raw

    def free(self) -> set[int]:
        """Return the pages that hold nothing. Raises Damaged if that cannot be told."""
        if self.header is None:
            raise Damaged("the list of free pages begins in a page that is damaged")
        trunk, count = struct.unpack(">II", self.header[32:40])
        found: set[int] = set()
        while trunk:
            if trunk in found:
                raise Damaged("the list of free pages runs in a circle")
            found.add(trunk)
            raw = self.raw(trunk)
            trunk, leaves = struct.unpack(">II", raw[:8])
            if leaves > self.usable // 4 - 2:
                raise Damaged("the list of free pages is damaged")
            found.update(struct.unpack(f">{leaves}I", raw[8 : 8 + 4 * leaves]))
        if len(found) != count:
            raise Damaged("the list of free pages is not as long as it says")
        return found

    def page(self, number: int) -> Page:
        """Return a page of a tree. Raises Damaged unless all of it fits."""
        raw = self.raw(number)
        start = 100 if number == 1 else 0
        kind = raw[start]
        if kind not in (INNER_INDEX, INNER_TABLE, LEAF_INDEX, LEAF_TABLE):
            raise Damaged(f"page {number} is of no known kind")
        first_free, count, content = struct.unpack(">HHH", raw[start + 1 : start + 7])
        inner = kind in (INNER_INDEX, INNER_TABLE)
        pointers = start + (12 if inner else 8)
        end = pointers + 2 * count
        content = content or 65_536
        if end > content or content > self.usable:
            raise Damaged(f"the cells of page {number} lie outside of it")
        right = int.from_bytes(raw[start + 8 : start + 12], "big") if inner else None
        cells = []
        spans = self._free_blocks(raw, first_free, content, number)
        for at in struct.unpack(f">{count}H", raw[pointers:end]):
            if at < content or at >= self.usable:
                raise Damaged(f"a cell of page {number} lies outside of it")
            cell, length = self._cell(raw, at, kind)
            spans.append((at, at + max(length, 4)))
            cells.append(cell)
        self._all_accounted(spans, content, raw[start + 7], number)
        return Page(kind, tuple(cells), right)

    def _free_blocks(self, raw: bytes, at: int, content: int, number: int) -> list[tuple[int, int]]:
        spans = []
        while at:
            if at < content or at + 4 > self.usable:
                raise Damaged(f"the free space of page {number} makes no sense")
            following, size = struct.unpack(">HH", raw[at : at + 4])
            spans.append((at, at + size))
            if size < 4 or (following and following <= at):
                raise Damaged(f"the free space of page {number} makes no sense")
            at = following
        return spans

    def _all_accounted(
        self, spans: list[tuple[int, int]], content: int, fragments: int, number: int
    ) -> None:
        """Raise Damaged unless the spans lie side by side, with so many bytes between them."""
        at, between = content, 0
        for start, end in sorted(spans):
            if start < at:
                raise Damaged(f"cells of page {number} lie on each other")
            between += start - at
            at = end
        if at > self.usable or between + self.usable - at != fragments:
            raise Damaged(f"bytes of page {number} are not accounted for")

    def _cell(self, raw: bytes, at: int, kind: int) -> tuple[Cell, int]:
        """Return a cell and how many bytes of the page it takes."""
        start, child, rowid = at, None, None
        if kind in (INNER_INDEX, INNER_TABLE):
            child = int.from_bytes(raw[at : at + 4], "big")
            at += 4
        if kind == INNER_TABLE:
            rowid, at = varint(raw, at)
            return Cell(child, rowid, None), at - start
        size, at = varint(raw, at)
        if kind == LEAF_TABLE:
            rowid, at = varint(raw, at)
        if size > PAYLOAD_BYTES_MAX:
            raise Damaged("a cell is larger than any")
        local = self._local(size, kind)
        if at + local + (4 if local < size else 0) > self.usable:
            raise Damaged("a cell is longer than its page")
        payload = raw[at : at + local]
        if local == size:
            return Cell(child, rowid, payload), at + local - start
        overflow = int.from_bytes(raw[at + local : at + local + 4], "big")
        length = at + local + 4 - start
        try:
            rest = self._overflow(overflow, size - local)
        except Damaged as error:
            return Cell(child, rowid, None, str(error)), length
        return Cell(child, rowid, payload + rest, ""), length

    def _local(self, size: int, kind: int) -> int:
        """Return how many bytes of a payload lie in the page (fileformat2, 1.6, X, M and K)."""
        usable = self.usable
        most = usable - 35 if kind == LEAF_TABLE else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (usable - 12) * 32 // 255 - 23
        some = least + (size - least) % (usable - 4)
        return some if some <= most else least

    def overflow_pages(self, number: int, kind: int) -> Iterator[int]:
        """Yield the overflow pages of a page's cells, as far as they can be followed."""
        raw = self.raw(number)
        start = 100 if number == 1 else 0
        inner = kind in (INNER_INDEX, INNER_TABLE)
        if kind == INNER_TABLE:
            return
        count = int.from_bytes(raw[start + 3 : start + 5], "big")
        pointers = start + (12 if inner else 8)
        for at in struct.unpack(f">{count}H", raw[pointers : pointers + 2 * count]):
            at += 4 if inner else 0
            size, at = varint(raw, at)
            if kind == LEAF_TABLE:
                _, at = varint(raw, at)
            local = self._local(size, kind)
            left = size - local
            following = int.from_bytes(raw[at + local : at + local + 4], "big") if left else 0
            while left > 0 and following:
                yield following
                try:
                    following = int.from_bytes(self.raw(following)[:4], "big")
                except Damaged:
                    break
                left -= self.usable - 4

    def _overflow(self, number: int, size: int) -> bytes:
        pieces = []
        while size > 0:
            raw = self.raw(number)
            taken = min(size, self.usable - 4)
            pieces.append(raw[4 : 4 + taken])
            size -= taken
            number = int.from_bytes(raw[:4], "big")
        if number:
            raise Damaged("a value goes on after its end")
        return b"".join(pieces)


def varint(raw: bytes, at: int) -> tuple[int, int]:
    """Return (value, next offset) of one to nine bytes, big-endian, as a signed 64-bit integer."""
    value = 0
    for place in range(8):
        if at >= len(raw):
            raise Damaged("a number is cut off")
        byte = raw[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
        del place
    if at >= len(raw):
        raise Damaged("a number is cut off")
    value = value << 8 | raw[at]
    return (value - (1 << 64) if value >> 63 else value), at + 1


_WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)


def record(payload: bytes) -> tuple[Stored, ...]:
    """Return the values of a record; texts in UTF-8. Raises Damaged unless all of it fits."""
    header, at = varint(payload, 0)
    if not 1 <= header <= len(payload):
        raise Damaged("a record's header is longer than itself")
    kinds = []
    while at < header:
        kind, at = varint(payload, at)
        if kind < 0 or kind in (10, 11):
            raise Damaged("a record has a value of no known kind")
        kinds.append(kind)
    if at != header:
        raise Damaged("a record's header is cut off")
    values: list[Stored] = []
    for kind in kinds:
        width = _WIDTHS[kind] if kind < 10 else (kind - 12) // 2
        piece = payload[at : at + width]
        if len(piece) != width:
            raise Damaged("a record is cut off")
        at += width
        values.append(_value(kind, piece))
    if at != len(payload):
        raise Damaged("a record goes on after its end")
    return tuple(values)


def _value(kind: int, piece: bytes) -> Stored:
    if kind == 0:
        return None
    if kind == 7:
        found: float = struct.unpack(">d", piece)[0]
        return found
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(piece, "big", signed=True)
    if kind % 2 == 0:
        return piece
    try:
        return piece.decode()
    except UnicodeDecodeError:
        raise Damaged("a text is not in UTF-8") from None
