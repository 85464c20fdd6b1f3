"""``fivefold check``, ``rekey`` and ``salvage``: looking after a store that nobody serves."""

from __future__ import annotations

import json

from fivefold.errors import InvalidValue
from fivefold.upkeep.checking import check
from fivefold.upkeep.rekeying import new_key, rekey
from fivefold.upkeep.report import Checked, Report
from fivefold.upkeep.salvaging import described, salvage

SHOWN_MAX = 20
"""What is wrong with one container that is printed; ``--json`` has all of it."""


def run_check(store: str, *, as_json: bool) -> int:
    """Check a store, print what was found, and return the exit status."""
    report = check(store)
    if as_json:
        print(json.dumps(report.plain(), ensure_ascii=False, indent=2))
    else:
        _print(report)
    return 0 if report.is_sound else 1


def run_rekey(store: str, new_key_file: str | None, *, decrypt: bool) -> None:
    """Give a store the key in a file, or none, and say so."""
    if (new_key_file is None) is not decrypt:
        raise InvalidValue("give --new-key-file FILE, or --decrypt")
    rekey(store, None if new_key_file is None else new_key(new_key_file))
    print(f"{store} is {'not encrypted any more' if decrypt else 'encrypted with the new key'}")


def run_salvage(damaged: str, new: str, *, as_json: bool) -> int:
    """Salvage a file, print what was lost, and return the exit status: 1 if anything was."""
    found = salvage(damaged, new)
    if as_json:
        print(json.dumps(found.plain(), ensure_ascii=False, indent=2))
        return 0 if found.is_whole else 1
    for table, rows in sorted(found.rows.items()):
        print(f"{table}  {rows:,} rows")
    for lost in found.lost:
        print(f"lost: {described(lost)}")
    for note in found.notes:
        print(f"then: {note}")
    for finding in found.report.findings:
        place = "" if finding.place is None else f"{'.'.join(finding.place)}: "
        print(f"still wrong: {place}{finding.fault}: {finding.message}")
    print("nothing is lost" if found.is_whole else f"{new} has what is left")
    return 0 if found.is_whole else 1


def _print(report: Report) -> None:
    names = [_name(each) for each in report.checked]
    width = max(map(len, names))
    for name, each in zip(names, report.checked, strict=True):
        rows = "" if each.rows is None else f"  {each.rows:,} rows"
        state = f"{len(each.findings)} wrong" if each.findings else "ok"
        print(f"{name:{width}}  {each.model:10}  {state}{rows}")
        for finding in each.findings[:SHOWN_MAX]:
            print(f"    {finding.fault}: {finding.message}")
        if len(each.findings) > SHOWN_MAX:
            print(f"    and {len(each.findings) - SHOWN_MAX} more: --json tells them all")
    for text in report.unchecked:
        print(f"not checked: {text}")
    wrong = sum(bool(each.findings) for each in report.checked)
    print(f"{wrong} of {len(names)} are damaged" if wrong else f"all {len(names)} are sound")


def _name(checked: Checked) -> str:
    return "the store itself" if checked.place is None else ".".join(checked.place)
