"""What collections and databases are set to: codec options, preferences and concerns.

There is one member, which answers when a write has the durability that the database was opened
with. So concerns and preferences are accepted where they mean the same, and refused elsewhere.
"""

from __future__ import annotations

from typing import Any

from bson.codec_options import DEFAULT_CODEC_OPTIONS, CodecOptions
from pymongo.errors import ConfigurationError
from pymongo.read_concern import DEFAULT_READ_CONCERN, ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import DEFAULT_WRITE_CONCERN, WriteConcern

from fivefold.api.documents.door import Codec, Door


class Options:
    """Codec options, read preference, write and read concern, and where commands go."""

    __slots__ = ("_codec", "_door", "_preference", "_read", "_write")

    def __init__(
        self,
        door: Door,
        codec_options: Codec | None,
        read_preference: Any,
        write_concern: WriteConcern | None,
        read_concern: ReadConcern | None,
    ) -> None:
        if codec_options is not None and not isinstance(codec_options, CodecOptions):
            raise TypeError(
                f"codec_options must be an instance of CodecOptions, not {type(codec_options)}"
            )
        if write_concern is not None:
            _check_write(write_concern)
        if read_concern is not None and not isinstance(read_concern, ReadConcern):
            raise TypeError(
                f"read_concern must be an instance of ReadConcern, not {type(read_concern)}"
            )
        self._door = door
        self._codec: Codec = codec_options or DEFAULT_CODEC_OPTIONS
        self._preference = read_preference or ReadPreference.PRIMARY
        self._write = write_concern or DEFAULT_WRITE_CONCERN
        self._read = read_concern or DEFAULT_READ_CONCERN

    @property
    def codec_options(self) -> Codec:
        """How documents are encoded and decoded."""
        return self._codec

    @property
    def read_preference(self) -> Any:
        """Which member is read: there is one."""
        return self._preference

    @property
    def write_concern(self) -> WriteConcern:
        """Who has to have a write: there is one member."""
        return self._write

    @property
    def read_concern(self) -> ReadConcern:
        """What is read: what is committed, of one moment."""
        return self._read


def _check_write(concern: WriteConcern) -> None:
    if not isinstance(concern, WriteConcern):
        raise TypeError(f"write_concern must be an instance of WriteConcern, not {type(concern)}")
    w = concern.document.get("w", 1)
    if w not in (1, "majority"):
        raise ConfigurationError(
            f"write concern w={w!r} is not supported by an embedded database: every write is "
            "answered when it is done; use w=1 or w='majority'"
        )
