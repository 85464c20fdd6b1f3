"""How containers are called inside the file, and the text of templates."""

from __future__ import annotations

from fivefold.catalog.catalog import DEFAULT_NAMESPACE
from fivefold.plan.statement import Template

OWN_PREFIX = "fivefold_"


def quote(name: str) -> str:
    """Return ``name`` as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_name(namespace: str, name: str) -> str:
    """Return the name of the SQLite table that holds a container."""
    return name if namespace == DEFAULT_NAMESPACE else f"{namespace}.{name}"


def index_name(namespace: str, name: str) -> str:
    """Return the name of the SQLite index; indexes share the tables' names, as in PostgreSQL."""
    return table_name(namespace, name)


def render_template(template: Template) -> str:
    """Return a template's text with its containers' names put in."""
    names = {key: quote(table_name(*value)) for key, value in template.containers.items()}
    return template.text.format_map(names)
