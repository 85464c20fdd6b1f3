"""Packages of node for the tests: what a folder's lock file names, installed once into the cache.

Without node, npm or their registry the test is skipped; under CI=true it fails instead.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

FILES = ("package.json", "package-lock.json")
INSTALL_SECONDS_MAX = 300.0


def modules(folder: Path) -> Path:
    """The folder of the installed packages."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            absent(f"{program} is not installed")
    lock = hashlib.sha256(b"".join((folder / name).read_bytes() for name in FILES)).hexdigest()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = caches / "fivefold-tests" / f"{folder.name}-{lock[:16]}"
    if not (place / "whole").exists():
        place.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copy(folder / name, place)
        try:
            ran = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=place,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS_MAX,
            )
        except subprocess.TimeoutExpired:
            absent(f"npm did not install {folder.name} in time")
        if ran.returncode:
            absent(f"npm could not install {folder.name}: {ran.stderr.strip()[-200:]}")
        (place / "whole").touch()
    return place / "node_modules"


def absent(reason: str) -> NoReturn:
    """Skip the test, or fail it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI must have it", pytrace=False)
    pytest.skip(reason)
