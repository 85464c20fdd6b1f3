"""Wire protocols without sockets: bytes in, messages out; values in, bytes out.

Every protocol's room holds the same five files: `messages` (what is said), `decode` and `encode`
(how it is spelled), `machine` (in which order it may be said) and `errors` (the one table from
`fivefold.errors.CODES` to the protocol's own numbers). A machine belongs to one connection, does
no input or output and keeps no clock; `serve` feeds it what arrived and sends what it is given.
"""
