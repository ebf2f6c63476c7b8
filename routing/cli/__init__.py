"""The command line: commands that read arguments, call the library and print. No logic of their own.

Data goes to stdout; progress, warnings and errors to stderr. Exit 0 is good, 1 an error or warning finding, a failed
example, a refused act or a difference, 2 a usage error. No patient identity is printed unless asked for.
"""

from __future__ import annotations

import sys

import typer

from routing.cli import acts, changes, deciding, feeds, keeping, migrating, pictures, rules, stores, telling, together

app = typer.Typer(
    name="routing",
    help="Rules that bring every scan to the right reader, and worklists that cannot drop one.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (rules, changes, telling, deciding, feeds, pictures, stores, keeping, acts, together, migrating):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from routing import __version__

        typer.echo(f"routing {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Rules that bring every scan to the right reader, and worklists that cannot drop one."""


def run() -> None:
    """Run the command line; a refusal of the library is one line on stderr and exit 1, never a traceback."""
    from routing.errors import RoutingError, RulebookError

    try:
        app()
    except RulebookError as refused:
        from routing.cli.output import print_findings

        print_findings(refused.findings, err=True)
        sys.exit(1)
    except RoutingError as refused:
        typer.echo(f"routing: {refused}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
