"""What functions about the catalog answer, one for each name of functions/catalogs.py.

An answer is null where an argument is, as those functions are strict, unless it stands among
``_TAKES_NULL``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fivefold.catalog.containers import Column, Index, Key, Sequence, Table, View
from fivefold.catalog.oids import Of, oid_of
from fivefold.errors import FivefoldError, InvalidStatement
from fivefold.languages.sql.bind.relations import quoted_name
from fivefold.languages.sql.system import constraints, names, texts
from fivefold.languages.sql.system.catalog import System
from fivefold.languages.sql.system.functions import listed
from fivefold.languages.sql.system.objects import TEMPORARY, Relation
from fivefold.values.types import Stored

Path = tuple[str, ...]
Answer = Callable[..., Stored]

_ENCODINGS = {0: "SQL_ASCII", 6: "UTF8", 8: "LATIN1"}
_CLASSES = {
    "pg_class": constraints.CLASS,
    "pg_constraint": constraints.CONSTRAINT,
    "pg_type": constraints.TYPE,
    "pg_namespace": constraints.NAMESPACE,
    "pg_extension": constraints.EXTENSION,
    "pg_am": 2601,
    "pg_collation": 3456,
}


def _own(system: System, oid: int, *kinds: str) -> Relation | None:
    found = system.relation(oid)
    return found if found is not None and (not kinds or found.kind in kinds) else None


# -- definitions ----------------------------------------------------------------------------------


def _constraint(system: System, path: Path, oid: int, pretty: int = 0) -> Stored:
    found = system.memo(constraints.by_oid).get(oid)
    if found is None:
        return None
    return texts.constraint(system, path, *found, pretty=bool(pretty))


def _index(system: System, path: Path, oid: int, number: int = 0, pretty: int = 0) -> str | None:
    found = _own(system, oid, "i")
    if found is None:
        return None
    index, table = found.index, found.container
    assert index is not None
    assert isinstance(table, Table)
    made: Index | Key = index if found.key is None else found.key
    return texts.index(system, path, table, made, number, pretty=bool(pretty))


def _view(system: System, path: Path, what: int | str, pretty: int = 0) -> str | None:
    oid = what if isinstance(what, int) else names.oid_of(system, "regclass", what, path)
    found = _own(system, oid, "v", "m")
    if found is None:
        return None
    assert isinstance(found.container, View | Table)
    return texts.view(system, path, found.container, pretty=bool(pretty))


def _rule(system: System, path: Path, oid: int, pretty: int = 0) -> Stored:
    for found in system.objects.own("v", "m"):
        if oid_of(Of.REWRITE, found.namespace, found.name) == oid:
            name = f"{quoted_name(found.namespace)}.{quoted_name(found.name)}"
            query = _view(system, path, found.oid)
            return f'CREATE RULE "_RETURN" AS\n    ON SELECT TO {name} DO INSTEAD {query}'
    return None


def _expression(system: System, path: Path, mark: str, oid: int, pretty: int = 0) -> Stored:
    return texts.expression(system, path, mark, pretty=bool(pretty))


def _serial(system: System, path: Path, table: str, column: str) -> Stored:
    oid = names.oid_of(system, "regclass", table, path)
    found = _own(system, oid, "r")
    name = names.parts_of(table)[-1]
    if found is None or not any(each.name == column for each in found.columns):
        raise InvalidStatement(
            f'column "{column}" of relation "{name}" does not exist', "undefined_column"
        )
    for each in system.objects.own("S"):
        sequence = each.container
        assert isinstance(sequence, Sequence)
        owned = sequence.namespace == found.namespace and sequence.owner == (found.name, column)
        if owned:
            return f"{quoted_name(each.namespace)}.{quoted_name(each.name)}"
    return None


def _arguments(system: System, path: Path, oid: int) -> Stored:
    found = listed().get(oid)
    return (
        "" if found is None else ", ".join(_shown_argument(str(each)) for each in found.arguments)
    )


def _shown_argument(name: str) -> str:
    return '"any"' if name == "any" else name


def _result(system: System, path: Path, oid: int) -> Stored:
    found = listed().get(oid)
    return None if found is None else str(found.result)


# -- visibility -----------------------------------------------------------------------------------


def _relation_visible(system: System, path: Path, oid: int) -> Stored:
    key = names.relation_name(system, oid)
    return None if key is None else int(names.is_visible(system, key, path))


def _type_visible(system: System, path: Path, oid: int) -> Stored:
    for (namespace, _), own in system.objects.types.items():
        if own == oid:
            return int(namespace in path)
    return 1


def _visible(system: System, path: Path, oid: int) -> Stored:
    return 1


# -- comments -------------------------------------------------------------------------------------


def _comment(system: System, path: Path, oid: int, catalog: str = "pg_class") -> Stored:
    return system.memo(constraints.comments).get((oid, 0, _CLASSES.get(catalog, 0)))


def _column_comment(system: System, path: Path, oid: int, number: int) -> Stored:
    return system.memo(constraints.comments).get((oid, number, constraints.CLASS))


# -- names ----------------------------------------------------------------------------------------


def _to(kind: str) -> Answer:
    def read(system: System, path: Path, text: str) -> Stored:
        try:
            return names.oid_of(system, kind, text, path)
        except FivefoldError as error:
            if error.code == "syntax_error":
                raise
            return None

    return read


def _format_type(system: System, path: Path, oid: int | None, modifier: int | None) -> Stored:
    return None if oid is None else names.type_text(system, oid, modifier, path)


def _user(system: System, path: Path, oid: int) -> Stored:
    return names.role_name(system, oid) or f"unknown (OID={oid})"


_KINDS = {"r": "table", "v": "view", "m": "materialized view", "S": "sequence", "i": "index"}


def _describe(system: System, path: Path, catalog: int, oid: int, number: int) -> Stored:
    return next((text for text in _descriptions(system, path, catalog, oid, number)), None)


def _descriptions(
    system: System, path: Path, catalog: int, oid: int, number: int
) -> Iterator[str | None]:
    if catalog == constraints.CLASS:
        yield _relation_described(system, path, oid, number)
    elif catalog == constraints.NAMESPACE and oid in system.objects.namespace_names:
        yield f"schema {system.objects.namespace_names[oid]}"
    elif catalog == constraints.TYPE:
        yield f"type {names.type_text(system, oid, None, path)}"
    elif catalog == constraints.CONSTRAINT and oid in system.memo(constraints.by_oid):
        table, constraint = system.memo(constraints.by_oid)[oid]
        owner = system.objects.relations[table.namespace, table.name].oid
        yield f"constraint {constraint.name} on {_relation_described(system, path, owner)}"
    elif catalog == constraints.REWRITE:
        for each in system.objects.own("v", "m"):
            if oid_of(Of.REWRITE, each.namespace, each.name) == oid:
                yield f"rule _RETURN on {_relation_described(system, path, each.oid)}"
    elif catalog == constraints.DEFAULT:
        for _, relation, column, *_ in (
            each for each in system.rows("pg_attrdef") if each[0] == oid
        ):
            yield f"default value for {_relation_described(system, path, relation, column)}"


def _relation_described(system: System, path: Path, oid: Stored, number: Stored = 0) -> str | None:
    assert isinstance(oid, int)
    assert isinstance(number, int)
    found = _own(system, oid)
    if found is None:
        return None
    text = f"{_KINDS[found.kind]} {names.name_of(system, 'regclass', oid, path)}"
    return f"column {found.columns[number - 1].name} of {text}" if number else text


# -- privileges -----------------------------------------------------------------------------------


def _relation_privilege(system: System, path: Path, *arguments: Stored) -> Stored:
    """Say yes: there are no grants yet. A relation that is not there is an error, or null."""
    what = arguments[-2]
    if isinstance(what, int):
        return None if names.relation_name(system, what) is None else 1
    names.oid_of(system, "regclass", str(what), path)
    return 1


def _column_privilege(system: System, path: Path, *arguments: Stored) -> Stored:
    relation, column = arguments[-3], arguments[-2]
    answer = _relation_privilege(system, path, relation, arguments[-1])
    if isinstance(column, str) and answer:
        oid = relation if isinstance(relation, int) else None
        oid = oid or names.oid_of(system, "regclass", str(relation), path)
        found = _own(system, oid)
        if found is not None and not _has_column(found.columns, column):
            raise InvalidStatement(
                f'column "{column}" of relation "{found.name}" does not exist', "undefined_column"
            )
    return answer


def _has_column(columns: tuple[Column, ...], name: str) -> bool:
    return any(column.name == name for column in columns)


def _schema_privilege(system: System, path: Path, *arguments: Stored) -> Stored:
    what = arguments[-2]
    if isinstance(what, int):
        return 1 if what in system.objects.namespace_names else None
    names.oid_of(system, "regnamespace", quoted_name(str(what)), path)
    return 1


def _privilege(system: System, path: Path, *arguments: Stored) -> Stored:
    return 1


# -- sizes ----------------------------------------------------------------------------------------


def _temporary(system: System, path: Path) -> Stored:
    for name in path:
        if name.startswith(TEMPORARY):
            return system.namespace(name)
    return 0


def _other_temporary(system: System, path: Path, oid: int) -> Stored:
    name = system.objects.namespace_names.get(oid, "")
    return int(name.startswith(TEMPORARY) and name not in path)


def _publishable(system: System, path: Path, oid: int) -> Stored:
    return int(_own(system, oid, "r") is not None)


def _index_column_property(system: System, path: Path, oid: int, number: int, name: str) -> Stored:
    found = _own(system, oid, "i")
    if found is None or found.index is None or number > len(found.index.parts):
        return None
    part = found.index.parts[number - 1]
    first = part.descending if part.nulls_first is None else part.nulls_first
    ordered = found.index.method == "btree"
    answers = {
        "asc": ordered and not part.descending,
        "desc": ordered and part.descending,
        "nulls_first": ordered and first,
        "nulls_last": ordered and not first,
        "orderable": ordered,
        "distance_orderable": False,
        "returnable": ordered,
        "search_array": ordered,
        "search_nulls": ordered,
    }
    answer = answers.get(name.lower())
    return None if answer is None else int(answer)


def _constant(value: Stored) -> Answer:
    return lambda system, path, *arguments: value


_VISIBLE = (
    *("pg_function_is_visible", "pg_operator_is_visible", "pg_opclass_is_visible"),
    *("pg_opfamily_is_visible", "pg_collation_is_visible", "pg_conversion_is_visible"),
    *("pg_statistics_obj_is_visible", "pg_ts_config_is_visible", "pg_ts_dict_is_visible"),
    *("pg_ts_parser_is_visible", "pg_ts_template_is_visible"),
)
_ALWAYS_NULL = (
    *("pg_get_triggerdef", "pg_get_function_sqlbody", "pg_get_functiondef"),
    *("pg_get_function_arg_default", "pg_get_statisticsobjdef"),
    *("pg_get_statisticsobjdef_columns", "pg_get_statisticsobjdef_expressions"),
    *("pg_get_partkeydef", "pg_get_partition_constraintdef", "pg_get_replica_identity_index"),
    *("shobj_description", "pg_filenode_relation", "pg_relation_filepath", "pg_backup_start_time"),
    *("pg_collation_actual_version", "pg_partition_root", "inet_server_addr"),
    *("inet_client_addr", "inet_client_port", "txid_current_if_assigned"),
    *("pg_index_has_property", "pg_indexam_has_property"),
    *(
        "pg_conf_load_time",
        "acldefault",
    ),
)
_ALWAYS_YES = (
    *("has_database_privilege", "has_function_privilege", "has_type_privilege"),
    *("has_language_privilege", "has_tablespace_privilege", "has_server_privilege"),
    *("has_foreign_data_wrapper_privilege", "has_parameter_privilege", "pg_has_role"),
)
_ZERO = (
    *("row_security_active", "pg_is_wal_replay_paused", "pg_jit_available", "pg_trigger_depth"),
    *("pg_stat_get_numscans", "pg_stat_get_live_tuples", "pg_stat_get_dead_tuples"),
)
_NONE_OF_THEM = (
    *("pg_blocking_pids", "pg_partition_ancestors", "pg_partition_tree"),
    *("pg_options_to_table", "aclexplode"),
)
_TAKES_NULL = frozenset({"format_type"})

_ANSWERS: dict[str, Answer] = {
    **dict.fromkeys(_VISIBLE, _visible),
    **dict.fromkeys(_ALWAYS_NULL, _constant(None)),
    **dict.fromkeys(_ALWAYS_YES, _privilege),
    **dict.fromkeys(_ZERO, _constant(0)),
    "pg_tablespace_location": _constant(""),
    "getdatabaseencoding": _constant("UTF8"),
    **dict.fromkeys(_NONE_OF_THEM, _constant("[]")),
    "format_type": _format_type,
    "pg_get_constraintdef": _constraint,
    "pg_get_expr": _expression,
    "pg_get_indexdef": _index,
    "pg_get_ruledef": _rule,
    "pg_get_viewdef": _view,
    "pg_get_userbyid": _user,
    "pg_get_function_arguments": _arguments,
    "pg_get_function_identity_arguments": _arguments,
    "pg_get_function_result": _result,
    "pg_get_serial_sequence": _serial,
    "pg_table_is_visible": _relation_visible,
    "pg_type_is_visible": _type_visible,
    "obj_description": _comment,
    "col_description": _column_comment,
    "to_regclass": _to("regclass"),
    "to_regtype": _to("regtype"),
    "to_regnamespace": _to("regnamespace"),
    "to_regrole": _to("regrole"),
    "to_regproc": _to("regproc"),
    "to_regprocedure": _to("regprocedure"),
    "has_table_privilege": _relation_privilege,
    "has_any_column_privilege": _relation_privilege,
    "has_sequence_privilege": _relation_privilege,
    "has_column_privilege": _column_privilege,
    "has_schema_privilege": _schema_privilege,
    "pg_encoding_to_char": lambda system, path, number: _ENCODINGS.get(number, ""),
    "pg_char_to_encoding": lambda system, path, name: 6 if name.upper() == "UTF8" else -1,
    "pg_my_temp_schema": _temporary,
    "pg_is_other_temp_schema": _other_temporary,
    "pg_relation_is_publishable": _publishable,
    "pg_index_column_has_property": _index_column_property,
    "pg_describe_object": _describe,
    "pg_relation_filenode": lambda system, path, oid: oid,
}


def _strict(answer: Answer) -> Answer:
    def run(system: System, path: Path, *arguments: Any) -> Stored:
        return None if None in arguments else answer(system, path, *arguments)

    return run


ANSWERS: dict[str, Answer] = {
    name: answer if name in _TAKES_NULL else _strict(answer) for name, answer in _ANSWERS.items()
}
