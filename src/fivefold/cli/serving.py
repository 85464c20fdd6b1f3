"""``fivefold serve``: a store on its protocols' ports, until a signal."""

from __future__ import annotations

import ipaddress

import typer

import fivefold
from fivefold.serve.run import serve as serve_engine
from fivefold.serve.server import STANDARD_PORTS, Server

PORT_MAX = 65_535


def serve(
    store: str,
    listen: str,
    only: str | None,
    port_offset: int,
    durability: str,
    test_commands: bool,
) -> None:
    """Open the store, serve it, and return once a signal has stopped the server."""
    ports = wanted_ports(only, port_offset)
    check_address(listen)

    def started(server: Server) -> None:
        for protocol, port in server.ports.items():
            print(f"{protocol} {listen}:{port}")
        print("ready", flush=True)

    with fivefold.open(store, durability=durability) as database:
        serve_engine(database.engine, listen, ports, started, test_commands=test_commands)


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


def check_address(listen: str) -> None:
    """Raise a usage error unless only this machine can reach the address."""
    if listen == "localhost":
        return
    try:
        is_loopback = ipaddress.ip_address(listen).is_loopback
    except ValueError:
        raise typer.BadParameter(
            f"{listen!r} is not an address; 127.0.0.1 and ::1 are this machine's own",
            param_hint="'--listen'",
        ) from None
    if not is_loopback:
        raise typer.BadParameter(
            f"{listen} can be reached from other machines, and fivefold has neither passwords "
            "nor TLS yet, so it serves this machine only. To reach it from another one, tunnel: "
            "ssh -L 5432:127.0.0.1:5432 -L 6379:127.0.0.1:6379 THIS_MACHINE",
            param_hint="'--listen'",
        )
