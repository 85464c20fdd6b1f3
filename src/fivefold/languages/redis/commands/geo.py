"""The commands on places, which are members of sorted sets with geohashes for scores."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from fivefold.languages.redis.arguments import bad_value, parse_int, shown, syntax_error
from fivefold.languages.redis.command import Command, reading
from fivefold.languages.redis.commands.sorted_ranges import store
from fivefold.languages.redis.commands.sorted_sets import Conditions, add, find, read_conditions
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.doubles import parse_double
from fivefold.languages.redis.geohash import (
    LATITUDES,
    LONGITUDES,
    Place,
    Shape,
    decode,
    distance,
    encode,
    spell,
)
from fivefold.models.keyvalue.sorted_sets import Range, Scored, SortedSet
from fivefold.values.replies import NIL_ARRAY, Digits, Reply

UNITS_METERS = {b"m": 1.0, b"km": 1000.0, b"ft": 0.3048, b"mi": 1609.34}

READ_TOGETHER = 512
"""Members looked at before the next are read, where the first few that fit will do."""


def _parse_unit(word: bytes) -> float:
    meters = UNITS_METERS.get(word.lower())
    if meters is None:
        raise bad_value("unsupported unit provided. please use M, KM, FT, MI")
    return meters


def _parse_place(words: list[bytes]) -> Place:
    longitude, latitude = parse_double(words[0]), parse_double(words[1])
    if not (
        LONGITUDES[0] <= longitude <= LONGITUDES[1] and LATITUDES[0] <= latitude <= LATITUDES[1]
    ):
        raise bad_value(f"invalid longitude,latitude pair {longitude:f},{latitude:f}")
    return Place(longitude, latitude)


def _parse_radius(words: list[bytes]) -> tuple[float, float]:
    """Return a radius and the meters of its unit."""
    radius = parse_double(words[0], "need numeric radius")
    if radius < 0:
        raise bad_value("radius cannot be negative")
    return radius, _parse_unit(words[1])


def _parse_box(words: list[bytes]) -> tuple[tuple[float, float], float]:
    """Return width and height, and the meters of their unit."""
    width = parse_double(words[0], "need numeric width")
    height = parse_double(words[1], "need numeric height")
    if height < 0 or width < 0:
        raise bad_value("height or width cannot be negative")
    return (width, height), _parse_unit(words[2])


def geoadd(context: Context, args: list[bytes]) -> Reply:
    """Add places, or move them; return how many are new."""
    conditions = Conditions()
    at = read_conditions(args, conditions, ("nx", "xx", "ch"))
    if at == len(args) or (len(args) - at) % 3 or (conditions.nx and conditions.xx):
        raise syntax_error()
    pairs = [
        (args[at + 2], encode(_parse_place(args[at : at + 2])).scores()[0])
        for at in range(at, len(args), 3)
    ]
    return add(context, args[1], pairs, conditions)


# Single places


def _scores(context: Context, args: list[bytes]) -> list[float | None]:
    """Return the scores of the members that ``args`` name after the key."""
    found = find(context, args[1])
    context.expect(len(args) - 2)
    scores = {} if found is None or len(args) == 2 else found.scores(args[2:])
    return [scores.get(member) for member in args[2:]]


def _position(place: Place) -> Reply:
    return [_digits(place.longitude), _digits(place.latitude)]


def _digits(degrees: float) -> Digits:
    text = b"%.17f" % degrees
    text = text.rstrip(b"0").rstrip(b".")
    return Digits(b"0" if text == b"-0" else text)


def _meters(meters: float) -> bytes:
    return b"%.4f" % meters


def geopos(context: Context, args: list[bytes]) -> Reply:
    """Return the longitudes and latitudes of places."""
    scores = _scores(context, args)
    return [NIL_ARRAY if score is None else _position(decode(score)) for score in scores]


def geohash(context: Context, args: list[bytes]) -> Reply:
    """Return the geohashes of places, as others spell them."""
    return [None if score is None else spell(score) for score in _scores(context, args)]


def geodist(context: Context, args: list[bytes]) -> Reply:
    """Return how far it is from one place to another."""
    unit = _parse_unit(args[4]) if len(args) == 5 else 1.0
    if len(args) > 5:
        raise syntax_error()
    one, other = _scores(context, args[:4])
    if one is None or other is None:
        return None
    return _meters(distance(decode(one), decode(other)) / unit)


# Searching


@dataclass(slots=True)
class _Found:
    member: bytes
    score: float
    place: Place
    meters: float


@dataclass(slots=True)
class _Search:
    """What is searched and what is wanted of it, as far as it has been read."""

    centre: Place | None = None
    has_centre: bool = False
    radius: tuple[float, float] | None = None
    box: tuple[tuple[float, float], float] | None = None
    with_distance: bool = False
    with_hash: bool = False
    with_place: bool = False
    descending: bool | None = None
    any: bool = False
    count: int = 0
    target: bytes | None = None
    stores_distance: bool = False

    def shape(self) -> Shape:
        assert self.centre is not None
        if self.box is not None:
            return Shape(self.centre, self.box[1], box=self.box[0])
        assert self.radius is not None
        return Shape(self.centre, self.radius[1], radius=self.radius[0])


def _place_of(found: SortedSet, member: bytes) -> Place:
    score = found.score(member)
    if score is None:
        raise bad_value("could not decode requested zset member")
    return decode(score)


_FLAGS = {b"withdist": "with_distance", b"withhash": "with_hash", b"withcoord": "with_place"}
_SORTS = {b"asc": False, b"desc": True}


class _Reader:
    """Reads the options of a search, which differ a little from command to command."""

    def __init__(self, args: list[bytes], at: int, found: SortedSet | None) -> None:
        self._args = args
        self._at = at
        self._found = found
        self._from_member = self._from_place = False
        self.search = _Search()

    def _take(self, number: int) -> list[bytes]:
        """Return the words after an option. Raises a syntax error if there are too few."""
        words = self._args[self._at : self._at + number]
        if len(words) < number:
            raise syntax_error()
        self._at += number
        return words

    def read(self, *, by_shape: bool, may_store: bool, stores: bool) -> _Search:
        """Read all options."""
        search = self.search
        while self._at < len(self._args):
            option = self._take(1)[0].lower()
            if option in _FLAGS:
                setattr(search, _FLAGS[option], True)
            elif option in _SORTS:
                search.descending = _SORTS[option]
            elif option == b"any":
                search.any = True
            elif option == b"count":
                search.count = parse_int(self._take(1)[0])
                if search.count <= 0:
                    raise bad_value("COUNT must be > 0")
            elif option in (b"store", b"storedist") and may_store:
                search.target = self._take(1)[0]
                search.stores_distance = option == b"storedist"
            elif option == b"storedist" and stores:
                search.stores_distance = True
            elif not by_shape or not self._read_shape(option):
                raise syntax_error()
        return search

    def _read_shape(self, option: bytes) -> bool:
        """Read an option that says where to search; say whether it is one that may stand here."""
        search = self.search
        if option == b"frommember" and not self._from_place:
            member = self._take(1)[0]
            self._from_member = True
            if self._found is not None:
                search.centre = _place_of(self._found, member)
        elif option == b"fromlonlat" and not self._from_member:
            search.centre = _parse_place(self._take(2))
            self._from_place = True
        elif option == b"byradius" and search.box is None:
            search.radius = _parse_radius(self._take(2))
        elif option == b"bybox" and search.radius is None:
            search.box = _parse_box(self._take(3))
        else:
            return False
        search.has_centre = self._from_member or self._from_place
        return True


def _check(search: _Search, name: str, *, by_shape: bool) -> None:
    shows = search.with_distance or search.with_hash or search.with_place
    if search.target is not None and shows:
        which = "GEOSEARCHSTORE" if by_shape else "STORE option in GEORADIUS"
        raise bad_value(f"{which} is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
    if by_shape and not search.has_centre:
        raise bad_value(f"exactly one of FROMMEMBER or FROMLONLAT can be specified for {name}")
    if by_shape and search.radius is None and search.box is None:
        raise bad_value(f"exactly one of BYRADIUS and BYBOX can be specified for {name}")
    if search.any and not search.count:
        raise bad_value("the ANY argument requires COUNT argument")


def _answer(context: Context, found: SortedSet | None, search: _Search, event: str) -> Reply:
    places = [] if found is None else _run(context, found, search)
    unit = 1.0 if found is None else search.shape().unit_meters
    if search.target is not None:
        by_distance = search.stores_distance
        scores = {each.member: each.meters / unit if by_distance else each.score for each in places}
        return store(context, search.target, scores, event)
    return [_shown(each, search, unit) for each in places]


def _shown(each: _Found, search: _Search, unit: float) -> Reply:
    parts: list[Reply] = [each.member]
    if search.with_distance:
        parts.append(_meters(each.meters / unit))
    if search.with_hash:
        parts.append(int(each.score) if abs(each.score) < 2.0**63 else -(2**63))
    if search.with_place:
        parts.append(_position(each.place))
    return parts if len(parts) > 1 else each.member


def _run(context: Context, found: SortedSet, search: _Search) -> list[_Found]:
    """Return the places that are wanted, in their order."""
    places = []
    for each in _within(context, found, search):
        places.append(each)
        if search.any and len(places) >= search.count:
            break
    descending = search.descending
    if search.count and not search.any and descending is None:
        descending = False
    if descending is not None:
        places.sort(key=lambda each: each.meters, reverse=descending)
    return places[: search.count] if search.count else places


def _within(context: Context, found: SortedSet, search: _Search) -> Iterator[_Found]:
    """Yield the places inside a shape, as the cells are searched."""
    shape = search.shape()
    ranges: list[Range] = []
    for cell in shape.areas():
        first, beyond = cell.scores()
        ranges.append(((first, b""), (beyond, b"")))
    if found.entry.state is None:
        context.expect(found.entry.count)
    elif not search.any:
        context.expect(sum(found.count(range_) for range_ in ranges))
    for range_ in ranges:
        for member, score in _members(found, range_, READ_TOGETHER if search.any else math.inf):
            place = decode(score)
            meters = shape.within(place)
            if meters is not None:
                yield _Found(member, score, place, meters)


def _members(found: SortedSet, range_: Range, together: float) -> Iterator[Scored]:
    """Yield the members of a range, read so many at a time."""
    if together == math.inf:
        yield from found.members(range_)
        return
    low, high = range_
    size = int(together)
    while True:
        members = found.members((low, high), size)
        yield from members
        if len(members) < size:
            return
        low = (members[-1][1], members[-1][0] + b"\0")


def _geosearch(context: Context, args: list[bytes], key: int) -> Reply:
    found = find(context, args[key])
    stores = key == 2
    search = _Reader(args, key + 1, found).read(by_shape=True, may_store=False, stores=stores)
    if stores:
        search.target = args[1]
    _check(search, shown(args[0]), by_shape=True)
    return _answer(context, found, search, "geosearchstore")


def geosearch(context: Context, args: list[bytes]) -> Reply:
    """Return the places inside a circle or a box."""
    return _geosearch(context, args, 1)


def geosearchstore(context: Context, args: list[bytes]) -> Reply:
    """Make the places inside a circle or a box a sorted set."""
    return _geosearch(context, args, 2)


def _georadius(context: Context, args: list[bytes], *, may_store: bool) -> Reply:
    found = find(context, args[1])
    centre = _parse_place(args[2:4])
    radius = _parse_radius(args[4:6])
    reader = _Reader(args, 6, found)
    search = reader.read(by_shape=False, may_store=may_store, stores=False)
    search.centre, search.radius = centre, radius
    _check(search, "", by_shape=False)
    return _answer(context, found, search, "georadiusstore")


def _georadiusbymember(context: Context, args: list[bytes], *, may_store: bool) -> Reply:
    found = find(context, args[1])
    centre, radius = None, None
    if found is not None:
        centre = _place_of(found, args[2])
        radius = _parse_radius(args[3:5])
    reader = _Reader(args, 5, found)
    search = reader.read(by_shape=False, may_store=may_store, stores=False)
    search.centre, search.radius = centre, radius
    _check(search, "", by_shape=False)
    return _answer(context, found, search, "georadiusstore")


def georadius(context: Context, args: list[bytes]) -> Reply:
    """Return the places around another, or make them a sorted set."""
    return _georadius(context, args, may_store=True)


def georadius_ro(context: Context, args: list[bytes]) -> Reply:
    """Return the places around another."""
    return _georadius(context, args, may_store=False)


def georadiusbymember(context: Context, args: list[bytes]) -> Reply:
    """Return the places around a member, or make them a sorted set."""
    return _georadiusbymember(context, args, may_store=True)


def georadiusbymember_ro(context: Context, args: list[bytes]) -> Reply:
    """Return the places around a member."""
    return _georadiusbymember(context, args, may_store=False)


_WRITES = ("write", "denyoom")

COMMANDS = (
    Command("geoadd", geoadd, -5, _WRITES, 1, 1, 1),
    reading("geodist", geodist, -4),
    reading("geohash", geohash, -2),
    reading("geopos", geopos, -2),
    Command("georadius", georadius, -6, (*_WRITES, "movablekeys"), 1, 1, 1),
    reading("georadius_ro", georadius_ro, -6),
    Command("georadiusbymember", georadiusbymember, -5, (*_WRITES, "movablekeys"), 1, 1, 1),
    reading("georadiusbymember_ro", georadiusbymember_ro, -5),
    reading("geosearch", geosearch, -7),
    Command("geosearchstore", geosearchstore, -8, _WRITES, 1, 2, 1),
)
