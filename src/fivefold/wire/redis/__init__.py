"""RESP2 and RESP3, as redis-server 7.0 speaks them."""

from fivefold.wire.redis.machine import RedisMachine

__all__ = ["RedisMachine"]
