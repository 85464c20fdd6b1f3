"""OP_MSG, OP_COMPRESSED and the first OP_QUERY, as MongoDB 7.0 speaks them."""

from fivefold.wire.mongodb.machine import MongoMachine

__all__ = ["MongoMachine"]
