"""What is kept of passwords."""

from __future__ import annotations

import pytest

from fivefold.errors import Denied, Unavailable
from fivefold.security import verifier
from fivefold.security.scram import derive


def test_it_is_read_as_it_was_made() -> None:
    text = verifier.make("pencil")
    kept = verifier.read(text)
    assert kept == derive("pencil", kept.salt, kept.iterations)
    assert "pencil" not in text
    assert verifier.make("pencil") != text  # another salt


def test_passwords_are_told_apart() -> None:
    kept = verifier.read(verifier.make("pe\u00adncil"))
    assert verifier.matches(kept, "pencil")  # as SASLprep compares
    assert not verifier.matches(kept, "Pencil")
    assert not verifier.matches(kept, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SCRAM-SHA-256$15000:c2FsdA==",
        "SCRAM-SHA-1$15000:c2FsdA==$AAAA:AAAA",
        "SCRAM-SHA-256$many:c2FsdA==$AAAA:AAAA",
        "SCRAM-SHA-256$15000:c2FsdA==$A:AAAA",
    ],
)
def test_what_is_no_verifier(text: str) -> None:
    with pytest.raises(Unavailable) as caught:
        verifier.read(text)
    assert caught.value.code == "store_corrupt"


def test_a_password_that_no_client_could_send() -> None:
    with pytest.raises(Denied):
        verifier.make("a\u0000b")
