"""What may follow each command's name: shown dimmed while it is typed.

Source: the synopsis of each command in Redis's reference, in its notation.
"""

from __future__ import annotations

_EXPIRY = "[EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds"
_WHEN = "[NX | XX | GT | LT]"

SYNTAX: dict[str, str] = {
    "append": "key value",
    "auth": "[username] password",
    "client getname": "",
    "client id": "",
    "client info": "",
    "client list": "[ID client-id [client-id …]]",
    "client no-evict": "ON | OFF",
    "client setinfo": "LIB-NAME libname | LIB-VER libver",
    "client setname": "connection-name",
    "command count": "",
    "command docs": "[command-name …]",
    "command getkeys": "command [arg …]",
    "command getkeysandflags": "command [arg …]",
    "command info": "[command-name …]",
    "command list": "[FILTERBY PATTERN pattern]",
    "config get": "parameter [parameter …]",
    "config resetstat": "",
    "copy": "source destination [DB destination-db] [REPLACE]",
    "dbsize": "",
    "decr": "key",
    "decrby": "key decrement",
    "del": "key [key …]",
    "discard": "",
    "echo": "message",
    "exec": "",
    "exists": "key [key …]",
    "expire": f"key seconds {_WHEN}",
    "expireat": f"key unix-seconds {_WHEN}",
    "expiretime": "key",
    "flushall": "[ASYNC | SYNC]",
    "flushdb": "[ASYNC | SYNC]",
    "get": "key",
    "getdel": "key",
    "getex": f"key {_EXPIRY} | PERSIST]",
    "getrange": "key start end",
    "getset": "key value",
    "hello": "[protover [AUTH username password] [SETNAME clientname]]",
    "incr": "key",
    "incrby": "key increment",
    "incrbyfloat": "key increment",
    "info": "[section …]",
    "keys": "pattern",
    "mget": "key [key …]",
    "move": "key db",
    "mset": "key value [key value …]",
    "msetnx": "key value [key value …]",
    "multi": "",
    "object encoding": "key",
    "object freq": "key",
    "object idletime": "key",
    "object refcount": "key",
    "persist": "key",
    "pexpire": f"key milliseconds {_WHEN}",
    "pexpireat": f"key unix-milliseconds {_WHEN}",
    "pexpiretime": "key",
    "ping": "[message]",
    "psetex": "key milliseconds value",
    "pttl": "key",
    "quit": "",
    "randomkey": "",
    "rename": "key newkey",
    "renamenx": "key newkey",
    "reset": "",
    "scan": "cursor [MATCH pattern] [COUNT count] [TYPE type]",
    "select": "index",
    "set": f"key value [NX | XX] [GET] {_EXPIRY} | KEEPTTL]",
    "setex": "key seconds value",
    "setnx": "key value",
    "setrange": "key offset value",
    "strlen": "key",
    "substr": "key start end",
    "time": "",
    "touch": "key [key …]",
    "ttl": "key",
    "type": "key",
    "unlink": "key [key …]",
    "unwatch": "",
    "watch": "key [key …]",
}


def hint(line: str) -> str:
    """Return what may still follow the line, empty if nothing is known.

    The words of the synopsis already typed are left out, as long as they are plain arguments.
    """
    words = line.split()
    for count in (2, 1):
        syntax = SYNTAX.get(" ".join(words[:count]).lower()) if len(words) >= count else None
        if syntax is None:
            continue
        rest = syntax.split(" ")
        for _ in words[count:]:
            if not rest or rest[0].startswith("["):
                break
            rest.pop(0)
        shown = " ".join(rest)
        return shown if line.endswith(" ") or not shown else f" {shown}"
    return ""
