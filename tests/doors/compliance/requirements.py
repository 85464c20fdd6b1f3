"""What PostgreSQL can do, said to SQLAlchemy's suite: it runs the tests of what is open here.

The suite keeps most of it closed until a dialect says otherwise. All that PostgreSQL 15 passes
is open, so that the comparison with it is a whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

_OPEN = """
aggregate_order_by array_type autocommit binary_literals boolean_col_expressions
cast_precision_numerics_many_significant_digits check_constraint_reflection
column_collation_reflection comment_reflection comment_reflection_full_unicode computed_columns
computed_columns_reflect_persisted computed_columns_stored constraint_comment_reflection
create_or_replace_view create_table_as create_temp_table_as cross_schema_fk_reflection ctes
ctes_on_dml ctes_with_update_delete ctes_with_values date_historic datetime_historic
datetime_interval datetime_literals datetime_timezone datetime_timezone_historic
deferrable_fks delete_from empty_inserts except_ expression_server_defaults fetch_expression
fetch_first fetch_no_order_by fetch_offset_with_options fetch_ties
fk_constraint_option_reflection_ondelete_noaction
fk_constraint_option_reflection_ondelete_restrict
fk_constraint_option_reflection_onupdate_restrict
float_or_double_precision_behaves_generically
foreign_key_constraint_name_reflection foreign_key_constraint_option_reflection_ondelete
foreign_key_constraint_option_reflection_onupdate has_temp_table
identity_columns identity_columns_standard implicit_default_schema implicitly_named_constraints
index_ddl_if_exists index_reflects_included_columns indexes_check_column_order
indexes_with_expressions infinity_floats inline_check_constraint_reflection
insert_executemany_returning intersect isolation_level json_type materialized_views
mod_operator_as_percent_sign nullsordering order_by_label_with_expression percent_schema_names
precision_numerics_enotation_large precision_numerics_enotation_small
precision_numerics_many_significant_digits precision_numerics_retains_significant_digits
reflect_indexes_with_expressions reflect_table_options reflect_tables_no_columns
reflects_pk_names regexp_match regexp_replace savepoints schema_create_delete
server_defaults skip_autocommit_rollback supports_bitwise_and supports_bitwise_not
supports_bitwise_or supports_bitwise_shift supports_bitwise_xor supports_distinct_on
table_ddl_if_exists table_value_constructor temp_table_comment_reflection
temp_table_names temporary_views time_timezone timestamp_microseconds tuple_in tuple_in_w_empty
two_phase_transactions unicode_ddl unique_constraints_reflect_as_index update_from
update_where_target_in_subquery uuid_data_type views window_functions window_range
window_range_non_numeric window_range_numeric
"""


def _opened(_: object) -> object:
    return exclusions.open()


class Requirements(SuiteRequirements):  # type: ignore[misc]  # untyped there
    """The requirements of the suite, as PostgreSQL meets them."""

    def get_isolation_levels(self, config: Any) -> dict[str, object]:
        """Return the levels that the dialect knows, and the default."""
        dialect = config.db.dialect
        return {
            "default": dialect.default_isolation_level,
            "supported": dialect.get_isolation_level_values(None),
        }


_property: Callable[..., object] = property
for _name in _OPEN.split():
    assert hasattr(SuiteRequirements, _name), _name
    setattr(Requirements, _name, _property(_opened))
