"""The wide-column model for programs: ``db.cql``."""

from fivefold.api.cql.result import Result

__all__ = ["Result"]
