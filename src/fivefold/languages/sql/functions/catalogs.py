"""Functions about the catalog (PostgreSQL 15 manual, 9.26, "System Catalog Information"…).

What stands here is answered from the catalog of the statement's snapshot: see system/answers.py.
"""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions

_STABLE = """
format_type(oid,int4) -> text
pg_get_constraintdef(oid|oid,bool) -> text
pg_get_expr(pg_node_tree,oid|pg_node_tree,oid,bool) -> text
pg_get_indexdef(oid|oid,int4,bool) -> text
pg_get_ruledef(oid|oid,bool) -> text
pg_get_triggerdef(oid|oid,bool) -> text
pg_get_viewdef(oid|oid,bool|oid,int4|text|text,bool) -> text
pg_get_userbyid(oid) -> name
pg_get_function_arguments(oid) -> text
pg_get_function_identity_arguments(oid) -> text
pg_get_function_result(oid) -> text
pg_get_function_sqlbody(oid) -> text
pg_get_functiondef(oid) -> text
pg_get_function_arg_default(oid,int4) -> text
pg_get_statisticsobjdef(oid) -> text
pg_get_statisticsobjdef_columns(oid) -> text
pg_get_statisticsobjdef_expressions(oid) -> text[]
pg_get_partkeydef(oid) -> text
pg_get_partition_constraintdef(oid) -> text
pg_get_serial_sequence(text,text) -> text
pg_get_replica_identity_index(regclass) -> regclass
pg_table_is_visible(oid) -> bool
pg_type_is_visible(oid) -> bool
pg_function_is_visible(oid) -> bool
pg_operator_is_visible(oid) -> bool
pg_opclass_is_visible(oid) -> bool
pg_opfamily_is_visible(oid) -> bool
pg_collation_is_visible(oid) -> bool
pg_conversion_is_visible(oid) -> bool
pg_statistics_obj_is_visible(oid) -> bool
pg_ts_config_is_visible(oid) -> bool
pg_ts_dict_is_visible(oid) -> bool
pg_ts_parser_is_visible(oid) -> bool
pg_ts_template_is_visible(oid) -> bool
obj_description(oid,name|oid) -> text
col_description(oid,int4) -> text
shobj_description(oid,name) -> text
to_regclass(text) -> regclass
to_regtype(text) -> regtype
to_regnamespace(text) -> regnamespace
to_regrole(text) -> regrole
to_regproc(text) -> regproc
to_regprocedure(text) -> regprocedure
has_table_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_table_privilege(oid,text,text|oid,oid,text) -> bool
has_any_column_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_column_privilege(name,text,text,text|name,oid,int2,text|text,text,text) -> bool
has_column_privilege(text,int2,text|oid,text,text|oid,int2,text) -> bool
has_schema_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_database_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_sequence_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_function_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_type_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_language_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_tablespace_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_server_privilege(name,text,text|name,oid,text|text,text|oid,text) -> bool
has_foreign_data_wrapper_privilege(text,text|oid,text) -> bool
has_parameter_privilege(text,text|name,text,text) -> bool
pg_has_role(name,name,text|name,oid,text|oid,name,text|oid,oid,text|name,text|oid,text) -> bool
row_security_active(oid|text) -> bool
pg_encoding_to_char(int4) -> name
getdatabaseencoding() -> name
pg_char_to_encoding(name) -> int4
pg_tablespace_location(oid) -> text
pg_my_temp_schema() -> oid
pg_is_other_temp_schema(oid) -> bool
pg_relation_is_publishable(regclass) -> bool
pg_index_column_has_property(regclass,int4,text) -> bool
pg_index_has_property(regclass,text) -> bool
pg_indexam_has_property(oid,text) -> bool
pg_describe_object(oid,oid,int4) -> text
pg_filenode_relation(oid,oid) -> regclass
pg_relation_filenode(regclass) -> oid
pg_relation_filepath(regclass) -> text
pg_relation_size(regclass|regclass,text) -> int8
pg_total_relation_size(regclass) -> int8
pg_table_size(regclass) -> int8
pg_indexes_size(regclass) -> int8
pg_database_size(oid|name) -> int8
pg_tablespace_size(oid|name) -> int8
pg_collation_actual_version(oid) -> text
pg_partition_root(regclass) -> regclass
pg_conf_load_time() -> timestamptz
pg_backup_start_time() -> timestamptz
pg_is_wal_replay_paused() -> bool
pg_jit_available() -> bool
inet_server_addr() -> text
inet_client_addr() -> text
inet_client_port() -> int4
txid_current_if_assigned() -> int8
pg_trigger_depth() -> int4
acldefault(char,oid) -> aclitem[]
pg_blocking_pids(int4) -> int4[]
pg_stat_get_numscans(oid) -> int8
pg_stat_get_live_tuples(oid) -> int8
pg_stat_get_dead_tuples(oid) -> int8
pg_sequence_last_value(regclass) -> int8
"""

_IMMUTABLE = """
pg_size_pretty(int8|numeric) -> text
pg_size_bytes(text) -> int8
"""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SCALAR, Volatility.STABLE, _STABLE),
    *functions(Form.SCALAR, Volatility.IMMUTABLE, _IMMUTABLE),
)
