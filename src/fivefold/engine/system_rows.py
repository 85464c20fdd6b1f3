"""Rows of the system relations that tell of the session, or of the moment.

Source: the PostgreSQL 15 manual, chapter 54 "System Views"; what a setting is, its range and its
description, are pg_settings' own (``languages/sql/system/settings.txt``).
"""

from __future__ import annotations

import json
import re
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from fivefold.engine.activity import activities, locks
from fivefold.languages.sql.system.catalog import row
from fivefold.languages.sql.system.definitions import FOLDER
from fivefold.values.oids import type_oid
from fivefold.values.text import parser
from fivefold.values.types import INTERVAL, Row
from fivefold.values.zones import ABBREVIATIONS

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession
    from fivefold.stores.contract import Connection

# -- settings -------------------------------------------------------------------------------------


class Fact(NamedTuple):
    """What PostgreSQL says of a setting; '-' stands for null."""

    name: str
    unit: str
    category: str
    description: str
    context: str
    kind: str
    minimum: str
    maximum: str
    words: str
    boot: str


@cache
def _facts() -> dict[str, Fact]:
    lines = (FOLDER / "settings.txt").read_text().splitlines()
    return {fact.name.lower(): fact for fact in (Fact(*line.split("\t")) for line in lines)}


_UNITS = {
    "B": 1,
    "kB": 1 << 10,
    "8kB": 1 << 13,
    "MB": 1 << 20,
    "GB": 1 << 30,
    "TB": 1 << 40,
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_AMOUNT = re.compile(r"(-?[\d.]+)([A-Za-z]+)")


def _plain(value: str, unit: str) -> str:
    """Return a number in the setting's own unit, which pg_settings leaves out."""
    found = _AMOUNT.fullmatch(value) if unit in _UNITS else None
    if found is None or found[2] not in _UNITS:
        return value
    return f"{float(found[1]) * _UNITS[found[2]] / _UNITS[unit]:.15g}"


def _settings(session: SqlSession, connection: Connection) -> Iterator[Row]:
    settings = session.settings
    defaults = {settings.shown(name): value for name, value in settings.defaults.items()}
    for name, value in settings.all():
        fact = _facts().get(name.lower())
        if fact is None:
            fact = Fact(name, "-", "Customized Options", "", "user", "string", "-", "-", "-", "")
        own = _plain(value, fact.unit)
        reset = _plain(defaults.get(name, value), fact.unit)
        yield row(
            "pg_settings",
            name=name,
            setting=own,
            unit=_or_null(fact.unit),
            category=fact.category,
            short_desc=fact.description,
            context=fact.context,
            vartype=fact.kind,
            source="default" if own == reset else "session",
            min_val=_or_null(fact.minimum),
            max_val=_or_null(fact.maximum),
            enumvals=None if fact.words == "-" else json.dumps(fact.words.split(",")),
            boot_val=reset,
            reset_val=reset,
            pending_restart=0,
        )


def _or_null(text: str) -> str | None:
    return None if text == "-" else text


# -- this session ---------------------------------------------------------------------------------


def _prepared(session: SqlSession, connection: Connection) -> Iterator[Row]:
    for name, known in session.prepared.items():
        types = session.plan(known.text, known.types)[0].types
        yield row(
            "pg_prepared_statements",
            name=name,
            statement=known.text,
            parameter_types=json.dumps([type_oid(type_) for type_ in types]),
            from_sql=int(known.bound is None),
            generic_plans=0,
            custom_plans=0,
        )


def _cursors(session: SqlSession, connection: Connection) -> Iterator[Row]:
    for name, cursor in session.reading.cursors.items():
        yield row(
            "pg_cursors",
            name=name,
            is_holdable=int(cursor.command.hold),
            is_binary=int(cursor.command.binary),
            is_scrollable=int(cursor.scrolls),
        )


_LAST_VALUES = "SELECT nspname, relname, pg_catalog.pg_sequence_last_value(c.oid) "
_LAST_VALUES += "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace "
_LAST_VALUES += "WHERE relkind = 'S'"


def _sequences(session: SqlSession, connection: Connection) -> Iterator[Row]:
    """Yield pg_sequences: the catalog's rows with what each sequence gave last."""
    from fivefold.engine.system import provide, system_of

    plan, literals = session.plan(_LAST_VALUES)
    provide(session, connection, plan.prepared[0].statement)
    last = {each[:2]: each[2] for each in connection.run(plan.prepared[0], literals)}
    for each in system_of(session).rows("pg_sequences"):
        yield (*each[:-1], last.get(each[:2]))


# -- time zones -----------------------------------------------------------------------------------


_SUMMER_NAMES = """
acdt acsst adt aedt aesst akdt almst awsst azost bdst brst bst cadt cdt cest cetdst chadt clst
clt easst east edt eest eetdst egst fjst fnst idt kdt kgst lhdt mdt mest mesz metdst msd must
ndt nzdt pdt pkst pmdt pyst sadt ulast uyst uzst wadt wdt wetdst wgst yekst
"""
_SUMMER = frozenset(_SUMMER_NAMES.split())
"""The abbreviations of summer times, as pg_timezone_abbrevs has them."""


def _interval(offset: timedelta) -> str:
    return str(parser(INTERVAL)(f"{offset.total_seconds():.0f} seconds"))


def _zones(session: SqlSession, connection: Connection) -> Iterator[Row]:
    now = session.context.statement_utc
    for name in sorted(zoneinfo.available_timezones()):
        there = now.astimezone(zoneinfo.ZoneInfo(name))
        yield row(
            "pg_timezone_names",
            name=name,
            abbrev=there.tzname(),
            utc_offset=_interval(there.utcoffset() or timedelta()),
            is_dst=int(bool(there.dst())),
        )


def _abbreviations(session: SqlSession, connection: Connection) -> Iterator[Row]:
    for name, seconds in sorted(ABBREVIATIONS.items()):
        yield row(
            "pg_timezone_abbrevs",
            abbrev=name.upper(),
            utc_offset=_interval(timedelta(seconds=seconds)),
            is_dst=int(name in _SUMMER),
        )


MAKERS: dict[str, Callable[[SqlSession, Connection], Iterable[Row]]] = {
    "pg_settings": _settings,
    "pg_stat_activity": activities,
    "pg_locks": locks,
    "pg_prepared_statements": _prepared,
    "pg_cursors": _cursors,
    "pg_sequences": _sequences,
    "pg_timezone_names": _zones,
    "pg_timezone_abbrevs": _abbreviations,
}
