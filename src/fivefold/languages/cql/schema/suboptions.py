"""Options that are maps: caching, compaction and compression.

Source: "Table options" below "Data Definition (DDL)" of Cassandra's CQL reference, its chapters on
compaction and compression, and what Cassandra 5.0.5 answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fivefold.errors import FivefoldError
from fivefold.values.cql.faults import configuration

_COMPACTION: Final = "org.apache.cassandra.db.compaction."
_COMPRESSION: Final = "org.apache.cassandra.io.compress."

COMPACTION: Final = {
    "class": f"{_COMPACTION}SizeTieredCompactionStrategy",
    "max_threshold": "32",
    "min_threshold": "4",
}
COMPRESSION: Final = {"chunk_length_in_kb": "16", "class": f"{_COMPRESSION}LZ4Compressor"}


def caching(given: Mapping[str, str]) -> Mapping[str, str]:
    """Check ``caching``; what is not said is not cached."""
    strange = sorted(given.keys() - {"keys", "rows_per_partition"})
    if strange:
        raise configuration(
            f"Invalid caching sub-options [{', '.join(strange)}]: only 'keys' and"
            " 'rows_per_partition' are allowed"
        )
    keys = given.get("keys", "NONE")
    if keys.upper() not in ("ALL", "NONE"):
        raise configuration(
            f"Invalid value '{keys}' for caching sub-option 'keys': only 'ALL' and 'NONE' are"
            " allowed"
        )
    rows = given.get("rows_per_partition", "NONE")
    if rows.upper() not in ("ALL", "NONE") and not rows.isdigit():
        raise configuration(
            f"Invalid value '{rows}' for caching sub-option 'rows_per_partition': only 'ALL',"
            " 'NONE', and integer values are allowed"
        )
    return {"keys": keys.upper(), "rows_per_partition": rows.upper()}


# Compaction

_COMMON = {
    "class",
    "enabled",
    "log_all",
    "only_purge_repaired_tombstones",
    "provide_overlapping_tombstones",
    "tombstone_compaction_interval",
    "tombstone_threshold",
    "unchecked_tombstone_compaction",
}
_THRESHOLDS = {"min_threshold", "max_threshold"}
_TIERS = {"min_sstable_size", "bucket_low", "bucket_high"}
_STRATEGIES: Final[Mapping[str, frozenset[str]]] = {
    "SizeTieredCompactionStrategy": frozenset(_COMMON | _THRESHOLDS | _TIERS),
    "LeveledCompactionStrategy": frozenset(
        _COMMON
        | _THRESHOLDS
        | _TIERS
        | {"sstable_size_in_mb", "fanout_size", "single_sstable_uplevel"}
    ),
    "TimeWindowCompactionStrategy": frozenset(
        _COMMON
        | _THRESHOLDS
        | _TIERS
        | {
            "compaction_window_size",
            "compaction_window_unit",
            "expired_sstable_check_frequency_seconds",
            "timestamp_resolution",
            "unsafe_aggressive_sstable_expiration",
        }
    ),
    "UnifiedCompactionStrategy": frozenset(
        _COMMON
        | {
            "base_shard_count",
            "expired_sstable_check_frequency_seconds",
            "flush_size_override",
            "max_sstables_to_compact",
            "min_sstable_size",
            "overlap_inclusion_method",
            "scaling_parameters",
            "sstable_growth",
            "target_sstable_size",
            "unsafe_aggressive_sstable_expiration",
        }
    ),
}
_BOOLEANS = ("log_all", "only_purge_repaired_tombstones", "unchecked_tombstone_compaction")


def compaction(given: Mapping[str, str]) -> Mapping[str, str]:
    """Check ``compaction``; the thresholds are told even if they were not given."""
    if "class" not in given:
        raise configuration("Missing sub-option 'class' for the 'compaction' option")
    name = given["class"]
    known = _STRATEGIES.get(name.removeprefix(_COMPACTION))
    if known is None:
        whole = name if "." in name else f"{_COMPACTION}{name}"
        raise configuration(f"Unable to find compaction strategy class '{whole}'")
    strategy = name.removeprefix(_COMPACTION)
    found = {**given, "class": f"{_COMPACTION}{strategy}"}
    _check_tombstones(given)
    if "sstable_size_in_mb" in known:
        _check_size(given)
    if "bucket_low" in known:
        _check_tiers(given)
    if "compaction_window_unit" in known:
        _check_window(given)
    strange = sorted(given.keys() - known)
    if strange:
        raise configuration(
            f"Properties specified [{', '.join(strange)}] are not understood by {strategy}"
        )
    if "min_threshold" in known:
        found = {"min_threshold": "4", "max_threshold": "32", **found}
        _check_thresholds(found)
    _check_boolean(given, "enabled", "{0} should either be 'true' or 'false', not {1}")
    return found


def _check_tombstones(given: Mapping[str, str]) -> None:
    threshold = given.get("tombstone_threshold")
    if threshold is not None and _number(threshold, "tombstone_threshold") < 0:
        raise configuration(f"tombstone_threshold must be greater than 0, but was {threshold}")
    interval = given.get("tombstone_compaction_interval")
    if interval is not None and _number(interval, "tombstone_compaction_interval") < 0:
        raise configuration(
            f"tombstone_compaction_interval must be greater than 0, but was {interval}"
        )
    for name in _BOOLEANS:
        _check_boolean(given, name, "'{0}' should be either 'true' or 'false', not '{1}'")


def _check_boolean(given: Mapping[str, str], name: str, message: str) -> None:
    value = given.get(name, "true")
    if value.lower() not in ("true", "false"):
        raise configuration(message.format(name, value))


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise configuration(f"{text} is not a parsable int (base10) for {name}") from None


def _check_size(given: Mapping[str, str]) -> None:
    for name in ("sstable_size_in_mb", "fanout_size"):
        value = given.get(name)
        if value is not None and _number(value, name) < 1:
            raise configuration(f"{name} must be larger than 0, but was {value}")


def _check_tiers(given: Mapping[str, str]) -> None:
    size = given.get("min_sstable_size")
    if size is not None and _number(size, "min_sstable_size") < 0:
        raise configuration(f"min_sstable_size must be non negative: {size}")
    low = _number(given.get("bucket_low", "0.5"), "bucket_low")
    high = _number(given.get("bucket_high", "1.5"), "bucket_high")
    if high <= low:
        raise configuration(
            f"bucket_high value ({high}) is less than or equal to the bucket_low value ({low})"
        )


def _check_window(given: Mapping[str, str]) -> None:
    unit = given.get("compaction_window_unit", "DAYS")
    if unit not in ("MINUTES", "HOURS", "DAYS"):
        raise configuration(f"{unit} is not valid for compaction_window_unit")
    size = given.get("compaction_window_size", "1")
    if _number(size, "compaction_window_size") < 1:
        raise configuration(f"{size} must be greater than 1 for compaction_window_size")


def _check_thresholds(found: Mapping[str, str]) -> None:
    numbers = {}
    for name in ("min_threshold", "max_threshold"):
        if not re.fullmatch(r"[+-]?\d+", found[name]):
            raise configuration(
                f"Invalid value {found[name]} for '{name}' compaction sub-option - must be an"
                " integer"
            )
        numbers[name] = int(found[name])
    low, high = numbers["min_threshold"], numbers["max_threshold"]
    if low <= 0 or high <= 0:
        raise configuration(
            "Disabling compaction by setting compaction thresholds to 0 has been removed, set the"
            " compaction option 'enabled' to false instead."
        )
    if low <= 1:
        raise configuration(f"Min compaction threshold cannot be less than 2 (got {low})")
    if low > high:
        raise configuration(
            f"Min compaction threshold (got {low}) cannot be greater than max compaction threshold"
            f" (got {high})"
        )


# Compression

_COMPRESSORS: Final[Mapping[str, frozenset[str]]] = {
    "LZ4Compressor": frozenset({"lz4_compressor_type", "lz4_high_compressor_level"}),
    "SnappyCompressor": frozenset(),
    "DeflateCompressor": frozenset(),
    "NoopCompressor": frozenset(),
    "ZstdCompressor": frozenset({"compression_level"}),
}
_LEVELS = range(-131_072, 23)
_OFF: Final = {"enabled": "false"}


def compression(given: Mapping[str, str]) -> Mapping[str, str]:
    """Check ``compression``; none is ``enabled`` = false."""
    if not given:
        return _OFF
    rest = dict(given)
    enabled = rest.pop("enabled", "true").lower() == "true"
    if not enabled:
        if rest:
            raise configuration(
                "If the 'enabled' option is set to false no other options must be specified"
            )
        return _OFF
    if "class" not in rest:
        raise configuration("Missing sub-option 'class' for the 'compression' option.")
    if not rest["class"]:
        raise configuration(
            "The 'class' option must not be empty. To disable compression use 'enabled' : false"
        )
    name = rest.pop("class")
    _check_chunks(rest)
    whole = name if "." in name else f"{_COMPRESSION}{name}"
    known = _COMPRESSORS.get(name.removeprefix(_COMPRESSION))
    if known is None:
        raise configuration(f"Could not create Compression for type {whole}")
    rest = {"chunk_length_in_kb": "16", **rest}
    _check_compressor(rest)
    strange = sorted(rest.keys() - known - {"chunk_length_in_kb", "min_compress_ratio"})
    if strange:
        raise configuration(f"Unknown compression options {', '.join(strange)}")
    return {**rest, "class": whole}


def _check_chunks(rest: Mapping[str, str]) -> None:
    length = rest.get("chunk_length_in_kb", "16")
    if not re.fullmatch(r"[+-]?\d+", length):
        raise configuration("Invalid value for chunk_length_in_kb")
    if int(length) <= 0:
        raise configuration("Invalid negative or null chunk_length_in_kb")
    if int(length) & (int(length) - 1):
        raise configuration("chunk_length_in_kb must be a power of 2")
    ratio = _ratio(rest.get("min_compress_ratio", "0"))
    if ratio != 0 and ratio < 1:
        raise configuration("min_compress_ratio can either be 0 or greater than or equal to 1")


def _ratio(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise configuration("Invalid value for min_compress_ratio") from None


def _check_compressor(rest: Mapping[str, str]) -> None:
    kind = rest.get("lz4_compressor_type", "fast")
    if kind not in ("fast", "high"):
        raise configuration(
            f"Invalid compressor type '{kind}' specified for LZ4 parameter 'lz4_compressor_type'."
            " Valid options are [high, fast]."
        )
    level = rest.get("compression_level", "3")
    if not re.fullmatch(r"[+-]?\d+", level) or int(level) not in _LEVELS:
        raise _level(level)


def _level(level: str) -> FivefoldError:
    return configuration(
        "ZstdCompressor.create() threw an error: java.lang.IllegalArgumentException"
        f" compression_level={level} is invalid"
    )
