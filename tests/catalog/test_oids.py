"""Oids: fixed where PostgreSQL's are, the same in every process otherwise, and never shared."""

from __future__ import annotations

from fivefold.catalog.oids import Of, Oids, oid_of
from fivefold.values.oids import FIRST_OID, PAST_OID, type_oid
from fivefold.values.types import INT4, Kind, Type, array_of


def test_postgresql_s_own_are_fixed() -> None:
    assert oid_of(Of.NAMESPACE, "public") == 2200
    assert type_oid(INT4) == 23
    assert type_oid(array_of(INT4)) == 1007


def test_an_oid_says_the_same_for_ever() -> None:
    assert oid_of(Of.RELATION, "public", "t") == 1211394503
    assert oid_of(Of.NAMESPACE, "shop") == 763833288
    assert oid_of(Of.RELATION, "public", "u") != oid_of(Of.RELATION, "public", "t")


def test_an_enum_and_its_array_have_oids_by_name() -> None:
    mood = Type(Kind.ENUM, name=("public", "mood"), labels=("sad", "glad"))
    assert type_oid(mood) == oid_of(Of.TYPE, "public", "mood")
    assert type_oid(array_of(mood)) == oid_of(Of.TYPE, "public", "_mood")


def test_two_objects_never_share_an_oid() -> None:
    oids = Oids(Of.RELATION)
    first = oids.add("public", "a")
    oids.by_oid[oid_of(Of.RELATION, "public", "b")] = ("somebody", "else")
    second = oids.add("public", "b")
    assert FIRST_OID <= first < PAST_OID
    assert second == oid_of(Of.RELATION, "public", "b") + 1
    assert oids.add("public", "a") == first
