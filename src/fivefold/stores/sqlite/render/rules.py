"""Rules that turn what SQLite lacks into what it has, tree to tree."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from fivefold.catalog.containers import Table

Rule = Callable[[exp.Expression, Table | None], exp.Expression]


RULES: tuple[Rule, ...] = ()
