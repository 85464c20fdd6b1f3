"""``fivefold check``: a store from its pages up to the rows of each model.

The store looks at itself first (``Connection.inspect``); then each model's tables are read and held
against each other. What is damaged below is met again above as rows that cannot be read, which is
told once for each container. Nothing is changed, and others may read and write meanwhile: all is
as of one moment.
"""

from __future__ import annotations

from pathlib import Path

from fivefold.catalog.containers import Table, View
from fivefold.errors import FivefoldError, Unavailable
from fivefold.stores.contract import Connection, Store
from fivefold.stores.findings import Fault, Finding
from fivefold.stores.open import FILE_SCHEME, POSTGRES_SCHEMES, open_store
from fivefold.upkeep.looking import Looking, begin_anew
from fivefold.upkeep.report import Place, Report, gathered


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
    known: list[tuple[Place, str, int | None]] = []
    for place, container in sorted(catalog.containers.items()):
        if isinstance(container, Table):
            known.append((place, container.model.value, _count(look, place, findings)))
        elif isinstance(container, View):
            known.append((place, container.model.value, None))
    return gathered(known, findings, {})


def _count(look: Looking, place: Place, findings: list[Finding]) -> int | None:
    """Return how many rows a table has, None if they cannot be counted."""
    try:
        return look.count(place)
    except FivefoldError as error:
        look.begin_anew()
        findings.append(Finding(Fault.PAGES, f"its rows cannot be counted: {error}", place))
        return None
