"""``fivefold check``: a store from its pages up to the rows of each model.

The store looks at itself first (``Connection.inspect``); then each model's tables are read and held
against each other. What is damaged below is met again above as rows that cannot be read, which is
told once for each container. Nothing is changed, and others may read and write meanwhile: all is
as of one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fivefold.catalog.containers import Model, Table, View
from fivefold.engine.document_retries import NAME as RETRYABLE_WRITES
from fivefold.errors import FivefoldError, Unavailable
from fivefold.stores.contract import Connection, Store
from fivefold.stores.findings import Fault, Finding
from fivefold.stores.open import FILE_SCHEME, POSTGRES_SCHEMES, open_store
from fivefold.upkeep import documents, families, graphs, keyvalue
from fivefold.upkeep.looking import Looking, begin_anew
from fivefold.upkeep.report import Place, Report, gathered

FINDINGS_MAX = 1_000
"""What is told of the rows of one container; after so much nobody reads on."""


def check(url: str, key: str | bytes | None = None) -> Report:
    """Return what is wrong with the store at ``url``. Raises Unavailable if there is none."""
    if not url.startswith(POSTGRES_SCHEMES) and not Path(url.removeprefix(FILE_SCHEME)).exists():
        raise Unavailable(f'there is no "{url}" to check', "not_a_store")
    store = open_store(url, key=key)
    try:
        connection = store.connect()
        try:
            connection.begin(write=False)
            return _checked(store, connection)
        finally:
            connection.close()
    finally:
        store.close()


def _checked(store: Store, connection: Connection) -> Report:
    findings = [*connection.inspect()]
    if findings:
        begin_anew(connection)
    try:
        catalog = connection.load_catalog()
    except FivefoldError as error:
        found = Finding(Fault.CATALOG, f"the catalog cannot be read, nor any rows by it: {error}")
        return gathered([], [*findings, found], {})
    look = Looking(store, connection, catalog)
    parts = list(_parts(look))
    owners = {place: part.place for part in parts for place in part.tables.values()}
    for part in parts:
        findings += _guarded(look, part)
    known: list[tuple[Place, str, int | None]] = [
        (part.place, part.model.value, part.rows) for part in parts
    ]
    for place, container in sorted(catalog.containers.items()):
        if place in owners or any(part.place == place for part in parts):
            continue
        if isinstance(container, Table):
            known.append((place, container.model.value, _count(look, place, findings)))
            if container.model is not Model.RELATIONAL and place != RETRYABLE_WRITES:
                message = f"the table belongs to nothing of the {container.model} model"
                findings.append(Finding(Fault.CATALOG, message, place))
        elif isinstance(container, View) and not _is_shown(container):
            known.append((place, container.model.value, None))
    return gathered(known, findings, owners)


@dataclass(slots=True)
class _Part:
    """A container of a model with the tables that hold it, the first of which has its rows."""

    place: Place
    model: Model
    tables: Mapping[str, Place]
    findings: Callable[[], Iterator[Finding]]
    rows: int | None = None


def _parts(look: Looking) -> Iterator[_Part]:
    for place, container in sorted(look.catalog.containers.items()):
        if not isinstance(container, View):
            continue
        if container.collection is not None and container.collection.source is None:
            look_at = documents.Documents(look, container).findings
            yield _Part(place, container.model, documents.tables(container), look_at)
        elif container.graph is not None:
            yield _Part(
                *(place, container.model, graphs.tables(container)),
                graphs.GraphRows(look, container).findings,
            )
        elif container.family is not None:
            yield _Part(
                *(place, container.model, families.tables(look, container)),
                families.FamilyRows(look, container).findings,
            )
    for space in keyvalue.databases(look.catalog):
        keys = keyvalue.Keys(look, space)
        yield _Part(keys.place, Model.KEYVALUE, keyvalue.tables(space), keys.findings)


def _is_shown(view: View) -> bool:
    """Say whether a view shows the rows of a model's container, and is nothing by itself."""
    return view.model is not Model.RELATIONAL and view.collection is None


def _guarded(look: Looking, part: _Part) -> list[Finding]:
    """Return what is wrong with a container, as far as it can be read."""
    missing = [
        Finding(Fault.CATALOG, f"there is no table for its {what} ({'.'.join(table)})", part.place)
        for what, table in part.tables.items()
        if not isinstance(look.catalog.find(*table), Table)
    ]
    if missing:
        return missing
    findings: list[Finding] = []
    part.rows = _count(look, next(iter(part.tables.values())), findings)
    try:
        for finding in part.findings():
            findings.append(finding)
            if len(findings) == FINDINGS_MAX:
                findings.append(Finding(finding.fault, "there is more, not told", part.place))
                break
    except Exception as error:  # any: what is damaged may be anything to those who read it
        look.begin_anew()
        message = f"its rows cannot be read to the end: {error}"
        findings.append(Finding(Fault.ROWS, message, part.place))
    return findings


def _count(look: Looking, place: Place, findings: list[Finding]) -> int | None:
    """Return how many rows a table has, None if they cannot be counted."""
    try:
        return look.count(place)
    except FivefoldError as error:
        look.begin_anew()
        findings.append(Finding(Fault.PAGES, f"its rows cannot be counted: {error}", place))
        return None
