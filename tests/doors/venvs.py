"""Programs from PyPI that cannot share our environment: each in one of its own, in a cache.

Without PyPI the test is skipped; under CI=true it fails instead.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.doors.node import absent

INSTALL_SECONDS_MAX = 300.0


def program(name: str, *requirements: str) -> Path:
    """The program of that name out of an environment in which ``requirements`` are installed."""
    made_of = hashlib.sha256(repr((sys.version_info[:2], requirements)).encode()).hexdigest()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = caches / "fivefold-tests" / f"{name}-{made_of[:16]}"
    if not (place / "whole").exists():
        # Python's own folders are not to be found by what runs in there.
        own = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(place)],
            [str(place / "bin" / "pip"), "install", "--quiet", *requirements],
        ):
            try:
                ran = subprocess.run(
                    command, env=own, capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX
                )
            except subprocess.TimeoutExpired:
                absent(f"pip did not install {name} in time")
            if ran.returncode:
                absent(f"pip could not install {name}: {(ran.stderr or ran.stdout).strip()[-200:]}")
        (place / "whole").touch()
    return place / "bin" / name
