"""Ends ``rekey`` by SIGKILL at every line it runs, and looks at what is left.

    python -m tests.upkeep.kill_points FOLDER OLD NEW

FOLDER has ``shop.db`` with the key OLD ("-": none). Prints how many lines there were, and for how
many of them the file had the old key and the new one; fails if neither opened it, or rows were
missing, or a file tells what is encrypted before and after.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import fivefold
from fivefold.errors import Unavailable
from fivefold.stores.sqlite import encryption, rekeying

encryption.COST = 2  # each step opens the file several times
SECRET = b"correct horse battery staple"
ROWS = 500


def killed_at(line: int, path: Path, old: str | None, new: str | None) -> bool:
    """Run ``rekey`` in a child that ends at its n-th line; say whether it got there."""
    child = os.fork()
    if not child:
        left = line

        def trace(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal left
            if frame.f_code.co_filename != rekeying.__file__:
                return None
            if event == "line":
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        rekeying.rekey(path, old, new)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def opens(path: Path, key: str | None) -> bool:
    try:
        with fivefold.open(path, key=key) as database:
            rows = database.sql("SELECT count(*), min(a), max(a) FROM t").fetchall()
            assert rows == [(ROWS, 0, ROWS - 1)], rows
            return True
    except Unavailable:
        return False


def main(folder: Path, old: str | None, new: str | None) -> None:
    kept = {each: (folder / each).read_bytes() for each in os.listdir(folder)}
    path = folder / "work" / "shop.db"
    counts = {old: 0, new: 0}
    line = 1
    while True:
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        for name, data in kept.items():
            (path.parent / name).write_bytes(data)
        killed = killed_at(line, path, old, new)
        if old is not None and new is not None:
            assert not [each for each in path.parent.iterdir() if SECRET in each.read_bytes()], (
                f"told at line {line}"
            )
        found = [key for key in (old, new) if opens(path, key)]
        assert len(found) == 1, f"line {line}: {len(found)} keys open it"
        counts[found[0]] += 1
        rekeying.rekey(path, found[0], new)  # what was left over does not hinder the next one
        assert sorted(os.listdir(path.parent)) == ["shop.db"]
        assert opens(path, new)
        if not killed:
            break
        line += 1
    print(line, counts[old], counts[new])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(None if key == "-" else key for key in sys.argv[2:4]))
