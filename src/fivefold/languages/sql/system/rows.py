"""What makes the rows of each system relation; one that is not listed has its fixed rows alone."""

from __future__ import annotations

from fivefold.languages.sql.system import (
    constraints,
    dependencies,
    functions,
    information,
    relations,
    views,
)
from fivefold.languages.sql.system.catalog import Maker

MAKERS: dict[str, Maker] = {
    "pg_class": relations.classes,
    "pg_attribute": relations.attributes,
    "pg_attrdef": relations.defaults,
    "pg_index": relations.indexes,
    "pg_type": relations.types,
    "pg_enum": relations.enum_labels,
    "pg_sequence": relations.sequences,
    "pg_constraint": constraints.rows,
    "pg_depend": dependencies.rows,
    "pg_description": constraints.descriptions,
    "pg_rewrite": constraints.rules,
    "pg_proc": lambda system: functions.rows(),
    "pg_operator": views.operator_rows,
    "pg_namespace": views.namespaces,
    "pg_database": views.databases,
    "pg_authid": views.owner,
    "pg_roles": views.roles,
    "pg_user": views.users,
    "pg_shadow": views.shadow,
    "pg_group": views.groups,
    "pg_extension": views.extensions,
    "pg_available_extensions": views.available_extensions,
    "pg_available_extension_versions": views.extension_versions,
    "pg_tables": views.tables,
    "pg_views": views.views,
    "pg_matviews": views.materialized,
    "pg_indexes": views.indexes,
    "pg_sequences": views.sequences,
    "pg_stat_user_tables": views.table_statistics,
    "pg_stat_user_indexes": views.index_statistics,
    **information.MAKERS,
}
