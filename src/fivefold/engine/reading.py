"""What a session is in the middle of reading: its cursors, and streams of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fivefold.engine.session import Session
from fivefold.engine.streams import Stream
from fivefold.values.types import Row

if TYPE_CHECKING:
    from fivefold.engine.cursors import Cursor


class Reading:
    """The open cursors, by name, and the streams that may hold the store's snapshot."""

    def __init__(self, session: Session) -> None:
        self.cursors: dict[str, Cursor] = {}
        self.streams: list[Stream] = []
        self._session = session

    def open(self, rows: Iterator[Row]) -> Stream:
        """Return rows as a stream, which settles before the session writes."""
        stream = Stream(rows)
        self.streams.append(stream)
        self._session.settle = self._settle
        return stream

    def end(self, rows: Iterator[Row]) -> None:
        """Give up what is left of a stream's rows."""
        if isinstance(rows, Stream) and rows in self.streams:
            self.streams.remove(rows)
            rows.close()

    def close_streams(self) -> None:
        """Give up what is left of all streams, for their transaction ends."""
        self._session.settle = None
        streams, self.streams = self.streams, []
        for stream in streams:
            stream.close()

    def _settle(self) -> None:
        """Have what is being read not see what is about to be written."""
        self._session.settle = None
        for cursor in self.cursors.values():
            if not cursor.held:
                cursor.settle()
        if self._session.engine.store.gaps.streams_see_writes:
            for stream in self.streams:
                stream.settle()

    def close_cursor(self, name: str) -> None:
        """Close a cursor that there is."""
        cursor = self.cursors.pop(name)
        if cursor.stream in self.streams:
            self.streams.remove(cursor.stream)
        cursor.close()

    def close_cursors(self, depth: int = 0) -> None:
        """Close the cursors that were declared inside so many savepoints; 0 closes all."""
        for name, cursor in list(self.cursors.items()):
            if not depth or (cursor.depth >= depth and not cursor.held):
                self.close_cursor(name)

    def released(self, depth: int) -> None:
        """Take note that only so many savepoints are left."""
        for cursor in self.cursors.values():
            cursor.depth = min(cursor.depth, depth)

    def hold(self) -> None:
        """Read what cursors WITH HOLD will need after the transaction."""
        for cursor in self.cursors.values():
            if cursor.command.hold and not cursor.held:
                cursor.settle()

    def end_cursors(self, *, commit: bool) -> None:
        """Close the cursors of a transaction that ended, but for those it leaves behind."""
        for name, cursor in list(self.cursors.items()):
            if commit and cursor.command.hold:
                cursor.held = True
            elif not cursor.held:
                self.close_cursor(name)
