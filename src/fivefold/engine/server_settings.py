"""The settings of PostgreSQL that have no bearing here, as data.

They say how its planner, memory, disk and logs are to be used. Programs read some and set others;
a value is checked and kept, and changes nothing. ``settings.py`` asks here for names that it does
not have itself.

Source: pg_settings of PostgreSQL 15, and the manual, 20.1 "Setting Parameters".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from fivefold.errors import InvalidState, InvalidStatement, InvalidValue, Unsupported

# name, who may set it (u users, b at start-up, h the configuration, p at the server's start,
# i nobody), kind (b, i, r, e, s), unit, default, minimum, maximum, words
_TABLE = """
array_nulls u b - on
autovacuum h b - on
autovacuum_max_workers p i - 3 1 262143
autovacuum_naptime h i s 60 1 2147483
autovacuum_work_mem h i kB -1 -1 2147483647
block_size i i - 8192 8192 8192
compute_query_id u e - auto - - auto,regress,on,off
constraint_exclusion u e - partition - - partition,on,off
cpu_index_tuple_cost u r - 0.005 0 1.79769e+308
cpu_operator_cost u r - 0.0025 0 1.79769e+308
cpu_tuple_cost u r - 0.01 0 1.79769e+308
cursor_tuple_fraction u r - 0.1 0 1
data_checksums i b - off
data_directory_mode i i - 448 0 511
deadlock_timeout u i ms 1000 1 2147483647
default_statistics_target u i - 100 1 10000
default_text_search_config u s - pg_catalog.simple
effective_cache_size u i 8kB 524288 1 2147483647
enable_async_append u b - on
enable_bitmapscan u b - on
enable_gathermerge u b - on
enable_hashagg u b - on
enable_hashjoin u b - on
enable_incremental_sort u b - on
enable_indexonlyscan u b - on
enable_indexscan u b - on
enable_material u b - on
enable_memoize u b - on
enable_mergejoin u b - on
enable_nestloop u b - on
enable_parallel_append u b - on
enable_parallel_hash u b - on
enable_partition_pruning u b - on
enable_partitionwise_aggregate u b - off
enable_partitionwise_join u b - off
enable_seqscan u b - on
enable_sort u b - on
enable_tidscan u b - on
escape_string_warning u b - on
force_parallel_mode u e - off - - off,on,regress
from_collapse_limit u i - 8 1 2147483647
fsync h b - on
geqo u b - on
geqo_effort u i - 5 1 10
geqo_generations u i - 0 0 2147483647
geqo_pool_size u i - 0 0 2147483647
geqo_seed u r - 0 0 1
geqo_selection_bias u r - 2 1.5 2
geqo_threshold u i - 12 2 2147483647
hash_mem_multiplier u r - 2 1 1000
hot_standby p b - on
join_collapse_limit u i - 8 1 2147483647
log_duration u b - off
log_min_duration_sample u i ms -1 -1 2147483647
log_min_duration_statement u i ms -1 -1 2147483647
log_statement u e - none - - none,ddl,mod,all
log_statement_sample_rate u r - 1 0 1
log_statement_stats u b - off
logical_decoding_work_mem u i kB 65536 64 2147483647
maintenance_work_mem u i kB 65536 1024 2147483647
max_connections p i - 100 1 262143
max_files_per_process p i - 1000 64 2147483647
max_function_args i i - 100 100 100
max_index_keys i i - 32 32 32
max_locks_per_transaction p i - 64 10 2147483647
max_parallel_maintenance_workers u i - 2 0 1024
max_parallel_workers u i - 8 0 1024
max_parallel_workers_per_gather u i - 2 0 1024
max_pred_locks_per_page h i - 2 0 2147483647
max_pred_locks_per_relation h i - -2 -2147483648 2147483647
max_pred_locks_per_transaction p i - 64 10 2147483647
max_prepared_transactions p i - 0 0 262143
max_stack_depth u i kB 100 100 2147483647
max_wal_senders p i - 10 0 262143
max_wal_size h i MB 1024 2 2147483647
max_worker_processes p i - 8 0 262143
min_parallel_index_scan_size u i 8kB 64 0 715827882
min_parallel_table_scan_size u i 8kB 1024 0 715827882
min_wal_size h i MB 80 2 2147483647
parallel_leader_participation u b - on
parallel_setup_cost u r - 1000 0 1.79769e+308
parallel_tuple_cost u r - 0.1 0 1.79769e+308
password_encryption u e - scram-sha-256 - - md5,scram-sha-256
plan_cache_mode u e - auto - - auto,force_generic_plan,force_custom_plan
quote_all_identifiers u b - off
random_page_cost u r - 4 0 1.79769e+308
recursive_worktable_factor u r - 10 0.001 1e+06
segment_size i i 8kB 131072 131072 131072
seq_page_cost u r - 1 0 1.79769e+308
session_replication_role u e - origin - - origin,replica,local
shared_buffers p i 8kB 16384 16 1073741823
ssl h b - off
superuser_reserved_connections p i - 3 0 262143
synchronize_seqscans u b - on
synchronous_standby_names h s
tcp_keepalives_count u i - 0 0 2147483647
tcp_keepalives_idle u i s 0 0 2147483647
tcp_keepalives_interval u i s 0 0 2147483647
temp_buffers u i 8kB 1024 100 1073741823
temp_file_limit u i kB -1 -1 2147483647
temp_tablespaces u s
timezone_abbreviations u s - Default
track_activities u b - on
track_activity_query_size p i B 1024 100 1048576
track_commit_timestamp p b - off
track_counts u b - on
track_functions u e - none - - none,pl,all
track_io_timing u b - off
track_wal_io_timing u b - off
transform_null_equals u b - off
vacuum_cost_delay u r ms 0 0 100
vacuum_cost_limit u i - 200 1 10000
vacuum_cost_page_dirty u i - 20 0 10000
vacuum_cost_page_hit u i - 1 0 10000
vacuum_cost_page_miss u i - 2 0 10000
vacuum_defer_cleanup_age h i - 0 0 1000000
vacuum_failsafe_age u i - 1600000000 0 2100000000
vacuum_freeze_min_age u i - 50000000 0 1000000000
vacuum_freeze_table_age u i - 150000000 0 2000000000
wal_compression u e - off - - pglz,lz4,zstd,on,off
wal_level p e - replica - - minimal,replica,logical
work_mem u i kB 4096 64 2147483647
xmlbinary u e - base64 - - base64,hex
"""

_ONLY = {
    "array_nulls": "on",
    "quote_all_identifiers": "off",
    "session_replication_role": "origin",
    "transform_null_equals": "off",
}
"""What these mean otherwise is not done here."""

_BYTES = {"B": 1, "kB": 1 << 10, "8kB": 1 << 13, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\w*)\s*")
_REFUSALS = {
    "b": "cannot be set after connection start",
    "h": "cannot be changed now",
    "p": "cannot be changed without restarting the server",
    "i": "cannot be changed",
}


class Other(NamedTuple):
    """One of these settings."""

    name: str
    context: str
    kind: str
    unit: str = "-"
    default: str = "-"
    minimum: str = "-"
    maximum: str = "-"
    words: str = "-"

    @property
    def shown(self) -> str:
        """The default as SHOW has it."""
        text = "" if self.default == "-" else self.default
        return self._with_unit(float(text)) if self.kind in "ir" else text

    def check(self, value: str, boolean: Callable[[str, str], str]) -> str:
        """Return a value as SHOW has it. Raises InvalidValue, or InvalidState for a fixed one."""
        if self.context != "u":
            raise InvalidState(
                f'parameter "{self.name}" {_REFUSALS[self.context]}', "cant_change_runtime_param"
            )
        if self.kind == "b":
            value = boolean(self.name, value)
        elif self.kind == "e":
            value = one_of(self.name, value, self.words.split(","))
        elif self.kind in "ir":
            value = self._number(value)
        only = _ONLY.get(self.name)
        if only is not None and value != only:
            raise Unsupported(f'{self.name} "{value}" is not supported', hint=f"Use {only}.")
        return value

    def _number(self, value: str) -> str:
        found = _NUMBER.fullmatch(value)
        if found is None:
            raise invalid(self.name, value)
        number = float(found[1])
        if found[2]:
            units = _BYTES if self.unit in _BYTES else _MILLISECONDS
            if self.unit == "-" or found[2] not in units or found[2] == "8kB":
                raise invalid(self.name, value, self._units())
            number *= units[found[2]] / units[self.unit]
        if self.kind == "i":
            number = round(number)
        if not float(self.minimum) <= number <= float(self.maximum):
            unit = "" if self.unit in ("-", "8kB") else f" {self.unit}"
            raise InvalidValue(
                f'{number:.15g}{unit} is outside the valid range for parameter "{self.name}" '
                f"({self.minimum} .. {self.maximum})"
            )
        return self._with_unit(number)

    def _units(self) -> str | None:
        if self.unit == "-":
            return None
        if self.unit in _BYTES:
            return 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".'
        return 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".'

    def _with_unit(self, number: float) -> str:
        """Return a number in the largest unit that divides it."""
        if self.unit == "-" or number <= 0:
            return f"{number:.15g}"
        units = _BYTES if self.unit in _BYTES else _MILLISECONDS
        total = number * units[self.unit]
        for unit in reversed(units):
            if unit != "8kB" and total % units[unit] == 0:
                return f"{total / units[unit]:.15g}{unit}"
        return f"{number:.15g}{self.unit}"


@cache
def others() -> dict[str, Other]:
    """Return the settings by name."""
    made = (Other(*line.split()) for line in _TABLE.strip().splitlines())
    return {one.name: one for one in made}


def one_of(name: str, value: str, words: list[str] | tuple[str, ...]) -> str:
    """Return one of the words of an enumeration. Raises InvalidValue."""
    if value.lower() in words:
        return value.lower()
    raise invalid(name, value, f"Available values: {', '.join(words)}.")


def invalid(name: str, value: str, hint: str | None = None) -> InvalidValue:
    """Return the error of a value that a setting does not take."""
    return InvalidValue(
        f'invalid value for parameter "{name}": "{value}"', "invalid_parameter_value", hint=hint
    )


def unknown(name: str) -> InvalidStatement:
    """Return the error of a name that no setting has."""
    return InvalidStatement(f'unrecognized configuration parameter "{name}"', "undefined_object")
