"""The first bytes of a connection: which version of Bolt both sides know.

The client says a magic number and up to four *proposals*, each a version and how many minor ones
below it would do as well, the one that it likes best first. The server answers with one version, or
with zeros and closes. One special proposal asks for a *manifest* instead: then the server says all
that it knows, and the client chooses.

Source: Bolt manual, "Bolt Protocol handshake specification".
"""

from __future__ import annotations

from fivefold.wire.neo4j.messages import Version

MAGIC = b"\x60\x60\xb0\x17"
OPENING_BYTES = 20

MINORS: dict[int, tuple[int, int]] = {5: (0, 8), 4: (4, 4)}
"""The minor versions that are known of each major one, lowest and highest."""

MANIFEST = b"\x00\x00\x01\xff"
NONE_KNOWN = b"\x00\x00\x00\x00"

CAPABILITIES_BYTES_MAX = 9
"""Of the number, seven bits to a byte, that a client chooses capabilities by: 64 bits at most."""


def known(version: Version) -> bool:
    """Say whether we speak a version."""
    lowest, highest = MINORS.get(version.major, (1, 0))
    return lowest <= version.minor <= highest


def propose(proposal: bytes) -> Version | None:
    """Return the highest version known that a proposal of four bytes covers."""
    _, below, minor, major = proposal
    lowest, highest = MINORS.get(major, (1, 0))
    best = min(minor, highest)
    return Version(major, best) if best >= max(lowest, minor - below) else None


def negotiate(opening: bytes) -> Version | bytes:
    """Return the version agreed on by a whole opening, MANIFEST or NONE_KNOWN."""
    for at in range(4, OPENING_BYTES, 4):
        proposal = opening[at : at + 4]
        if proposal == MANIFEST:
            return MANIFEST
        version = propose(proposal)
        if version is not None:
            return version
    return NONE_KNOWN


def encode_version(version: Version) -> bytes:
    """Return a version as it is said."""
    return bytes((0, 0, version.minor, version.major))


def encode_manifest() -> bytes:
    """Return all versions known, and that there are no capabilities to choose from."""
    offers = [bytes((0, high - low, high, major)) for major, (low, high) in MINORS.items()]
    return MANIFEST + bytes((len(offers),)) + b"".join(offers) + b"\0"


def read_choice(data: bytes) -> tuple[Version, int] | None:
    """Return what a client chose of the manifest and how many bytes that took; None: not whole.

    Raises ValueError for capabilities that are no number.
    """
    for at in range(4, len(data)):
        if not data[at] & 0x80:
            return Version(data[3], data[2]), at + 1
        if at - 4 == CAPABILITIES_BYTES_MAX:
            raise ValueError("capabilities of more than 64 bits")
    return None
