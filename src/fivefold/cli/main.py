"""The program's verbs and their options; each verb's work is imported when it is called for.

Exit status: 0 done, 1 it failed (standard error says why and what to do), 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fivefold import __version__
from fivefold.errors import FivefoldError


class Durability(StrEnum):
    """When a commit counts as done."""

    FULL = "full"
    NORMAL = "normal"
    OFF = "off"


class Demo(StrEnum):
    """The demos there are."""

    FLIGHTS = "flights"


Store = Annotated[
    str,
    typer.Argument(
        help="A file (made if it is not there), or postgresql://…",
        metavar="STORE",
        show_default=False,
    ),
]


def _use_key_file(path: str | None) -> str | None:
    if path is not None:
        os.environ["FIVEFOLD_KEY_FILE"] = path
    return path


KeyFile = Annotated[
    str | None,
    typer.Option(
        "--key-file",
        callback=_use_key_file,
        metavar="FILE",
        help="The key of an encrypted store, or of one that is made; else FIVEFOLD_KEY_FILE or"
        " FIVEFOLD_KEY of the environment.",
        show_default=False,
    ),
]

app = typer.Typer(
    name="fivefold",
    help="One database in one file, spoken to with the clients you already have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"fivefold {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    store: Store,
    listen: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    only: Annotated[
        str | None,
        typer.Option(
            help="Protocols to serve, by comma, of postgres, redis, mongodb, neo4j, cassandra."
        ),
    ] = None,
    port_offset: Annotated[int, typer.Option(help="Added to each protocol's standard port.")] = 0,
    durability: Annotated[
        Durability,
        typer.Option(
            help="full: synced before the answer. normal: a power cut may take the last "
            "moments. off: the system writes when it likes."
        ),
    ] = Durability.FULL,
    test_commands: Annotated[
        bool,
        typer.Option(
            "--test-commands",
            help="Let MongoDB's clients use configureFailPoint.",
        ),
    ] = False,
    key_file: KeyFile = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER",
            help="connections, request_bytes, statement_seconds, idle_transaction_seconds, cursors;"
            " may be given several times.",
            show_default=False,
        ),
    ] = None,
    tls_cert: Annotated[
        str | None, typer.Option(help="The certificate for TLS, and its issuers', in PEM.")
    ] = None,
    tls_key: Annotated[str | None, typer.Option(help="The certificate's key, in PEM.")] = None,
    tls_self_signed: Annotated[
        bool,
        typer.Option(
            "--tls-self-signed", help="TLS with a certificate made here and kept beside the store."
        ),
    ] = False,
    allow_plaintext: Annotated[
        bool,
        typer.Option("--allow-plaintext", help="Listen beyond this machine without TLS."),
    ] = False,
    allow_anonymous: Annotated[
        bool,
        typer.Option(
            "--allow-anonymous", help="Listen beyond this machine though the store has no users."
        ),
    ] = False,
) -> None:
    """Serve a store to psql, redis-cli, mongosh, their drivers and their like, until SIGTERM."""
    from fivefold.cli.serving import serve

    serve(
        store,
        listen,
        only,
        port_offset,
        durability.value,
        test_commands,
        limits=limit or [],
        tls_cert=tls_cert,
        tls_key=tls_key,
        tls_self_signed=tls_self_signed,
        allow_plaintext=allow_plaintext,
        allow_anonymous=allow_anonymous,
    )


@app.command(context_settings={"allow_interspersed_args": False})
def sql(
    store: Store,
    statement: Annotated[
        str | None, typer.Argument(help="Statements to run, by semicolon.", show_default=False)
    ] = None,
    key_file: KeyFile = None,
) -> None:
    """Run SQL: the statement given, those piped in, or a shell."""
    from fivefold.cli.sql.run import run

    raise typer.Exit(run(store, statement))


@app.command(context_settings={"allow_interspersed_args": False})
def redis(
    store: Store,
    command: Annotated[
        list[str] | None,
        typer.Argument(help="A command and its arguments.", show_default=False),
    ] = None,
    key_file: KeyFile = None,
) -> None:
    """Run Redis commands: the one given, those piped in, or a shell."""
    from fivefold.cli.redis.run import run

    raise typer.Exit(run(store, command or []))


@app.command(context_settings={"allow_interspersed_args": False})
def mongo(
    store: Store,
    statement: Annotated[
        str | None,
        typer.Argument(help="Statements to run, as db.orders.find().", show_default=False),
    ] = None,
    key_file: KeyFile = None,
) -> None:
    """Run what mongosh would, but JavaScript: the statement given, those piped in, or a shell."""
    from fivefold.cli.mongo.run import run

    raise typer.Exit(run(store, statement))


@app.command()
def cypher(
    store: Store,
    statement: Annotated[
        str | None, typer.Argument(help="Queries to run, by semicolon.", show_default=False)
    ] = None,
    database: Annotated[
        str, typer.Option("--database", "-d", help="The graph to begin with.")
    ] = "neo4j",
    key_file: KeyFile = None,
) -> None:
    """Run Cypher: the query given, those piped in, or a shell."""
    from fivefold.cli.cypher.run import run

    raise typer.Exit(run(store, statement, database))


@app.command()
def cql(
    store: Store,
    statement: Annotated[
        str | None, typer.Argument(help="Statements to run, by semicolon.", show_default=False)
    ] = None,
    key_file: KeyFile = None,
) -> None:
    """Run CQL: the statement given, those piped in, or a shell."""
    from fivefold.cli.cql.run import run

    raise typer.Exit(run(store, statement))


@app.command()
def check(
    store: Store,
    as_json: Annotated[bool, typer.Option("--json", help="All that was found, as JSON.")] = False,
    key_file: KeyFile = None,
) -> None:
    """Look for damage, from the pages up to each model's rows. Exit status 1: there is some."""
    from fivefold.cli.upkeep import run_check

    raise typer.Exit(run_check(store, as_json=as_json))


@app.command()
def normalize(
    attributes: Annotated[
        str | None,
        typer.Option(help="The attributes of a relation, by comma.", show_default=False),
    ] = None,
    fd: Annotated[
        list[str] | None,
        typer.Option(
            help="A functional dependency, 'a, b -> c'; as many as there are.", show_default=False
        ),
    ] = None,
    mvd: Annotated[
        list[str] | None,
        typer.Option(help="A multivalued dependency, 'a ->> b | c'.", show_default=False),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell a relation's keys, its normal form, what breaks the next one, and better tables."""
    from fivefold.cli.normalizing import show_study

    if attributes is None:
        raise typer.BadParameter("is needed", param_hint="--attributes")
    show_study(attributes, fd or [], mvd or [], is_json)


@app.command()
def rekey(
    store: Store,
    key_file: KeyFile = None,
    new_key_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The key it shall have.", show_default=False),
    ] = None,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="It shall have none.")] = False,
) -> None:
    """Encrypt a file, give it another key, or decrypt it. Nobody may have it open."""
    from fivefold.cli.upkeep import run_rekey

    run_rekey(store, new_key_file, decrypt=decrypt)


@app.command()
def salvage(
    damaged: Annotated[str, typer.Argument(help="The file; it is not changed.", metavar="DAMAGED")],
    new: Annotated[str, typer.Argument(help="The file to make.", metavar="NEW")],
    as_json: Annotated[bool, typer.Option("--json", help="All that was lost, as JSON.")] = False,
    key_file: KeyFile = None,
) -> None:
    """Put everything readable of a damaged file into a new one. Exit status 1: some was not."""
    from fivefold.cli.upkeep import run_salvage

    raise typer.Exit(run_salvage(damaged, new, as_json=as_json))


@app.command()
def demo(
    name: Annotated[Demo, typer.Argument(help="Which one.", show_default=False)],
    store: Annotated[
        Path, typer.Option(help="The file to make; an earlier one is replaced.")
    ] = Path("demo.db"),
) -> None:
    """Show what fivefold does, on real data."""
    from fivefold.cli.demo.flights.story import tell

    assert name is Demo.FLIGHTS
    tell(store)


users = typer.Typer(
    no_args_is_help=True, help="Who may log in when a store is served: set, remove, list."
)
app.add_typer(users, name="user")

User = Annotated[str, typer.Argument(help="The user's name.", metavar="NAME", show_default=False)]


@users.command("set")
def set_user(store: Store, name: User, key_file: KeyFile = None) -> None:
    """Make a user, or give one another password: asked for, or one line of standard input."""
    from fivefold.cli.users import set_password

    set_password(store, name)


@users.command("remove")
def remove_user(store: Store, name: User, key_file: KeyFile = None) -> None:
    """Remove a user."""
    from fivefold.cli.users import remove

    remove(store, name)


@users.command("list")
def list_users(store: Store, key_file: KeyFile = None) -> None:
    """Print the users' names."""
    from fivefold.cli.users import show

    show(store)


def main() -> None:
    """Run the program and leave with its exit status."""
    try:
        app(prog_name="fivefold")
    except FivefoldError as error:
        from fivefold.cli.failures import report

        report(error)
        sys.exit(1)
    except BrokenPipeError:  # whoever read our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # any: whoever runs a program is shown what to do, not our stack
        from fivefold.cli.failures import report_crash

        report_crash(error)
        sys.exit(1)
