"""What a session asks about itself and the server."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime
from decimal import Decimal

from fivefold.errors import InvalidStatement, InvalidValue, Violation
from fivefold.stores.sqlite.capture import SHOWN_CHARS_MAX
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.codes import type_of_code
from fivefold.stores.sqlite.functions.collations import of_name
from fivefold.stores.sqlite.functions.numeric import times
from fivefold.stores.sqlite.functions.table import Entry, Function, Needs, stricts
from fivefold.values.compare import interval_key
from fivefold.values.datetimes import moment_text
from fivefold.values.numbers import numeric_to_integer, parse_numeric
from fivefold.values.types import NUMERIC, Kind, Stored

VERSION = "PostgreSQL 15.0 (fivefold)"
STARTED = moment_text(datetime.now(UTC).replace(tzinfo=None)) + "+00"
SLEEP_SECONDS_MAX = 86_400.0
SLEEP_STEP_SECONDS = 0.05


def setting(context: Context, name: str | None, missing: int | None = 0) -> str | None:
    """current_setting."""
    if name is None:
        return None
    found = context.settings.get(name.lower())
    if found is None:
        found = context.find_setting(name)
    if found is None and not missing:
        raise InvalidStatement(f'unrecognized configuration parameter "{name}"', "undefined_object")
    return found


def set_setting(
    context: Context, name: str | None, value: str | None, local: int | None
) -> str | None:
    """set_config."""
    if name is None:
        raise InvalidValue("SET requires parameter name", "null_value_not_allowed")
    return context.set_setting(name, value, bool(local))


def schemas(context: Context, implicit: int | None) -> str | None:
    """current_schemas."""
    if implicit is None:
        return None
    own = () if context.temporary is None else (context.temporary,)
    found = [*((*own, "pg_catalog") if implicit else ()), *context.search_path]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def sleep(context: Context, seconds: float | str | None) -> str:
    """pg_sleep."""
    asked = float(seconds or 0)
    until = time.monotonic() + min(0.0 if asked != asked else asked, SLEEP_SECONDS_MAX)
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, SLEEP_STEP_SECONDS))
        context.check()
    return ""


def nulls(*values: Stored) -> int:
    """num_nulls."""
    return sum([value is None for value in values])


def not_nulls(*values: Stored) -> int:
    """num_nonnulls."""
    return sum([value is not None for value in values])


def _extreme(sign: int) -> Function:
    """GREATEST and LEAST: the collation's name, then values; nulls are passed over."""

    def run(collation: str, *values: Stored) -> Stored:
        order = of_name(collation) if collation else None
        best: Stored = None
        for value in values:
            if value is None:
                continue
            if best is None or _compared(order, value, best) * sign > 0:
                best = value
        return best

    return run


def _compared(order: Function | None, a: Stored, b: Stored) -> int:
    if order is not None:
        return int(order(a, b))
    if isinstance(a, str) != isinstance(b, str):  # a float's NaN is text, and greatest
        return 1 if isinstance(a, str) else -1
    if isinstance(a, str) and isinstance(b, str):
        a, b = a.encode(), b.encode()
    return (a > b) - (a < b)  # type: ignore[operator]  # of one kind


def enum_first(_: Stored, code: str) -> str:
    """enum_first: of the type of its argument."""
    return type_of_code(code).labels[0]


def enum_last(_: Stored, code: str) -> str:
    """enum_last."""
    return type_of_code(code).labels[-1]


def enum_range(low: Stored, code: str, high: Stored = None, _: str = "") -> str:
    """enum_range: all labels, or those from the first argument to the second.

    With one argument its value says nothing; with two a null is an open end.
    """
    labels = type_of_code(code).labels
    if not _:
        return json.dumps(labels, ensure_ascii=False)
    start = 0 if low is None else labels.index(str(low))
    end = len(labels) if high is None else labels.index(str(high)) + 1
    return json.dumps(labels[start:end], ensure_ascii=False)


def random_uuid() -> str:
    """gen_random_uuid: version 4 of RFC 4122."""
    bits = int.from_bytes(os.urandom(16)) & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def column_size(value: Stored, _: str) -> int | None:
    """pg_column_size, of the stored form."""
    if value is None:
        return None
    return len(value) if isinstance(value, str | bytes) else 8


_SIZES = ((0, "kB"), (10, "MB"), (10, "GB"), (10, "TB"), (10, "PB"))


def size_pretty(size: int | str | None) -> str | None:
    """pg_size_pretty: a unit is left for the next at ten (bytes) or twenty thousand halves."""
    if size is None:
        return None
    exact = Decimal(size)
    if not exact.is_finite():
        return f"{size} {'PB' if exact > 0 else 'bytes'}" if exact == exact else "NaN bytes"
    value = int(exact)
    if abs(value) < 10 * 1024:
        return f"{size} bytes"  # a numeric with its fraction
    value = int(value / 512)  # in halves of the next unit from here on
    for bits, unit in _SIZES:
        value = int(value / (1 << bits))
        if abs(value) < 20 * 1024 - 1 or unit == "PB":
            break
    halved = (value + (1 if value > 0 else -1 if value < 0 else 0)) / 2
    return f"{int(halved)} {unit}"


def sleep_for(context: Context, interval: str | None) -> str | None:
    """pg_sleep_for."""
    return None if interval is None else sleep(context, interval_key(interval) / 1_000_000)


def sleep_until(context: Context, moment: str | None) -> str | None:
    """pg_sleep_until."""
    if moment is None or moment == "-infinity":
        return None if moment is None else ""
    if moment == "infinity":
        return sleep(context, SLEEP_SECONDS_MAX)
    return sleep(context, (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds())


_SIZE = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.ASCII | re.DOTALL
)
_UNITS = {"": 0, "bytes": 0, "kb": 10, "mb": 20, "gb": 30, "tb": 40, "pb": 50}


def size_bytes(text: str) -> int:
    """pg_size_bytes. Raises InvalidValue."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise InvalidValue(f'invalid size: "{text}"', "invalid_parameter_value")
    bits = _UNITS.get(found[2].lower())
    if bits is None:
        raise InvalidValue(
            f'invalid size: "{text}"', "invalid_parameter_value",
            detail=f'Invalid size unit: "{found[2]}".',
            hint='Valid units are "bytes", "kB", "MB", "GB", "TB", and "PB".',
        )  # fmt: skip
    product = times(parse_numeric(NUMERIC, found[1]), str(1 << bits))
    return numeric_to_integer(Kind.INT8, product)


def _here(name: str, arguments: int, function: Function) -> Entry:
    return Entry(name, arguments, function, deterministic=False, needs=Needs.CONTEXT)


def _constant(name: str, function: Function) -> Entry:
    return Entry(name, 0, function, deterministic=False)


def cancel_backend(context: Context, process_id: int | None) -> int | None:
    """pg_cancel_backend: 0 where no session has that number."""
    return None if process_id is None else int(context.signal(process_id, False))


def terminate_backend(context: Context, process_id: int | None, timeout_ms: int = 0) -> int | None:
    """pg_terminate_backend, which does not wait here; 0 where no session has that number."""
    return None if process_id is None else int(context.signal(process_id, True))


def check_option(count: int, *values: str | int | None) -> int:
    """Return true, or raise the error of a row that WITH CHECK OPTION refuses."""
    for name, met in zip(values[: 2 * count : 2], values[1 : 2 * count : 2], strict=True):
        if not met:
            row = ", ".join([_cut(value) for value in values[2 * count :]])
            raise Violation(
                f'new row violates check option for view "{name}"',
                "with_check_option_violation",
                detail=f"Failing row contains ({row}).",
            )
    return 1


def _cut(value: str | int | None) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "..."


FUNCTIONS: tuple[Entry, ...] = (
    _constant("ff_version", lambda: VERSION),
    _here("ff_current_user", 0, lambda context: context.user),
    _here("ff_session_user", 0, lambda context: context.session_user),
    _here("ff_current_database", 0, lambda context: context.database),
    _here("ff_current_schema", 0, lambda context: next(iter(context.search_path), None)),
    _here("ff_current_schemas", 1, schemas),
    _here("ff_current_setting", -1, setting),
    _here("ff_set_config", 3, set_setting),
    _here("ff_pg_backend_pid", 0, lambda context: context.process_id or os.getpid()),
    _constant("ff_pg_is_in_recovery", lambda: 0),
    _constant("ff_pg_postmaster_start_time", lambda: STARTED),
    _constant("ff_inet_server_port", lambda: None),
    _constant("ff_gen_random_uuid", random_uuid),
    _here("ff_pg_sleep", 1, sleep),
    _here("ff_pg_cancel_backend", 1, cancel_backend),
    _here("ff_pg_terminate_backend", -1, terminate_backend),
    _here("ff_txid_current", 0, lambda context: int(context.now_utc.timestamp() * 1_000_000)),
    Entry("ff_enum_first", 2, enum_first),
    Entry("ff_enum_last", 2, enum_last),
    Entry("ff_enum_range", -1, enum_range),
    Entry("ff_num_nulls", -1, nulls),
    Entry("ff_num_nonnulls", -1, not_nulls),
    Entry("ff_max", -1, _extreme(1)),
    Entry("ff_min", -1, _extreme(-1)),
    Entry("ff_check_option", -1, check_option, deterministic=False),
    Entry("ff_pg_column_size", 2, column_size),
    Entry("ff_pg_size_pretty", 1, size_pretty),
    *stricts(("ff_pg_size_bytes", size_bytes)),
    _constant("ff_pg_client_encoding", lambda: "UTF8"),
    _here("ff_pg_sleep_for", 1, sleep_for),
    _here("ff_pg_sleep_until", 1, sleep_until),
)
