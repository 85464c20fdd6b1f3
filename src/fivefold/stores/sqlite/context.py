"""What SQL functions know of the session that runs them."""

from fivefold.stores.context import Context

__all__ = ["Context"]
