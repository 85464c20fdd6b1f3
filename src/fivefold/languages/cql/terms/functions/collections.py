"""Functions of collections.

Source: "Collection functions" of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cql.terms.functions.aggregates import Extreme, averaging, key_of, summing
from fivefold.languages.cql.terms.functions.calling import to_plain, to_stored
from fivefold.languages.cql.terms.functions.javamath import NUMBERS
from fivefold.languages.cql.terms.functions.signatures import (
    Factory,
    Function,
    Parameter,
    State,
    no_guess,
)
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.collections import put_together, take_apart
from fivefold.values.cql.types import INT, CqlType, list_of, set_of


def _is_map(type: CqlType) -> str | None:
    return None if type.name == "map" else "a map argument"


def _is_collection(type: CqlType) -> str | None:
    return None if type.is_collection else "a collection argument"


def _is_set_or_list(type: CqlType) -> str | None:
    return None if type.name in ("set", "list") else "a set or list argument"


def _is_numeric(type: CqlType) -> str | None:
    found = type.name in ("set", "list") and type.parameters[0].name in NUMBERS
    return None if found else "a numeric set/list argument"


def _function(
    name: str, types: tuple[CqlType, ...], returns: CqlType, call: Callable[[Any], Any]
) -> Function:
    return Function(name, types, returns, call, stored=True, by_factory=True)


def _keys(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    (type,) = types
    returns = set_of(type.parameters[0])
    given, made = codec_of(type), codec_of(returns)

    def call(stored: str) -> str:
        return put_together(made, [key for key, _ in take_apart(given, stored)])

    return _function(name, types, returns, call)


def _values(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    (type,) = types
    returns = list_of(type.parameters[1])
    given, made = codec_of(type), codec_of(returns)

    def call(stored: str) -> str:
        return put_together(made, [value for _, value in take_apart(given, stored)])

    return _function(name, types, returns, call)


def _count(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    codec = codec_of(types[0])
    return _function(name, types, INT, lambda stored: len(take_apart(codec, stored)))


def _extreme(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    codec, element = codec_of(types[0]), types[0].parameters[0]
    key, greatest = key_of(element), name == "collection_max"

    def call(stored: str) -> Any:
        found = Extreme(key, greatest)
        for each in take_apart(codec, stored):
            found.add(each)
        return found.result()

    return _function(name, types, element, call)


def _computing(start: Callable[[str], Callable[[], State]]) -> Callable[..., Function]:
    def make(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
        codec, element = codec_of(types[0]), types[0].parameters[0]
        begin, take, give = start(element.name), to_plain(element), to_stored(element)

        def call(stored: str) -> Any:
            state = begin()
            for each in take_apart(codec, stored):
                state.add(each if take is None else take(each))
            found = state.result()
            return found if give is None else give(found)

        return _function(name, types, element, call)

    return make


def _factory(
    name: str, shown: str, accepts: Callable[[CqlType], str | None], make: Callable[..., Function]
) -> Factory:
    return Factory(name, (Parameter(shown, accepts, no_guess),), make)


FACTORIES: tuple[Factory, ...] = (
    _factory("map_keys", "map", _is_map, _keys),
    _factory("map_values", "map", _is_map, _values),
    _factory("collection_count", "collection", _is_collection, _count),
    _factory("collection_min", "numeric_set_or_list", _is_set_or_list, _extreme),
    _factory("collection_max", "numeric_set_or_list", _is_set_or_list, _extreme),
    _factory("collection_sum", "numeric_set_or_list", _is_numeric, _computing(summing)),
    _factory("collection_avg", "numeric_set_or_list", _is_numeric, _computing(averaging)),
)
