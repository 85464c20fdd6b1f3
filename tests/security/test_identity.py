"""What a role may do, from what it and the roles it is a member of were granted."""

from __future__ import annotations

import pytest

from fivefold.catalog import codec
from fivefold.catalog.roles import Grant, Privilege, Role, held, moved
from fivefold.errors import Denied
from fivefold.plan.statement import Access
from fivefold.security.identity import PASSED_MAX, Identity

READ, WRITE, CREATE, ADMINISTER = Privilege


def role(name: str, *grants: Grant, of: tuple[str, ...] = ()) -> Role:
    return Role(name, superuser=False, memberships=of, grants=grants)


def identity(*roles: Role) -> Identity:
    return Identity(roles[0].name, {each.name: each for each in roles})


@pytest.mark.parametrize("privilege", Privilege)
@pytest.mark.parametrize("granted", Privilege)
def test_which_privilege_holds_which(granted: Privilege, privilege: Privilege) -> None:
    holds = granted in (privilege, ADMINISTER)
    for grant in (Grant(granted), Grant(granted, "s"), Grant(granted, "s", "t")):
        who = identity(role("r", grant))
        assert who.may(privilege, "s", "t") is holds
        assert who.may(privilege, "s") is (holds and grant.container is None)
        assert who.may(privilege) is (holds and grant.namespace is None)
        assert not who.may(privilege, "other", "t") or grant.namespace is None
        tells = grant.container is not None or granted is not CREATE
        assert who.knows("s", "t") is tells
        assert who.knows("s", "u") is (tells and grant.container is None)


def test_roles_of_roles_and_of_everybody() -> None:
    one = role("one", of=("two", "nobody"))
    two = role("two", Grant(READ, "s", "t"), of=("one", "three"))
    three = role("three", Grant(WRITE, "s", "t"))
    public = role("public", Grant(READ, "s", "u"))
    who = identity(one, two, three, public)
    assert who.may(READ, "s", "t")
    assert who.may(WRITE, "s", "t")
    assert who.may(READ, "s", "u")
    assert not who.may(WRITE, "s", "u")
    roles = {each.name: each for each in (one, two, three, public)}
    assert {each.name for each in held(roles, "three")} == {"three", "public"}


def test_what_is_a_sessions_own_or_the_systems_is_for_all() -> None:
    who = identity(role("r"))
    assert who.may(WRITE, "pg_temp_3", "t")
    assert who.may(WRITE, "shop/pg_temp_3", "t")
    assert who.may(READ, "pg_catalog", "pg_class")
    assert not who.may(READ, "public", "pg_temp")


def test_statements_are_looked_at_by_what_they_do() -> None:
    who = identity(role("r", Grant(READ, "s", "t")))
    for number in range(PASSED_MAX + 10):
        who.check((Access("s", "t", READ),))
        if number % 1000 == 0:
            with pytest.raises(Denied, match="permission denied for t"):
                who.check((Access("s", "t", READ), Access("s", "t", WRITE)))
    who.check(())


def test_grants_follow_what_they_are_on() -> None:
    there = role("r", Grant(READ), Grant(READ, "s"), Grant(READ, "s", "t"), Grant(WRITE, "s", "u"))
    roles = {"r": there}
    assert not list(moved(roles, frozenset(), {}))
    ((_, after),) = moved(roles, frozenset({("s", "t")}), {})
    assert after.grants == (Grant(READ), Grant(READ, "s"), Grant(WRITE, "s", "u"))
    ((_, after),) = moved(roles, frozenset({("s", "t")}), {("s", "t"): ("s", "v")})
    assert after.grants[2] == Grant(READ, "s", "v")


def test_roles_are_kept_as_they_were() -> None:
    full = Role("r", "x", False, False, ("a",), (Grant(READ, "s"), Grant(ADMINISTER)))
    assert codec.decode_role(codec.encode(full)) == full
    # A user of a file that was written before there were grants may do everything.
    assert codec.decode_role('{"@":"Role","name":"u","verifier":"v"}').superuser
