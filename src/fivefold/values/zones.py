"""Time zones by name: IANA names, the abbreviations PostgreSQL knows, and offsets.

Abbreviations are those of PostgreSQL 15's view ``pg_timezone_abbrevs`` (time zone set
``Default``), each with one fixed offset in minutes; where PostgreSQL looks up the offset of an
abbreviation in its zone's history, this table has the latest one.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone, tzinfo

OFFSET_HOURS_MAX = 15
"""PostgreSQL's MAX_TZDISP_HOUR: offsets are under 16 hours."""

_MINUTES_BY_ABBREVIATION = """
    acdt:630 acsst:630 acst:570 act:-300 acwst:525 adt:-180 aedt:660 aesst:660 aest:600 aft:270
    akdt:-480 akst:-540 almst:420 almt:360 amst:240 amt:-240 anast:720 anat:720 arst:-180
    art:-180 ast:-240 awsst:540 awst:480 azost:0 azot:-60 azst:240 azt:240 bdst:120 bdt:360
    bnt:480 bort:480 bot:-240 bra:-180 brst:-120 brt:-180 bst:60 btt:360 cadt:630 cast:570
    cct:480 cdt:-300 cest:120 cet:60 cetdst:120 chadt:825 chast:765 chut:600 ckt:-600 clst:-180
    clt:-180 cot:-300 cst:-360 cxt:420 davt:420 ddut:600 easst:-300 east:-300 eat:180 edt:-240
    eest:180 eet:120 eetdst:180 egst:0 egt:-60 est:-300 fet:180 fjst:780 fjt:720 fkst:-180
    fkt:-180 fnst:-60 fnt:-120 galt:-360 gamt:-540 gest:240 get:240 gft:-180 gilt:720 gmt:0
    gyt:-240 hkt:480 hst:-600 ict:420 idt:180 iot:360 irkst:480 irkt:480 irt:210 ist:120
    jayt:540 jst:540 kdt:600 kgst:360 kgt:360 kost:660 krast:420 krat:420 kst:540 lhdt:660
    lhst:630 ligt:600 lint:840 lkt:330 magst:660 magt:660 mart:-570 mawt:300 mdt:-360 mest:120
    mesz:120 met:60 metdst:120 mez:60 mht:720 mmt:390 mpt:600 msd:240 msk:180 mst:-420 must:300
    mut:240 mvt:300 myt:480 ndt:-150 nft:-210 novst:420 novt:420 npt:345 nst:-210 nut:-660
    nzdt:780 nzst:720 nzt:720 omsst:360 omst:360 pdt:-420 pet:-300 petst:720 pett:720 pgt:600
    pht:480 pkst:360 pkt:300 pmdt:-120 pmst:-180 pont:660 pst:-480 pwt:540 pyst:-180 pyt:-180
    ret:240 sadt:630 sast:120 sct:240 sgt:480 taht:-600 tft:300 tjt:300 tkt:780 tmt:300 tot:780
    trut:600 tvt:720 uct:0 ulast:540 ulat:480 ut:0 utc:0 uyst:-120 uyt:-180 uzst:360 uzt:300
    vet:-240 vlast:600 vlat:600 volt:180 vut:660 wadt:480 wakt:720 wast:420 wat:60 wdt:540 wet:0
    wetdst:60 wft:720 wgst:-120 wgt:-180 xjt:360 yakst:540 yakt:540 yapt:600 yekst:360 yekt:300
    z:0 zulu:0
"""

ABBREVIATIONS: dict[str, int] = {
    name: int(minutes) * 60
    for name, minutes in (pair.split(":") for pair in _MINUTES_BY_ABBREVIATION.split())
}
"""Seconds east of Greenwich by lower-case abbreviation."""

_OFFSET = re.compile(r"([+-])([0-9]{1,2})(?::?([0-9]{2}))?(?::?([0-9]{2}))?\Z", re.ASCII)

_POSIX = re.compile(
    r"(?:<[^>]*>|[^<0-9,+-][^0-9,+-]*)?([+-]?)([0-9]{1,2})(?::([0-9]{1,2}))?(?::([0-9]{1,2}))?\Z",
    re.ASCII,
)
"""A name that may be missing, and an offset that counts west of Greenwich."""


@functools.cache
def _names_by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}


@functools.lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo | None:
    """Return the IANA zone of that name in any case, or a fixed one as POSIX has it; or None.

    POSIX counts west of Greenwich: 'UTC+3', '+3' and '3' are three hours behind. Its rules for
    daylight saving ('EST5EDT,M3.2.0,M11.1.0') are not read.
    """
    if name.lower() in ("utc", "gmt", "etc/utc", "zulu", "etc/gmt", "uct"):
        return UTC
    if found := _POSIX.match(name):
        return _east(found[2], found[3], found[4], west=found[1] != "-")
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Not a name, or one in other letters; OSError when it names a folder of zones.
        known = _names_by_lower_case().get(name.lower())
    return zoneinfo.ZoneInfo(known) if known is not None else None


def zone_setting(text: str) -> tzinfo | None:
    """Return the zone that SET TimeZone means: a name, or hours east as a number ('5', '-5.5').

    None if there is none.
    """
    bare = text.strip()
    if bare.lower() in ("local", "default"):
        return UTC
    return zone_named(setting_name(bare))


def setting_name(text: str) -> str:
    """Return the name that SHOW TimeZone has for what was set: numbers become POSIX zones."""
    try:
        hours = float(text)
    except ValueError:
        return text
    seconds = hours * 3600
    return fixed_name(int(seconds)) if abs(seconds) < 86400 else text


def fixed_name(seconds: int) -> str:
    """Return the name of a zone so far east of Greenwich: '<+05:30>-05:30'."""
    east, west = (offset_text(timedelta(seconds=one)) for one in (seconds, -seconds))
    return f"<{east}>{'-00' if not seconds else west}"


def zone_of_words(name: str) -> tzinfo | None:
    """Return the zone that AT TIME ZONE means: abbreviations come before names. None if none."""
    found = ABBREVIATIONS.get(name.lower())
    if found is not None:
        return timezone(timedelta(seconds=found), name.upper())
    return zone_named(name)


def zone_of_input(name: str) -> tzinfo | None:
    """Return the zone that a moment's input means: an offset counts east here. None if none."""
    offset = _OFFSET.match(name)
    if offset is not None:
        return _east(offset[2], offset[3], offset[4], west=offset[1] == "-")
    return zone_of_words(name)


def _east(hours: str, minutes: str | None, seconds: str | None, *, west: bool) -> tzinfo | None:
    parts = [int(part or 0) for part in (hours, minutes, seconds)]
    if parts[0] > OFFSET_HOURS_MAX or parts[1] > 59 or parts[2] > 59:
        return None
    offset = parts[0] * 3600 + parts[1] * 60 + parts[2]
    return timezone(timedelta(seconds=-offset if west else offset))


def offset_at(zone: tzinfo, local: datetime) -> timedelta:
    """Return the offset of a wall clock's time in ``zone``.

    Where the clock skips or repeats an hour, PostgreSQL takes the standard time: that is the
    smaller of both offsets.
    """
    if zone is UTC:
        return timedelta(0)
    first = zone.utcoffset(local) or timedelta(0)
    second = zone.utcoffset(local.replace(fold=1)) or timedelta(0)
    return min(first, second)


def offset_text(offset: timedelta) -> str:
    """Return '+00', '+05:30' or '-00:01:15', as PostgreSQL writes offsets."""
    seconds = offset.days * 86400 + offset.seconds
    sign = "-" if seconds < 0 else "+"
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    text = f"{sign}{hour:02d}"
    if minute or second:
        text += f":{minute:02d}"
    return f"{text}:{second:02d}" if second else text
