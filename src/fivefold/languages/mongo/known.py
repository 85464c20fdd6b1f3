"""MongoDB's commands that fivefold does not have, and what to use instead.

They are told from words that no MongoDB knows either, which are 59 (CommandNotFound).
"""

from __future__ import annotations

_SCRIPT = "it runs JavaScript; use aggregate"
_SHARDS = "there are no shards; past one machine the data lives in PostgreSQL"
_MEMBERS = "this replica set has one member, and nothing to change about it"
_USERS = "there are no users yet; whoever reaches the server's port may do all"

KNOWN: dict[str, str] = {
    "mapReduce": _SCRIPT,
    "mapreduce": _SCRIPT,
    "applyOps": "write with insert, update and delete in a transaction",
    "cloneCollectionAsCapped": "create a capped collection and copy into it with $out or $merge",
    "createUser": _USERS,
    "updateUser": _USERS,
    "dropUser": _USERS,
    "dropAllUsersFromDatabase": _USERS,
    "grantRolesToUser": _USERS,
    "revokeRolesFromUser": _USERS,
    "createRole": _USERS,
    "updateRole": _USERS,
    "dropRole": _USERS,
    "dropAllRolesFromDatabase": _USERS,
    "grantPrivilegesToRole": _USERS,
    "revokePrivilegesFromRole": _USERS,
    "grantRolesToRole": _USERS,
    "revokeRolesFromRole": _USERS,
    "enableSharding": _SHARDS,
    "shardCollection": _SHARDS,
    "addShard": _SHARDS,
    "moveChunk": _SHARDS,
    "split": _SHARDS,
    "replSetInitiate": _MEMBERS,
    "replSetReconfig": _MEMBERS,
    "replSetStepDown": _MEMBERS,
    "replSetFreeze": _MEMBERS,
    "replSetResizeOplog": "there is no oplog",
    "resync": _MEMBERS,
    "fsync": "start the server with --durability full, and every write is synced",
    "fsyncUnlock": "start the server with --durability full, and every write is synced",
    "shutdown": "stop the server with SIGTERM",
    "setParameter": "there is nothing to set while the server runs",
    "geoSearch": "there are no geospatial indexes",
    "createSearchIndexes": "search indexes are Atlas's",
    "updateSearchIndex": "search indexes are Atlas's",
    "dropSearchIndex": "search indexes are Atlas's",
    "planCacheClear": "plans are kept by the store, and made anew when they have to be",
    "planCacheListFilters": "plans are kept by the store",
    "planCacheSetFilter": "use hint",
    "setFeatureCompatibilityVersion": "there is one version of the data",
    "setDefaultRWConcern": "there is one member, and all concerns are satisfied by it",
    "compact": "the store looks after its space itself",
    "reIndex": "drop the index and create it again",
    "bulkWrite": "it is of MongoDB 8; use insert, update and delete",
}
