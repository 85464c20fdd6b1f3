"""INSERT, UPDATE, DELETE, BATCH and TRUNCATE.

- ``plan_modification`` makes a statement a ``ModificationPlan``, whose ``run`` does it within a
  unit that writes.
- ``plan_batch`` does so for BEGIN BATCH … APPLY BATCH, ``run_batch`` for a batch of the protocol,
  whose statements have plans already.
- ``truncate`` empties a table.

Source: "Data manipulation" of Cassandra's CQL reference.
"""

from __future__ import annotations

from fivefold.languages.cql.write.plan import (
    BatchPlan,
    ModificationPlan,
    Resolve,
    plan_batch,
    plan_modification,
    run_batch,
    truncate,
)

__all__ = [
    "BatchPlan",
    "ModificationPlan",
    "Resolve",
    "plan_batch",
    "plan_modification",
    "run_batch",
    "truncate",
]
