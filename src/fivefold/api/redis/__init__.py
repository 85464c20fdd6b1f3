"""``db.redis`` and ``tx.redis``: the key-value model with redis-py's methods."""

from fivefold.api.redis.client import Redis
from fivefold.api.redis.listening import PubSub
from fivefold.api.redis.lock import Lock
from fivefold.api.redis.pipeline import Connect, Execute, Pipeline
from fivefold.api.redis.scripting import Script
from fivefold.values.replyerrors import error_text

__all__ = ["Connect", "Execute", "Lock", "Pipeline", "PubSub", "Redis", "Script", "error_text"]
