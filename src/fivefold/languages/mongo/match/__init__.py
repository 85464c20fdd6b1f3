"""Query filters: read, checked, and matched against documents."""

from __future__ import annotations

from fivefold.languages.mongo.match.evaluate import matcher, matcher_with_position
from fivefold.languages.mongo.match.parse import parse_filter

__all__ = ["matcher", "matcher_with_position", "parse_filter"]
