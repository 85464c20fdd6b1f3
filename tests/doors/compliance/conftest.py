"""Runs SQLAlchemy's own dialect suite; started by test_compliance.py in a process of its own."""

from importlib import import_module

import pytest
from sqlalchemy.dialects import registry

pytest.register_assert_rewrite("sqlalchemy.testing.assertions")
registry.register("fivefold", "fivefold.api.sqlalchemy", "FivefoldDialect")
registry.register("fivefold.fivefold", "fivefold.api.sqlalchemy", "FivefoldDialect")

from sqlalchemy.testing import provision  # noqa: E402  # after the rewrite is asked for
from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: E402, F403  # the suite's own way in

import_module("sqlalchemy.dialects.postgresql.provision")  # the hooks of which come with it
# The suite installs extensions (citext, hstore) that none of its tests here needs.
provision.post_configure_engine.for_db("postgresql")(lambda *_: None)
# What the suite does for PostgreSQL before and after its tests holds for the embedded file too.
for _hook in (
    provision.drop_all_schema_objects_post_tables,
    provision.set_default_schema_on_connection,
    provision.temp_table_keyword_args,
    provision.upsert,
):
    _hook.for_db("fivefold")(_hook.fns["postgresql"])
