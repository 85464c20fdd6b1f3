"""Our speed beside the peers': ``make bench``, or ``python -m bench.run --help``."""
