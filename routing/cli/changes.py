"""The commands about an edit: diff, activate."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from routing.cli.options import At, Book, By, Facts, Format, Output, Profile, Store
from routing.wording import counted

MOVE_COLUMNS = ("from", "to", "count", "later", "fields", "studies")
_SHOWN_NAMES = 5


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(diff)
    app.command()(activate)


def diff(
    old: Annotated[
        Path, typer.Argument(help="The rulebook that decides now.", metavar="OLD", exists=True, dir_okay=False)
    ],
    new: Annotated[
        Path, typer.Argument(help="The rulebook after the edit.", metavar="NEW", exists=True, dir_okay=False)
    ],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Real studies: DICOM files, HL7 files, or folders.", metavar="[PATH...]", exists=True),
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="Count the open items of this store too.", metavar="DB")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Tell every change, not only some of each rule.")] = False,
    how: Output = Format.TABLE,
    at: At = None,
    facts: Facts = None,
    profile: Profile = None,
) -> None:
    """Show what an edit changes: proved over all studies, and counted among real ones. Exit 1 when anything does."""
    import json

    from routing.cli.moment import now
    from routing.cli.stores import opened
    from routing.diff import as_row
    from routing.diff import diff as compare
    from routing.rulebook import Rulebook

    with opened(store, at) if store else nullcontext() as worklists:
        found = compare(
            Rulebook.load(old),
            Rulebook.load(new),
            paths or (),
            at=now(at),
            facts=facts,
            profile=profile,
            worklists=worklists,
            every=every,
        )
    if how in {Format.JSON, Format.JSONL}:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2 if how is Format.JSON else None))
    elif how is Format.CSV:
        from routing.cli.output import print_rows

        print_rows([as_row(one) for one in found.proved.found], (), how)
        for doubt in (*found.proved.more, *(f"undecided: {one}" for one in found.proved.undecided)):
            typer.echo(f"{doubt}", err=True)
    else:
        _print(found)
        if not found.decided and (paths or store):
            typer.echo("no real study was found to decide", err=True)
    raise typer.Exit(0 if found.none else 1)


def activate(
    book: Book,
    store: Store,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the journal.", metavar="TEXT")] = "",
    at: At = None,
) -> None:
    """Make a rulebook the active one of a store, and decide anew what nobody holds; due times never move later.

    A rulebook with a refuted guarantee is not taken. `preview` shows before what it does; `rollback` goes back.
    """
    from routing.cli.stores import opened
    from routing.rulebook import Rulebook

    loaded = Rulebook.load(book)
    with opened(store, at) as worklists:
        decided = worklists.activate(loaded, by, reason)
    typer.echo(f"{loaded.name} is active: {counted(decided, 'procedure')} decided anew")


def _print(found: Any) -> None:
    from routing.cli.output import print_rows
    from routing.diff import as_row

    if found.proved.none:
        typer.echo("no decision changes: proved over every study")
    for one in map(as_row, found.proved.found):
        typer.echo(f"{one['where']}{', due later than before' if one['later'] else ''}")
        typer.echo(f"  for example: {', '.join(f'{name} {_words(value)}' for name, value in one['study'].items())}")
        for name in dict.fromkeys((*one["before"], *one["after"])):
            before, after = _words(one["before"].get(name)), _words(one["after"].get(name))
            if before != after:
                typer.echo(f"  {name.replace('_', ' ')}: {before} -> {after}")
    for more in found.proved.more:
        typer.echo(f"and {more}: --all tells them")
    for doubt in found.proved.undecided:
        typer.echo(f"undecided: {doubt}")
    if found.decided:
        moving, later = (
            (sum(counts) for counts in zip(*map(_counts, found.moves), strict=True)) if found.moves else (0, 0)
        )
        typer.echo(f"{moving} of {found.decided} real studies would be decided differently, {later} of them due later")
        print_rows([_short(one.as_dict()) for one in found.moves], MOVE_COLUMNS, Format.TABLE, "")


def _counts(move: Any) -> tuple[int, int]:
    return len(move.names), move.later


def _short(row: dict[str, Any]) -> dict[str, Any]:
    names = row["studies"]
    more = [f"and {len(names) - _SHOWN_NAMES} more"] if len(names) > _SHOWN_NAMES else []
    return row | {"studies": [*names[:_SHOWN_NAMES], *more]}


def _words(value: Any) -> str:
    if value is None or value == []:
        return "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items() if inner not in (None, [], False))
    if isinstance(value, list):
        return " and ".join(map(_words, value))
    return str(value)
