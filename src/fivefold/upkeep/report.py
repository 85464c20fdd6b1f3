"""What a check found, container by container."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fivefold.stores.findings import Fault, Finding

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """One container, or None for the store itself: its model, what is wrong with it.

    ``rows`` are its rows, documents, keys or nodes; None where they could not be counted.
    """

    place: Place | None
    model: str
    rows: int | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All of a check: the store itself first, then containers by name."""

    checked: tuple[Checked, ...]
    unchecked: tuple[str, ...] = ()  # what the store does not let anybody look at

    @property
    def findings(self) -> list[Finding]:
        """All that is wrong."""
        return [finding for each in self.checked for finding in each.findings]

    @property
    def is_sound(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.findings

    def plain(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {
            "sound": self.is_sound,
            "containers": [_plain(each) for each in self.checked],
            "unchecked": list(self.unchecked),
        }


def _plain(checked: Checked) -> dict[str, object]:
    namespace, name = checked.place or (None, None)
    return {
        "namespace": namespace,
        "name": name,
        "model": checked.model,
        "rows": checked.rows,
        "findings": [
            {"fault": str(finding.fault), "message": finding.message}
            for finding in checked.findings
        ],
    }


def gathered(
    known: Iterable[tuple[Place, str, int | None]],
    findings: Iterable[Finding],
    owners: dict[Place, Place],
) -> Report:
    """Return the report of findings; ``known`` are containers with their models and rows.

    ``owners`` say which container a table of its own belongs to: a collection's index is told as
    the collection's.
    """
    by_place: dict[Place | None, list[Finding]] = {}
    unchecked = []
    for finding in findings:
        if finding.fault is Fault.UNCHECKED:
            unchecked.append(finding.message)
            continue
        place = finding.place
        owner = None if place is None else owners.get(place, place)
        if owner != place and place is not None:
            finding = Finding(finding.fault, f"{finding.message} (in {'.'.join(place)})", owner)
        by_place.setdefault(owner, []).append(finding)
    checked = [Checked(None, "store", None, tuple(by_place.pop(None, ())))]
    listed = {place: (model, rows) for place, model, rows in known}
    for place in sorted({*listed, *(place for place in by_place if place is not None)}):
        model, rows = listed.get(place, ("unknown", None))
        checked.append(Checked(place, model, rows, tuple(by_place.get(place, ()))))
    return Report(tuple(checked), tuple(unchecked))
