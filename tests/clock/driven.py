"""The time of day of a program that a test starts, moved by the test alone.

``driven.c`` is compiled when it is asked for and loaded into the program by LD_PRELOAD; test and
program share eight bytes of memory. What measures durations goes on as ever.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

from tests.servers import Absent

_SOURCE = Path(__file__).with_name("driven.c")
_MICROSECONDS = struct.Struct("=q")


class DrivenTime:
    """A time of day; ``environment`` gives it to the programs started with it.

    Raises Absent where there is no C compiler.
    """

    def __init__(self, folder: Path, start_ms: int) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise Absent("a C compiler, which a redis-server with a driven clock needs,")
        library, shared = folder / "driven.so", folder / "now"
        flags = ["-shared", "-fPIC", "-O1", "-o", str(library)]
        made = subprocess.run(
            [compiler, *flags, str(_SOURCE)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise Absent(f"a C compiler that makes a shared library ({made.stderr[:200]})")
        shared.write_bytes(bytes(_MICROSECONDS.size))
        with shared.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _MICROSECONDS.size)
        self.environment = {"LD_PRELOAD": str(library), "FIVEFOLD_DRIVEN_CLOCK": str(shared)}
        self.set(start_ms)

    def set(self, milliseconds: int) -> None:
        """Make it that many milliseconds since 1970, UTC."""
        _MICROSECONDS.pack_into(self._shared, 0, milliseconds * 1000)

    def close(self) -> None:
        """Give the shared memory back."""
        self._shared.close()
