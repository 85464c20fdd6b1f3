"""Lua scripts: EVAL and its kin."""
