"""SCRAM-SHA-256 against the example of RFC 7677, and everything that is not quite it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import Denied
from fivefold.security.scram import Conversation, Credentials, derive, prepare

# RFC 7677, section 3.
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
KEPT = derive("pencil", SALT, 4096)
NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
ANSWER = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = (
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
PROVEN = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def conversation(kept: Credentials | None = KEPT) -> Conversation:
    return Conversation(lambda name: kept if name == "user" else None, NONCE)


def test_the_example_of_the_rfc() -> None:
    talk = conversation()
    assert talk.receive(FIRST) == ANSWER
    assert not talk.finished
    assert talk.receive(FINAL) == PROVEN
    assert talk.finished
    assert talk.name == "user"
    with pytest.raises(Denied):
        talk.receive(b"")


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n,,",
        b"p=tls-unique,,n=user,r=abc",
        b"n,a=other,n=user,r=abc",
        b"n,,m=x,n=user,r=abc",
        b"n,,r=abc,n=user",
        b"n,,n=user",
        b"n,,n=user,r=",
        b"n,,n=,r=abc",
        b"n,,n=us=er,r=abc",
        b"n,,n=user,n=user,r=abc",
        b"\xff\xfe",
        b"n,,n=" + b"u" * 5000 + b",r=abc",
    ],
)
def test_a_wrong_beginning(first: bytes) -> None:
    talk = conversation()
    with pytest.raises(Denied, match=r"^Authentication failed\.$"):
        talk.receive(first)
    with pytest.raises(Denied):
        talk.receive(FIRST)


@pytest.mark.parametrize(
    "final",
    [
        b"",
        FINAL.replace(b"c=biws", b"c=cD10bHM="),
        FINAL.replace(b"p=dHz", b"p=dHx"),
        FINAL.replace(b"p=dHzb", b"p="),
        FINAL.replace(b"p=dHzb", b"p=!!!!"),
        FINAL.replace(b"hNlF$k0", b"hNlF$k1"),
        FINAL.rpartition(b",")[0],
        FINAL + b",x=y",
        b"r=abc," + FINAL,
    ],
)
def test_a_wrong_proof(final: bytes) -> None:
    talk = conversation()
    talk.receive(FIRST)
    with pytest.raises(Denied, match=r"^Authentication failed\.$"):
        talk.receive(final)
    assert not talk.finished
    with pytest.raises(Denied):
        talk.receive(FINAL)


def test_users_who_are_not_there_are_not_told_from_others() -> None:
    answers = {conversation(None).receive(FIRST) for _ in range(3)}
    (answer,) = answers
    assert answer.startswith(b"r=rOprNGfwEbeRWgbNEkqO%hvY")
    assert b",i=15000" in answer
    talk = conversation(None)
    talk.receive(FIRST)
    with pytest.raises(Denied):
        talk.receive(FINAL)


def test_salts_and_nonces_differ() -> None:
    assert derive("x", iterations=4096).salt != derive("x", iterations=4096).salt
    first = b"n,,n=user,r=abc"
    assert Conversation(lambda name: KEPT).receive(first) != Conversation(
        lambda name: KEPT
    ).receive(first)


# RFC 4013, section 3.
@pytest.mark.parametrize(
    ("given", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0627\u0628", "\u0627\u0628"),
    ],
)
def test_prepared(given: str, prepared: str) -> None:
    assert prepare(given) == prepared


@pytest.mark.parametrize("given", ["\u0007", "\u0627\u0031", "a\u0627", "\ue000"])
def test_refused(given: str) -> None:
    with pytest.raises(Denied):
        prepare(given)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_garbage_is_denied(first: bytes, final: bytes) -> None:
    talk = conversation()
    for message in (first, final):
        with pytest.raises(Denied):
            talk.receive(message)
    assert not talk.finished
