"""Names for oids and oids for names: what regclass, regtype and their like read and show.

Source: the PostgreSQL 15 manual, 8.19 "Object Identifier Types".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.oids import OWNER_OID
from fivefold.errors import FivefoldError, InvalidStatement
from fivefold.languages.sql.bind.relations import quoted_name
from fivefold.languages.sql.system import definitions
from fivefold.languages.sql.system.catalog import System, fixed_rows
from fivefold.languages.sql.system.functions import internal, listed, signature
from fivefold.languages.sql.system.objects import TEMPORARY
from fivefold.languages.sql.tokens import tokenize
from fivefold.values.names import type_named
from fivefold.values.numbers import integer_parser
from fivefold.values.oids import TYPES, modifier_of, type_oid
from fivefold.values.types import OID, SQL_NAMES, Kind, Type, array_of

Path = tuple[str, ...]


def parts_of(text: str) -> tuple[str, ...]:
    """Return the parts of a name as SQL reads it. Raises InvalidStatement if it is none."""
    try:
        found = list(tokenize(text))
    except FivefoldError:
        found = []
    names = [value for kind, value, _, _ in found if kind in ("word", "name")]
    dots = [value for kind, value, _, _ in found if kind not in ("word", "name", "end")]
    if not names or dots != ["."] * (len(names) - 1):
        raise InvalidStatement("invalid name syntax", "syntax_error")
    return tuple(names)


# -- relations ------------------------------------------------------------------------------------


@cache
def system_relations() -> dict[int, tuple[str, str]]:
    """Return the names of the system relations by oid."""
    return {each.oid: key for key, each in definitions.relations().items()}


def relation_name(system: System, oid: int) -> tuple[str, str] | None:
    """Return the namespace and name of a relation, None if there is none of that oid."""
    found = system.relation(oid)
    if found is not None:
        return found.namespace, found.name
    return system_relations().get(oid)


def find_relation(system: System, parts: tuple[str, ...], path: Path) -> int | None:
    """Return the oid of the relation of that name."""
    if len(parts) == 3 and parts[0] == system.database:
        parts = parts[1:]
    namespaces = parts[:1] if len(parts) == 2 else searched(path)
    for namespace in namespaces:
        own = system.objects.relations.get((namespace, parts[-1]))
        if own is not None:
            return own.oid
        of_system = definitions.relations().get((namespace, parts[-1]))
        if of_system is not None:
            return of_system.oid
    return None


def searched(path: Path) -> Path:
    """Return the path with pg_catalog, which unless it is named comes before all but what is
    temporary.
    """
    if "pg_catalog" in path:
        return path
    own = 1 if path and path[0].startswith(TEMPORARY) else 0
    return (*path[:own], "pg_catalog", *path[own:])


def is_visible(system: System, key: tuple[str, str], path: Path) -> bool:
    """Say whether a relation's bare name leads to it."""
    namespaces = searched(path)
    if key[0] not in namespaces:
        return False
    if key[0] == namespaces[0]:
        return True
    found = find_relation(system, key[1:], path)
    return found is not None and relation_name(system, found) == key


def _relation_text(system: System, oid: int, path: Path) -> str:
    key = relation_name(system, oid)
    if key is None:
        return str(oid)
    if is_visible(system, key, path):
        return quoted_name(key[1])
    return f"{quoted_name(key[0])}.{quoted_name(key[1])}"


def _relation_oid(system: System, text: str, path: Path) -> int:
    parts = parts_of(text)
    if len(parts) == 2 and parts[0] not in system.objects.namespaces:
        raise InvalidStatement(f'schema "{parts[0]}" does not exist', "undefined_namespace")
    found = find_relation(system, parts, path)
    if found is None:
        raise missing_container(".".join(parts))
    return found


# -- types ----------------------------------------------------------------------------------------


@cache
def _plain_types() -> dict[int, str]:
    """Return the names of all fixed types by oid."""
    return {int(str(each[0])): str(each[1]) for each in fixed_rows()["pg_type"]}


def type_text(system: System, oid: int, modifier: int | None, path: Path) -> str:
    """Return a type as format_type shows it; '???' if there is none, '-' for none at all."""
    if oid == 0:
        return "-"
    type_ = TYPES.get(oid)
    if type_ is not None:
        return _typed(type_, -1 if modifier is None else modifier, named=modifier is not None)
    fixed = _plain_types().get(oid)
    if fixed is not None:
        shown = fixed.removeprefix("_") + "[]" if fixed.startswith("_") else fixed
        return f'"{shown}"' if shown == "any" else shown
    for key, own in system.objects.types.items():
        if own == oid:
            namespace, name = key
            array = name.startswith("_") and (namespace, name[1:]) in system.objects.types
            name = name[1:] if array else name
            text = quoted_name(name)
            if namespace not in path:
                text = f"{quoted_name(namespace)}.{text}"
            return f"{text}[]" if array else text
    return "???"


def _typed(type_: Type, modifier: int, *, named: bool) -> str:
    if type_.element is not None:
        return f"{_typed(type_.element, modifier, named=named)}[]"
    name = SQL_NAMES.get(type_.kind, type_.kind.value)
    if type_.kind is Kind.BPCHAR and named and modifier < 0:
        return "bpchar"
    if modifier < 0:
        return name
    return str(modified(type_, modifier))


def modified(type_: Type, modifier: int) -> Type:
    """Return the type with the modifier that atttypmod stands for."""
    for candidate in _candidates(type_, modifier):
        if modifier_of(candidate) == modifier:
            return candidate
    return type_


def _candidates(type_: Type, modifier: int) -> tuple[Type, ...]:
    packed = modifier - 4
    scale = ((packed & 0x7FF) ^ 1024) - 1024
    return (
        Type(type_.kind, length=packed) if type_.kind in (Kind.VARCHAR, Kind.BPCHAR) else type_,
        Type(type_.kind, precision=packed >> 16 & 0xFFFF, scale=scale)
        if type_.kind is Kind.NUMERIC
        else Type(type_.kind, precision=modifier & 0xFFFF),
    )


def find_type(system: System, text: str, path: Path) -> int | None:
    """Return the oid of the type of that name, its modifiers aside."""
    bare = text.strip()
    found = type_named(bare) if not bare.startswith('"') or bare == '"char"' else None
    if found is not None:
        return type_oid(found)
    arrays = bare.endswith("[]")
    parts = parts_of(bare.removesuffix("[]"))
    namespaces = parts[:1] if len(parts) == 2 else searched(path)
    for namespace in namespaces:
        name = f"_{parts[-1]}" if arrays else parts[-1]
        own = system.objects.types.get((namespace, name))
        if own is not None:
            return own
        if namespace == "pg_catalog":
            for oid, known in _plain_types().items():
                if known == name:
                    type_ = TYPES.get(oid)
                    return oid if type_ is None or not arrays else type_oid(array_of(type_))
    return None


def _type_oid(system: System, text: str, path: Path) -> int:
    found = find_type(system, text, path)
    if found is None:
        raise InvalidStatement(f'type "{text.strip()}" does not exist', "undefined_object")
    return found


def _type_text(system: System, oid: int, path: Path) -> str:
    text = type_text(system, oid, None, path)
    return str(oid) if text == "???" else text


# -- namespaces, roles, functions, operators ------------------------------------------------------


def _namespace_oid(system: System, text: str, path: Path) -> int:
    name = parts_of(text)[0]
    found = system.objects.namespaces.get(name)
    if found is None:
        raise InvalidStatement(f'schema "{name}" does not exist', "undefined_namespace")
    return found


def _namespace_text(system: System, oid: int, path: Path) -> str:
    found = system.objects.namespace_names.get(oid)
    return str(oid) if found is None else quoted_name(found)


def find_role(system: System, name: str) -> int | None:
    """Return a role's oid."""
    for oid, role, *_ in system.rows("pg_authid"):
        if role == name:
            return int(str(oid))
    return None


def role_name(system: System, oid: int) -> str | None:
    """Return a role's name."""
    if oid == OWNER_OID:
        return system.user
    return next((str(each[1]) for each in system.rows("pg_authid") if each[0] == oid), None)


def _role_oid(system: System, text: str, path: Path) -> int:
    name = parts_of(text)[0]
    found = find_role(system, name)
    if found is None:
        raise InvalidStatement(f'role "{name}" does not exist', "undefined_object")
    return found


def _role_text(system: System, oid: int, path: Path) -> str:
    found = role_name(system, oid)
    return str(oid) if found is None else quoted_name(found)


def _function_oid(system: System, text: str, path: Path) -> int:
    name = parts_of(text)[-1]
    found = [oid for oid, known in internal().items() if known == name]
    found = found or [oid for oid, each in listed().items() if each.name == name]
    if not found:
        raise InvalidStatement(f'function "{text}" does not exist', "undefined_function")
    if len(found) > 1:
        raise InvalidStatement(f'more than one function named "{text}"', "ambiguous_function")
    return found[0]


def _function_text(system: System, oid: int, path: Path) -> str:
    if oid == 0:
        return "-"
    name = internal().get(oid)
    if name is None and oid in listed():
        name = listed()[oid].name
    return str(oid) if name is None else quoted_name(name)


def _procedure_oid(system: System, text: str, path: Path) -> int:
    wanted = text.removeprefix("pg_catalog.").replace(" ", "")
    for oid, each in listed().items():
        if signature(each).replace(" ", "") == wanted:
            return oid
    raise InvalidStatement(f'function "{text}" does not exist', "undefined_function")


def _procedure_text(system: System, oid: int, path: Path) -> str:
    found = listed().get(oid)
    return _function_text(system, oid, path) if found is None else signature(found)


def _operator_oid(system: System, text: str, path: Path) -> int:
    symbol = text.strip().partition("(")[0].removeprefix("pg_catalog.")
    for oid, name, *_ in system.rows("pg_operator"):
        if name == symbol:
            return int(str(oid))
    raise InvalidStatement(f"operator does not exist: {text}", "undefined_function")


def _operator_text(system: System, oid: int, path: Path) -> str:
    found = [str(each[1]) for each in system.rows("pg_operator") if each[0] == oid]
    return found[0] if found else str(oid)


_READ: dict[str, Callable[[System, str, Path], int]] = {
    "regclass": _relation_oid,
    "regtype": _type_oid,
    "regnamespace": _namespace_oid,
    "regrole": _role_oid,
    "regproc": _function_oid,
    "regprocedure": _procedure_oid,
    "regoper": _operator_oid,
    "regoperator": _operator_oid,
}
_SHOW: dict[str, Callable[[System, int, Path], str]] = {
    "regclass": _relation_text,
    "regtype": _type_text,
    "regnamespace": _namespace_text,
    "regrole": _role_text,
    "regproc": _function_text,
    "regprocedure": _procedure_text,
    "regoper": _operator_text,
    "regoperator": _operator_text,
}


def oid_of(system: System, kind: str, text: str, path: Path) -> int:
    """Return the oid that a reg… type reads: a number is itself, '-' is none."""
    if text.isdecimal() and text.isascii():
        return integer_parser(OID)(text)
    if text == "-":
        return 0
    return _READ[kind](system, text, path)


def name_of(system: System, kind: str, oid: int, path: Path) -> str:
    """Return what a reg… type shows for an oid: the number if nothing has it, '-' for 0."""
    if oid == 0:
        return "-"
    return _SHOW[kind](system, oid, path)
