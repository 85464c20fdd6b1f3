"""Tests, a folder for each room; ``servers`` and ``scripting`` are shared by all of them."""
