"""Places on the Earth as scores: a geohash of 52 bits, and the areas in which to look for them.

The ranges of longitudes and latitudes are each halved 26 times; the bits that say in which half a
place lies are interleaved, latitude first from the right. So places with the same leading bits lie
in the same cell of a grid of ``2**step`` by ``2**step``, and have scores next to each other. A
search looks at the cell around its centre and at the eight around that, in redis-server's order
and with its arithmetic, so that answers agree to the last digit.

Latitudes go to 85.05112878 degrees, as in Web Mercator (EPSG:3857); the Earth is a sphere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

LONGITUDES = (-180.0, 180.0)
LATITUDES = (-85.05112878, 85.05112878)
STEPS = 26

RADIUS_METERS = 6372797.560856
HALF_EQUATOR_METERS = 20037726.37
_RADIAN = math.pi / 180.0

_ALPHABET = b"0123456789bcdefghjkmnpqrstuvwxyz"
_EVEN, _ODD = 0x5555555555555555, 0xAAAAAAAAAAAAAAAA
_WORD = (1 << 32) - 1
_SPREAD = tuple(sum((byte >> bit & 1) << 2 * bit for bit in range(8)) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Place:
    """A longitude and a latitude, in degrees."""

    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid of ``2**step`` by ``2**step``."""

    bits: int
    step: int

    def scores(self) -> tuple[float, float]:
        """Return the scores of places in it: from the first up to, and without, the second."""
        shift = 2 * (STEPS - self.step)
        return float(self.bits << shift), float((self.bits + 1) << shift)

    def edges(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north in degrees."""
        x, y = _gather(self.bits >> 1), _gather(self.bits)
        size = 1 << self.step
        west, east = (_scaled((x + more & _WORD) / size, LONGITUDES) for more in (0, 1))
        south, north = (_scaled((y + more & _WORD) / size, LATITUDES) for more in (0, 1))
        return west, south, east, north

    def moved(self, east: int, north: int) -> Cell:
        """Return the cell so many to the east and to the north, going round the world."""
        bits = self.bits
        mask = (1 << 2 * self.step) - 1
        if east:
            bits = _add(bits, east, _ODD, mask)
        if north:
            bits = _add(bits, north, _EVEN, mask)
        return replace(self, bits=bits)


def _add(bits: int, step: int, lane: int, mask: int) -> int:
    """Add 1 or -1 to the number in every other bit, leaving the bits between."""
    others = ~lane & (1 << 64) - 1
    fill = others & mask  # ones between the number's bits carry and borrow over the gaps
    number = bits & lane
    number = number + fill + 1 if step > 0 else (number | fill) - (fill + 1)
    return (number & lane & mask) | (bits & others)


def _scaled(part: float, bounds: tuple[float, float]) -> float:
    return bounds[0] + part * (bounds[1] - bounds[0])


def _spread(number: int) -> int:
    """Return a number of 32 bits with a zero before each of them."""
    return sum(_SPREAD[number >> 8 * byte & 255] << 16 * byte for byte in range(4))


def _gather(bits: int) -> int:
    """Return the number in every other bit, from the first on the right."""
    bits &= _EVEN
    for shift, lane in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        bits = (bits | bits >> shift) & lane
    return bits


def encode(place: Place, step: int = STEPS, latitudes: tuple[float, float] = LATITUDES) -> Cell:
    """Return the cell in which a place lies. At the upper ends it is one beyond the last."""
    size = 1 << step
    (west, east), (south, north) = LONGITUDES, latitudes
    x = int((place.longitude - west) / (east - west) * size)
    y = int((place.latitude - south) / (north - south) * size)
    return Cell(_spread(y) | _spread(x) << 1, step)


def decode(score: float) -> Place:
    """Return the middle of the cell that a score stands for; any score stands for one."""
    west, south, east, north = Cell(_unsigned(score), STEPS).edges()
    return Place(
        min(max((west + east) / 2, LONGITUDES[0]), LONGITUDES[1]),
        min(max((south + north) / 2, LATITUDES[0]), LATITUDES[1]),
    )


def _unsigned(score: float) -> int:
    """Return a double as the 64 bits into which x86-64 converts it."""
    if -(2.0**63) < score < 2.0**64:
        return int(score) & (1 << 64) - 1
    return 0 if score > 0 else 1 << 63


def spell(score: float) -> bytes:
    """Return the usual geohash, 11 letters, whose latitudes go from pole to pole."""
    bits = encode(decode(score), latitudes=(-90.0, 90.0)).bits
    letters = bytes(_ALPHABET[bits >> 47 - 5 * place & 31] for place in range(10))
    return letters + b"0"  # there are no bits for the last


def distance(one: Place, other: Place) -> float:
    """Return meters along the surface, by the haversine formula."""
    south, north = one.latitude * _RADIAN, other.latitude * _RADIAN
    u = math.sin((north - south) / 2)
    v = math.sin((other.longitude * _RADIAN - one.longitude * _RADIAN) / 2)
    sine = math.sqrt(u * u + math.cos(south) * math.cos(north) * v * v)
    return 2.0 * RADIUS_METERS * (math.asin(sine) if sine <= 1.0 else math.nan)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is searched: a circle of a radius, or a box; lengths in units of so many meters."""

    centre: Place
    unit_meters: float
    radius: float = 0.0
    box: tuple[float, float] | None = None
    """Its width and height."""

    def within(self, place: Place) -> float | None:
        """Return the distance of a place from the centre in meters, None if it lies outside."""
        if self.box is None:
            meters = distance(self.centre, place)
            return None if meters > self.radius * self.unit_meters else meters
        width, height = (side * self.unit_meters for side in self.box)
        across = distance(place, Place(self.centre.longitude, place.latitude))
        along = distance(place, Place(place.longitude, self.centre.latitude))
        if across > width / 2 or along > height / 2:
            return None
        return distance(self.centre, place)

    def _edges(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north in degrees, of a box around it."""
        width, height = self.box or (self.radius * 2, self.radius * 2)
        across, along = (self.unit_meters * (side / 2) for side in (width, height))
        x, y = self.centre.longitude, self.centre.latitude
        tall = along / RADIUS_METERS / _RADIAN
        narrowest = y - tall if y < 0 else y + tall  # of the two ends the one nearer its pole
        wide = _divided(across / RADIUS_METERS, _cosine(narrowest * _RADIAN)) / _RADIAN
        return x - wide, y - tall, x + wide, y + tall

    def areas(self) -> list[Cell]:
        """Return the cells to search, in their order."""
        west, south, east, north = self._edges()
        meters = self.radius
        if self.box is not None:
            x, y = self.box[0] / 2, self.box[1] / 2
            meters = math.sqrt(x * x + y * y)
        step = _step_for(meters * self.unit_meters, self.centre.latitude)
        cell = encode(self.centre, step)
        too_small = (
            cell.moved(0, 1).edges()[3] < north
            or cell.moved(0, -1).edges()[1] > south
            or cell.moved(1, 0).edges()[2] < east
            or cell.moved(-1, 0).edges()[0] > west
        )
        if step > 1 and too_small:
            step -= 1
            cell = encode(self.centre, step)
        inside = cell.edges()
        useless = set()
        if step >= 2:
            if inside[1] < south:
                useless |= {(x, -1) for x in (-1, 0, 1)}
            if inside[3] > north:
                useless |= {(x, 1) for x in (-1, 0, 1)}
            if inside[0] < west:
                useless |= {(-1, y) for y in (-1, 0, 1)}
            if inside[2] > east:
                useless |= {(1, y) for y in (-1, 0, 1)}
        return _without_repeats(
            [None if move in useless else cell.moved(*move) for move in _AROUND]
        )


_AROUND = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""The cells of a search, east and north of its centre, in the order in which they are searched."""


def _without_repeats(cells: list[Cell | None]) -> list[Cell]:
    """Leave out a cell that is the last one searched, unless that is the centre.

    So redis-server does: where the world has few cells, one may be searched twice.
    """
    found: list[Cell] = []
    last: Cell | None = None
    for place, cell in enumerate(cells):
        if cell is None or cell == last:
            continue
        found.append(cell)
        last = cell if place else None
    return found


def _step_for(meters: float, latitude: float) -> int:
    """Return how fine a grid nine of whose cells cover a circle."""
    if meters == 0:
        return STEPS
    step = -1
    while meters < HALF_EQUATOR_METERS:
        meters *= 2
        step += 1
    step -= (abs(latitude) > 66) + (abs(latitude) > 80)  # meridians are closer there
    return min(max(step, 1), STEPS)


def _cosine(angle: float) -> float:
    return math.cos(angle) if math.isfinite(angle) else math.nan


def _divided(top: float, bottom: float) -> float:
    """Divide as C does, for which nothing is an error."""
    if bottom:
        return top / bottom
    return math.nan if not top or math.isnan(top) else math.copysign(math.inf, bottom) * top
