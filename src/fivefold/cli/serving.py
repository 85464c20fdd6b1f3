"""``fivefold serve``: a store on its protocols' ports, until a signal."""

from __future__ import annotations

import ipaddress
import logging
from typing import TYPE_CHECKING

import typer

import fivefold
from fivefold.errors import InvalidValue
from fivefold.serve.limits import Limits, read_limits
from fivefold.serve.run import serve as serve_engine
from fivefold.serve.server import STANDARD_PORTS, Server

if TYPE_CHECKING:
    from fivefold.serve.tls import Tls

PORT_MAX = 65_535


def serve(
    store: str,
    listen: str,
    only: str | None,
    port_offset: int,
    durability: str,
    test_commands: bool,
    *,
    limits: list[str],
    tls_cert: str | None,
    tls_key: str | None,
    tls_self_signed: bool,
    allow_plaintext: bool,
    allow_anonymous: bool,
) -> None:
    """Open the store, serve it, and return once a signal has stopped the server."""
    ports = wanted_ports(only, port_offset)
    encrypted = tls_self_signed or tls_cert is not None
    beyond = check_address(listen, encrypted=encrypted, allow_plaintext=allow_plaintext)

    def started(server: Server) -> None:
        for protocol, port in server.ports.items():
            print(f"{protocol} {listen}:{port}")
        if tls is not None:
            print(f"tls SHA-256 {tls.fingerprint}")
        print("ready", flush=True)

    check_certificate(tls_cert, tls_key, tls_self_signed)
    wanted = wanted_limits(limits)
    with fivefold.open(store, durability=durability) as database:
        database.engine.limits = wanted
        if beyond:
            check_users(listen, asks_who=any(database.users), allow_anonymous=allow_anonymous)
        tls = wanted_tls(store, listen, tls_cert, tls_key, tls_self_signed)
        if tls is not None:
            _log_to_errors()
        serve_engine(database.engine, listen, ports, started, test_commands=test_commands, tls=tls)


def wanted_ports(only: str | None, offset: int) -> dict[str, int]:
    """Return protocol -> port. Raises a usage error for what is no protocol, or no port."""
    names = list(STANDARD_PORTS) if only is None else [name.strip() for name in only.split(",")]
    for name in names:
        if name not in STANDARD_PORTS:
            raise typer.BadParameter(
                f"{name!r} is not a protocol that is served; these are: "
                + ", ".join(STANDARD_PORTS),
                param_hint="'--only'",
            )
    ports = {name: STANDARD_PORTS[name] + offset for name in names}
    for name, port in ports.items():
        if not 0 < port <= PORT_MAX:
            raise typer.BadParameter(
                f"{port} would be the port of {name}; ports are 1 to {PORT_MAX}",
                param_hint="'--port-offset'",
            )
    return ports


def check_address(listen: str, *, encrypted: bool, allow_plaintext: bool) -> bool:
    """Return whether other machines can reach the address.

    Raises a usage error if it is none, or if they could read along and that is not allowed.
    """
    if listen == "localhost":
        return False
    try:
        is_loopback = ipaddress.ip_address(listen).is_loopback
    except ValueError:
        raise typer.BadParameter(
            f"{listen!r} is not an address; 127.0.0.1 and ::1 are this machine's own",
            param_hint="'--listen'",
        ) from None
    if is_loopback:
        return False
    if not (encrypted or allow_plaintext):
        raise typer.BadParameter(
            f"{listen} can be reached from other machines, and without TLS anyone on the way could "
            "read along. Give --tls-cert and --tls-key, or --tls-self-signed; "
            "or --allow-plaintext, where the network is trusted.",
            param_hint="'--listen'",
        )
    return True


def check_users(listen: str, *, asks_who: bool, allow_anonymous: bool) -> None:
    """Raise a usage error if all who reach the address may do everything and that is not allowed.

    ``asks_who`` says whether clients have to log in.
    """
    if not (asks_who or allow_anonymous):
        raise typer.BadParameter(
            f"{listen} can be reached from other machines, and the store has no users. Make "
            "one: fivefold user set STORE NAME; or tunnel: ssh -L 5432:127.0.0.1:5432 HOST; "
            "or give --allow-anonymous, where everybody who can connect may do everything.",
            param_hint="'--listen'",
        )


def wanted_limits(texts: list[str]) -> Limits:
    """Return the limits that the options ask for. Raises a usage error."""
    try:
        return read_limits(texts)
    except InvalidValue as error:
        said = f"{error.message}. {error.hint}" if error.hint else error.message
        raise typer.BadParameter(said, param_hint="'--limit'") from None


def check_certificate(certificate: str | None, key: str | None, self_signed: bool) -> None:
    """Raise a usage error for half a certificate, or two."""
    if (certificate is None) != (key is None):
        raise typer.BadParameter("--tls-cert and --tls-key go together", param_hint="'--tls-cert'")
    if self_signed and certificate is not None:
        raise typer.BadParameter(
            "a certificate was given: leave one of both out", param_hint="'--tls-self-signed'"
        )


def wanted_tls(
    store: str, listen: str, certificate: str | None, key: str | None, self_signed: bool
) -> Tls | None:
    """Return what the options ask for, None if it is no TLS."""
    if certificate is not None and key is not None:
        from fivefold.serve.tls import Tls

        return Tls(certificate, key)
    if not self_signed:
        return None
    from fivefold.serve import selfsigned

    if store == ":memory:" or "://" in store:
        return selfsigned.in_memory(listen)
    return selfsigned.beside(store, listen)


def _log_to_errors() -> None:
    """Have what the server tells while it runs on standard error."""
    log = logging.getLogger("fivefold")
    log.setLevel(logging.INFO)
    log.addHandler(logging.StreamHandler())
