"""Commands for a PostgreSQL store: migrate makes it and brings it up to date, copy moves a SQLite store into it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from routing.cli.options import Format, Output

Owner = Annotated[
    str, typer.Argument(help="The database, as the role that owns the tables: `postgresql://…`.", metavar="OWNER_URL")
]


class Phase(StrEnum):
    """Which migrations are applied: those before, or those after, all hosts have the new version."""

    PRE = "pre"
    POST = "post"
    ALL = "all"


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(migrate)
    app.command()(copy)


def migrate(
    owner: Owner,
    app_role: Annotated[
        str,
        typer.Option("--app-role", help="The role of the hosts; made, without a password, if missing.", metavar="NAME"),
    ],
    reader_role: Annotated[
        str | None, typer.Option("--reader-role", help="A role that only asks, for monitoring.", metavar="NAME")
    ] = None,
    phase: Annotated[
        Phase, typer.Option("--phase", help="`pre`: before hosts are replaced; `post`: after all are.")
    ] = Phase.ALL,
) -> None:
    """Make a PostgreSQL store, or bring it up to date, and say what its roles may do. Nothing else makes one."""
    from routing.store.postgres.schema import migrate

    done = migrate(owner, app_role=app_role, reader_role=reader_role, phase=None if phase is Phase.ALL else phase.value)
    for name in done.applied:
        typer.echo(f"applied {name}")
    if not done.applied:
        typer.echo("nothing was to be applied")
    for remark in done.remarks:
        typer.echo(remark, err=True)


def copy(
    source: Annotated[
        str, typer.Argument(help="The SQLite store; nothing may write to it any more.", metavar="SQLITE_URL")
    ],
    target: Annotated[str, typer.Argument(help="The empty PostgreSQL store, as its owner.", metavar="POSTGRES_URL")],
    how: Output = Format.TABLE,
) -> None:
    """Copy a SQLite store into an empty PostgreSQL store, and commit only what is proved equal."""
    from routing.cli.output import print_object
    from routing.store.postgres.copying import copy
    from routing.store.sqlite import SqliteStore

    opened = SqliteStore.open(source, create=False)
    try:
        done = copy(opened, target)
    finally:
        opened.close()
    print_object(done.as_dict(), how)
