"""Where the program keeps what should outlive it: histories, and the stack of a crash."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """Return fivefold's folder in the user's state directory; it need not exist.

    Source: the XDG base directory specification.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return base / "fivefold"
