"""Commands that decide and store nothing: dry-run, why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routing.cli.options import At, Book, Facts, Format, Identity, Output, Paths, Profile, Strict, WithAttributes
from routing.wording import counted

if TYPE_CHECKING:
    from routing.rulebook import Rulebook

DRY_RUN_COLUMNS = ("procedure", "worklist", "priority", "due_at", "outcome", "route_rule", "source")


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command("dry-run")(dry_run)
    app.command()(why)


def dry_run(
    book: Book,
    paths: Paths,
    how: Output = Format.TABLE,
    at: At = None,
    facts: Facts = None,
    profile: Profile = None,
    attributes: WithAttributes = False,
    identity: Identity = False,
    strict: Strict = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Read with so many processes.", metavar="N")] = 1,
) -> None:
    """Decide sample studies with a rulebook; nothing is stored."""
    from routing.cli.moment import now
    from routing.cli.output import first_read, print_rows, progress
    from routing.dry_run import dry_run as decide_all
    from routing.rulebook import Rulebook

    with progress("Reading") as bar:
        found = decide_all(
            Rulebook.load(book),
            paths,
            at=now(at),
            facts=facts,
            profile=profile,
            attributes=attributes,
            identity=identity,
            track=bar,
            jobs=jobs,
        )
        rows = first_read(found)
    print_rows(map(_for_table, rows) if how is Format.TABLE else rows, DRY_RUN_COLUMNS, how, "no input was found")
    if found.unread:
        typer.echo(
            f"{found.unread} of {counted(found.inputs, 'input')} could not be taken; each is listed with its reason",
            err=True,
        )
    raise typer.Exit(1 if strict and found.unread else 0)


def why(
    target: Annotated[
        list[str],
        typer.Argument(help="BOOK PATH..., or with --store an accession number.", metavar="BOOK PATH... | ACCESSION"),
    ],
    store: Annotated[str | None, typer.Option("--store", help="Explain an item of this store.", metavar="DB")] = None,
    not_: Annotated[
        str | None, typer.Option("--not", help="Explain why not this rule or worklist.", metavar="RULE|WORKLIST")
    ] = None,
    how: Output = Format.TABLE,
    at: At = None,
    facts: Facts = None,
    profile: Profile = None,
) -> None:
    """Explain a decision: which rule won, what the others failed on, and what was unknown."""
    from routing.cli.moment import now
    from routing.cli.output import print_object

    if store is not None:
        if len(target) != 1:
            raise typer.BadParameter("with --store give one accession number")
        from routing.worklists import Worklists

        with Worklists.open(store) as worklists:
            _require_named(worklists.rulebook, not_)
            for explanation in worklists.why(accession=target[0], other=not_):
                print_object(explanation.as_dict(), how, str(explanation))
        return
    if len(target) < 2:  # noqa: PLR2004 - a book and at least one path
        raise typer.BadParameter("give a rulebook and at least one file or folder")
    if not Path(target[0]).is_file():
        raise typer.BadParameter(f"there is no rulebook {target[0]}")
    from routing.dry_run import explain_all
    from routing.rulebook import Rulebook

    rulebook = Rulebook.load(target[0])
    _require_named(rulebook, not_)
    for explanation in explain_all(rulebook, target[1:], at=now(at), facts=facts, profile=profile, other=not_):
        print_object(explanation.as_dict(), how, str(explanation))


def _require_named(rulebook: Rulebook, name: str | None) -> None:
    """Refuse to say why not a rule or a list that there is not: a slip must not read as an answer."""
    from routing.suggest import did_you_mean

    if name is not None and not rulebook.is_named(name):
        names = (*rulebook.readers, *(rule.name for rule in rulebook.program.rules))
        help_ = did_you_mean(name, names)
        raise typer.BadParameter(f"there is no rule and no worklist `{name}`{f': {help_}' if help_ else ''}")


def _for_table(row: dict[str, Any]) -> dict[str, Any]:
    from routing.cli.output import named, shortened

    reasons = ", ".join(dict.fromkeys(problem["kind"] for problem in row["problems"]))
    why = row["route_rule"] or (reasons if row["outcome"] == "exception" else None)
    return row | {"procedure": named(row), "source": shortened(row["source"]), "route_rule": why}
