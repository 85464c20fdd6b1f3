"""Places: redis-py's ``GeoCommands`` by its names and results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fivefold.api.redis.results import Cast, Parse, number_or_none, plain, texts
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Word, flags, options, together
from fivefold.errors import InvalidValue

# What a search tells of each place besides its name, in the order of the replies.
_CASTS: dict[str, Cast] = {
    "withdist": float,
    "withhash": int,
    "withcoord": lambda pair: (float(pair[0]), float(pair[1])),
}


class Geo(Runner, Protocol):
    """The commands on places, which are members of sorted sets."""

    def geoadd(
        self,
        name: Word,
        values: Sequence[Word],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
    ) -> Any:
        """Add places, each a longitude, a latitude and a name; return how many are new."""
        return self._run(None, b"GEOADD", name, *flags(nx=nx, xx=xx, ch=ch), *values)

    def geodist(self, name: Word, place1: Word, place2: Word, unit: str | None = None) -> Any:
        """Return how far it is, in metres or another unit (km, mi, ft), or None."""
        words = [] if unit is None else [unit]
        return self._run(number_or_none, b"GEODIST", name, place1, place2, *words)

    def geohash(self, name: Word, *values: Word) -> Any:
        """Return the geohashes of places, as texts."""
        return self._run(texts, b"GEOHASH", name, *values)

    def geopos(self, name: Word, *values: Word) -> Any:
        """Return (longitude, latitude) of places, None for an unknown one."""
        return self._run(_positions, b"GEOPOS", name, *values)

    def geosearch(
        self,
        name: Word,
        member: Word | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        withcoord: bool = False,
        withdist: bool = False,
        withhash: bool = False,
    ) -> Any:
        """Return the places within a circle or a box around a member or a point."""
        words = _around(member, longitude, latitude)
        words += _area(radius, width, height, unit)
        words += _chosen(sort, count, any)
        words += flags(withcoord=withcoord, withdist=withdist, withhash=withhash)
        return self._run(_places(withdist, withhash, withcoord), b"GEOSEARCH", name, *words)

    def geosearchstore(
        self,
        dest: Word,
        name: Word,
        member: Word | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        storedist: bool = False,
    ) -> Any:
        """Store the places within a circle or a box; return how many."""
        words = _around(member, longitude, latitude)
        words += _area(radius, width, height, unit)
        words += [*_chosen(sort, count, any), *flags(storedist=storedist)]
        return self._run(None, b"GEOSEARCHSTORE", dest, name, *words)

    def georadius(
        self,
        name: Word,
        longitude: float,
        latitude: float,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Word | None = None,
        store_dist: Word | None = None,
        any: bool = False,
    ) -> Any:
        """Return the places within a circle, or store them and return how many."""
        words: list[Word] = [longitude, latitude, radius, unit or "m"]
        words += flags(withdist=withdist, withcoord=withcoord, withhash=withhash)
        words += [*_chosen(sort, count, any), *options(store=store, storedist=store_dist)]
        return self._run(_places(withdist, withhash, withcoord), b"GEORADIUS", name, *words)

    def georadiusbymember(
        self,
        name: Word,
        member: Word,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Word | None = None,
        store_dist: Word | None = None,
        any: bool = False,
    ) -> Any:
        """Return the places around another, or store them and return how many."""
        words = [member, radius, unit or "m"]
        words += flags(withdist=withdist, withcoord=withcoord, withhash=withhash)
        words += [*_chosen(sort, count, any), *options(store=store, storedist=store_dist)]
        parse = _places(withdist, withhash, withcoord)
        return self._run(parse, b"GEORADIUSBYMEMBER", name, *words)


def _around(member: Word | None, longitude: float | None, latitude: float | None) -> list[Any]:
    words = options(frommember=member)
    if together("longitude", longitude, "latitude", latitude):
        words += (b"FROMLONLAT", longitude, latitude)
    return words


def _area(radius: float | None, width: float | None, height: float | None, unit: str) -> list[Any]:
    words: list[Any] = [] if radius is None else [b"BYRADIUS", radius, unit]
    if together("width", width, "height", height):
        words += (b"BYBOX", width, height, unit)
    return words


def _chosen(sort: str | None, count: int | None, any: bool) -> list[Any]:
    if any and count is None:
        raise InvalidValue("any needs a count")
    return [*options(count=count), *flags(any=any), *([] if sort is None else [sort])]


def _positions(reply: Any) -> list[tuple[float, float] | None]:
    return [each and (float(each[0]), float(each[1])) for each in plain(reply)]


def _places(withdist: bool, withhash: bool, withcoord: bool) -> Parse:
    told = {"withdist": withdist, "withhash": withhash, "withcoord": withcoord}
    casts = [cast for name, cast in _CASTS.items() if told[name]]
    if not casts:
        return plain

    def parse(reply: Any) -> Any:
        return [
            [place, *(cast(fact) for cast, fact in zip(casts, told, strict=True))]
            for place, *told in plain(reply)
        ]

    return parse
