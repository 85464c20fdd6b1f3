"""Options of tables and views: which there are, what they may be, and what they are by default.

Source: "Table options" below "Data Definition (DDL)" of Cassandra's CQL reference, version 5.0, and
what Cassandra 5.0.5 answers. None of them changes how rows are kept here, but for
default_time_to_live and gc_grace_seconds; they are checked, kept and shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from fivefold.errors import FivefoldError
from fivefold.languages.cql.parse.printing import string
from fivefold.languages.cql.schema import suboptions
from fivefold.languages.cql.schema.values import (
    as_boolean,
    as_map,
    as_text,
    java_double,
    map_text,
)
from fivefold.languages.cql.tree import Options, OptionValue
from fivefold.values.cql.faults import configuration, syntax

TTL_MAX_S = 20 * 365 * 86_400

_Read = Callable[[str, OptionValue], str]
"""From an option's name and what was given to what is kept and shown, as CQL text."""


def _text(name: str, value: OptionValue) -> str:
    return string(as_text(name, value))


def _whole(low: int, high: int | None = None) -> _Read:
    def read(name: str, value: OptionValue) -> str:
        text = as_text(name, value)
        number = int(text) if re.fullmatch(r"[+-]?\d+", text) else 2**31
        if not -(2**31) <= number < 2**31:
            raise syntax(f"Invalid integer value {text} for '{name}'")
        if number < low:
            raise configuration(f"{name} must be greater than or equal to {low} (got {number})")
        if high is not None and number > high:
            raise configuration(f"{name} must be less than or equal to {high} (got {number})")
        return str(number)

    return read


def _double(name: str, value: OptionValue) -> float:
    text = as_text(name, value)
    try:
        return float(text)
    except ValueError:
        raise syntax(f"Invalid double value {text} for '{name}'") from None


_FALSE_POSITIVES_MIN = 6.71e-5


def _bloom(name: str, value: OptionValue) -> str:
    chance = _double(name, value)
    if not _FALSE_POSITIVES_MIN < chance <= 1:
        raise configuration(
            f"{name} must be larger than 6.71E-5 and less than or equal to 1.0"
            f" (got {java_double(chance)})"
        )
    return java_double(chance)


def _chance(name: str, value: OptionValue) -> str:
    chance = _double(name, value)
    if not 0 <= chance <= 1:
        raise configuration(
            f"{name} must be larger than or equal to 0 and smaller than or equal to 1.0"
            f" (got {java_double(chance)})"
        )
    return java_double(chance)


def _boolean(name: str, value: OptionValue) -> str:
    return str(as_boolean(name, value)).lower()


def _map(check: Callable[[Mapping[str, str]], Mapping[str, str]]) -> _Read:
    return lambda name, value: map_text(check(as_map(name, value)))


def _retry(name: str, value: OptionValue) -> str:
    return string(_retry_policy(as_text(name, value)))


_PERCENTILE = re.compile(r"(\d+(?:\.\d+)?)p(?:ercentile)?", re.IGNORECASE)
_FIXED = re.compile(r"(\d+)(?:\.\d+)?ms", re.IGNORECASE)
_HYBRID = re.compile(r"(MIN|MAX)\((.+?),\s*(.+?)\)", re.IGNORECASE)


def _retry_policy(text: str) -> str:
    """Return a policy of speculative retry as Cassandra shows it."""
    upper = text.upper()
    if upper in ("NONE", "NEVER"):
        return "NEVER"
    if upper == "ALWAYS":
        return upper
    if found := _PERCENTILE.fullmatch(text):
        share = float(found[1])
        if not 0 < share < 100:
            raise configuration(
                f"Invalid value {text} for PERCENTILE option 'speculative_retry': must be between"
                " (0.0 and 100.0)"
            )
        return f"{share:g}p"
    if found := _FIXED.fullmatch(text):
        return f"{int(found[1])}ms"
    if found := _HYBRID.fullmatch(text):
        kinds = [bool(_PERCENTILE.fullmatch(found[part])) for part in (2, 3)]
        if kinds[0] != kinds[1]:
            return f"{found[1].upper()}({','.join(_retry_policy(found[n]) for n in (2, 3))})"
    raise configuration(f"Invalid value {text} for option 'speculative_retry'")


def _read_repair(name: str, value: OptionValue) -> str:
    text = as_text(name, value).upper()
    if text not in ("BLOCKING", "NONE"):
        raise _java(
            "java.lang.IllegalArgumentException: No enum constant"
            f" org.apache.cassandra.service.reads.repair.ReadRepairStrategy.{text}"
        )
    return string(text)


def _java(message: str) -> FivefoldError:
    """Return the error for what Cassandra does not expect to fail."""
    error = configuration(message)
    error.number = 0
    return error


def _memtable(name: str, value: OptionValue) -> str:
    text = as_text(name, value)
    if text != "default":
        raise configuration(f'Memtable configuration "{text}" not found.')
    return string(text)


def _extensions(name: str, value: OptionValue) -> str:
    return "{}"


OPTIONS: Final[Mapping[str, tuple[str, _Read]]] = {
    "additional_write_policy": ("'99p'", _retry),
    "allow_auto_snapshot": ("true", _boolean),
    "bloom_filter_fp_chance": ("0.01", _bloom),
    "caching": ("{'keys': 'ALL', 'rows_per_partition': 'NONE'}", _map(suboptions.caching)),
    "cdc": ("false", _boolean),
    "comment": ("''", _text),
    "compaction": (map_text(suboptions.COMPACTION), _map(suboptions.compaction)),
    "compression": (map_text(suboptions.COMPRESSION), _map(suboptions.compression)),
    "memtable": ("'default'", _memtable),
    "crc_check_chance": ("1.0", _chance),
    "default_time_to_live": ("0", _whole(0, TTL_MAX_S)),
    "extensions": ("{}", _extensions),
    "gc_grace_seconds": ("864000", _whole(0)),
    "incremental_backups": ("true", _boolean),
    "max_index_interval": ("2048", _whole(1)),
    "memtable_flush_period_in_ms": ("0", _whole(0)),
    "min_index_interval": ("128", _whole(1)),
    "read_repair": ("'BLOCKING'", _read_repair),
    "speculative_retry": ("'99p'", _retry),
}
"""Each option's default and how it is read, in the order in which Cassandra shows them."""


Kept = tuple[tuple[str, str], ...]
"""Options as the catalog keeps them: those that are not as by default."""


def read_options(given: Options, kept: Kept = ()) -> Kept:
    """Return the options of a table that had ``kept``, after ``given``.

    The table's id, which may be among them, is read by ``given_id``. Raises Cassandra's errors.
    """
    for name, _ in given:
        if name not in OPTIONS and name != "id":
            raise syntax(f"Unknown property '{name}'")
    found = dict(kept)
    for name, value in given:
        if name != "id":
            found[name] = OPTIONS[name][1](name, value)
    _check_intervals(found)
    return tuple(
        (name, found[name]) for name in sorted(found) if found[name] != default(found, name)
    )


def default(found: Mapping[str, str], name: str) -> str:
    """Return what an option is by default beside the others."""
    if name == "bloom_filter_fp_chance" and "Leveled" in found.get("compaction", ""):
        return "0.1"
    return OPTIONS[name][0]


def shown_options(kept: Kept) -> dict[str, str]:
    """Return all options as CQL shows them, in Cassandra's order."""
    found = dict(kept)
    return {name: found.get(name, default(found, name)) for name in OPTIONS}


def _check_intervals(found: Mapping[str, str]) -> None:
    low, high = (
        int(found.get(name, OPTIONS[name][0]))
        for name in ("min_index_interval", "max_index_interval")
    )
    if high < low:
        raise configuration(
            f"max_index_interval must be greater than or equal to min_index_interval ({low})"
            f" (got {high})"
        )


def given_id(given: Options) -> str | None:
    """Return the id that a table shall have, 32 hexadecimal digits, if one is given."""
    for name, value in given:
        if name == "id":
            try:
                return UUID(as_text(name, value)).hex
            except ValueError:
                raise configuration("Invalid table id") from None
    return None
