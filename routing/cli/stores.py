"""Commands that fill a store and ask it: receive, list, status, counts, history, reconcile, tick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routing.cli.options import (
    AsReader,
    At,
    Facts,
    Format,
    Identity,
    Output,
    Paths,
    Profile,
    Store,
    Strict,
    WithAttributes,
)
from routing.wording import counted

if TYPE_CHECKING:
    from routing.worklists import Worklists

LIST_COLUMNS = ("item", "procedure", "worklist", "priority", "due_at", "state", "holder", "kind", "reason")
RECEIVE_COLUMNS = ("outcome", "procedures", "warnings", "source")
HISTORY_COLUMNS = ("item", "kind", "n", "at", "event", "from", "to", "actor", "reason", "evidence")

Accession = Annotated[str, typer.Argument(help="The accession number, or a study UID.", metavar="ACCESSION")]


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(receive)
    app.command("list")(list_items)
    app.command()(status)
    app.command()(counts)
    app.command()(history)
    app.command()(reconcile)
    app.command()(tick)


def opened(store: str, at: datetime | None) -> Worklists:
    """Open an existing store by its active rulebook; a store that is not there is a usage error."""
    from routing.cli.moment import clock
    from routing.worklists import Worklists, exists

    if not exists(store):
        raise typer.BadParameter(
            f"there is no store {store}; `routing receive --store {store} --rulebook BOOK PATH` makes one"
        )
    return Worklists.open(store, clock=clock(at))


def receive(
    paths: Paths,
    store: Store,
    rulebook: Annotated[
        Path | None,
        typer.Option(
            "--rulebook",
            help="Activate this rulebook when the store has none.",
            metavar="BOOK",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    how: Output = Format.TABLE,
    at: At = None,
    facts: Facts = None,
    profile: Profile = None,
    attributes: WithAttributes = False,
    identity: Identity = False,
    strict: Strict = False,
) -> None:
    """Take in DICOM and HL7 for good; each input is durable before its line is printed."""
    from routing.cli.moment import clock
    from routing.cli.output import print_rows, progress
    from routing.receiving import receive_paths
    from routing.rulebook import Rulebook
    from routing.worklists import Worklists, exists

    if rulebook is None and not exists(store):
        raise typer.BadParameter("the store has no rulebook: give one with --rulebook", param_hint="--rulebook")
    if gone := [str(path) for path in paths if not path.exists() and not path.is_symlink()]:
        raise typer.BadParameter(f"there is no {', '.join(gone)}: nothing was received", param_hint="PATH")
    book = Rulebook.load(rulebook) if rulebook else None
    with Worklists.open(store, book, clock=clock(at)) as worklists, progress("Receiving") as bar:
        taken = receive_paths(
            worklists, paths, profile=profile, facts=facts, attributes=attributes, identity=identity, track=bar
        )
    print_rows(
        (_shown(row) for row in taken.rows) if how is Format.TABLE else taken.rows,
        RECEIVE_COLUMNS,
        how,
        "no input was found",
    )
    if taken.quarantined:
        typer.echo(
            f"{taken.quarantined} of {counted(taken.inputs, 'input')} {'was' if taken.quarantined == 1 else 'were'} "
            "set aside for a person, each as a `resolve` item",
            err=True,
        )
    raise typer.Exit(1 if strict and taken.quarantined else 0)


def list_items(
    store: Store,
    reader: Annotated[
        str | None, typer.Option("--reader", help="Only what this reader may read.", metavar="NAME")
    ] = None,
    worklist: Annotated[
        list[str] | None, typer.Option("--worklist", help="Only this list; may be repeated.", metavar="LIST")
    ] = None,
    view: Annotated[str | None, typer.Option("--view", help="A view of the rulebook.", metavar="NAME")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", help="Only with this value; may be repeated.", metavar="NAME=VALUE")
    ] = None,
    sort: Annotated[
        list[str] | None, typer.Option("--sort", help="By this, then by urgency; may be repeated.", metavar="NAME")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many.", min=1)] = None,
    unread: Annotated[
        bool, typer.Option("--unread", help="Instead, answers that the --reader asked for and has not read.")
    ] = False,
    identity: Identity = False,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """List open items, most urgent first, and say how many it does not show."""
    from routing.cli.output import print_rows

    if unread and reader is None:
        raise typer.BadParameter("say with --reader whose answers")
    asked = [one.partition("=") for one in where or ()]
    if wrong := next((name for name, sign, _ in asked if not sign), None):
        raise typer.BadParameter(f"--where {wrong}: write NAME=VALUE, as in modality=CT")
    with opened(store, at) as worklists:
        page = worklists.page(
            reader=reader,
            worklists=worklist,
            limit=limit,
            view=view,
            where={name: value for name, _, value in asked},
            sort=sort or (),
            identity=identity,
        )
    rows = [line.as_dict(identity=identity) for line in (page.unread if unread else page)]
    columns = (*LIST_COLUMNS, "patient_id", "identity") if identity else LIST_COLUMNS
    nothing = "no answer is unread" if unread else "no open item"
    print_rows(map(_line, rows) if how is Format.TABLE else rows, columns, how, nothing)
    if unread:
        return
    if page.unread:
        typer.echo(f"answers that {reader} has not read: {len(page.unread)}; --unread lists them", err=True)
    if page.hidden:
        typer.echo(f"{page.hidden} more open items are not shown", err=True)
    if not page.scanned_all:
        typer.echo("not all of them were looked at: ask for fewer lists, or for all without --limit", err=True)


def status(
    accession: Accession,
    store: Store,
    by: Annotated[
        str | None, typer.Option("--by", help="Who asks for the report: an enquiry, which is kept.", metavar="NAME")
    ] = None,
    reader: AsReader = None,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Answer in one sentence whether it is reported, who has it and when it is due."""
    from routing.cli.output import print_object

    with opened(store, at) as worklists:
        answer = worklists.status(accession=accession, by=by, reader=reader)
    print_object(answer.as_dict(), how, answer.sentence)


def counts(store: Store, how: Output = Format.TABLE, at: At = None) -> None:
    """Count everything: accepted = open + reported + closed + superseded, by worklist and state."""
    from routing.cli.output import print_object, print_rows

    with opened(store, at) as worklists:
        figures = worklists.counts().as_dict()
    if how is Format.CSV:
        print_rows(_figures(figures), (), how)
        return
    if how is not Format.TABLE:
        print_object(figures, how)
        return
    totals = ("accepted", "open", "reported", "closed", "superseded")
    typer.echo(", ".join(f"{figures[name]} {name}" for name in totals))
    print_rows(figures["worklists"], ("worklist", "state", "count", "oldest"), how, "no worklist holds anything")
    for one in figures["overdue"]:
        typer.echo(
            f"{one['worklist']}: {one['overdue']} overdue, {one['unclaimed']} of them in nobody's hands", err=True
        )
    for one in figures["unread"]:
        if one["open"]:
            typer.echo(f"{one['worklist']}: nobody may read it, and {one['open']} wait there", err=True)


def _figures(figures: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the counts as rows for a spreadsheet: the totals first, with no list, then each list by state."""
    for state in ("accepted", "open", "reported", "closed", "superseded"):
        yield {"worklist": "", "state": state, "count": figures[state], "oldest": None}
    yield from figures["worklists"]
    for one in figures["overdue"]:
        yield {"worklist": one["worklist"], "state": "overdue", "count": one["overdue"], "oldest": None}


def history(
    store: Store,
    accession: Annotated[
        str | None, typer.Argument(help="The accession number, or a study UID.", metavar="ACCESSION")
    ] = None,
    item: Annotated[int | None, typer.Option("--item", help="One item, as `list` numbers it.", metavar="ITEM")] = None,
    reader: AsReader = None,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Tell everything that happened to an accession or to one item, in order of time."""
    from routing.cli.output import print_rows

    if (accession is None) == (item is None):
        raise typer.BadParameter("give an accession or --item, one of the two")
    with opened(store, at) as worklists:
        happened = worklists.history(item, accession=accession, reader=reader)
    rows = (one.as_dict() for one in happened)
    print_rows(map(_happening, rows) if how is Format.TABLE else rows, HISTORY_COLUMNS, how, "nothing happened")


def reconcile(
    census: Annotated[
        Path,
        typer.Argument(help="A list of accessions: one a line, or CSV with that column.", exists=True, metavar="FILE"),
    ],
    store: Store,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Compare the day's accessions of the RIS or PACS with ours; exit 1 when they differ."""
    from routing.cli.output import print_rows
    from routing.receiving import read_census

    with opened(store, at) as worklists:
        found = worklists.reconcile(read_census(census)).as_dict()
    rows = [
        {"side": side, "accession": number}
        for side, numbers in found.items()
        if isinstance(numbers, list)
        for number in numbers
    ]
    print_rows(rows, ("side", "accession"), how, "both sides agree")
    raise typer.Exit(1 if rows else 0)


def tick(store: Store, how: Output = Format.TABLE, at: At = None) -> None:
    """Evaluate leases, holds, ladders and watches now, and say what was done; reading the store does the same."""
    from routing.cli.output import print_object

    with opened(store, at) as worklists:
        print_object(worklists.tick().as_dict(), how)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row for a table: each procedure as accession, list and state."""
    from routing.cli.output import named, shortened

    words = [" ".join(filter(None, (named(one), one["worklist"], one["state"]))) for one in row["procedures"]]
    return row | {"procedures": words, "source": shortened(row["source"])}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    from routing.cli.output import named

    sender = f" from {row['source']}" if row["source"] else ""
    about = f"input {row['input']}{sender}" if row["input"] is not None else ""
    return row | {"procedure": named(row) or about, "reason": "; ".join(_reasons(row))}


def _reasons(row: dict[str, Any]) -> Iterator[str]:
    """Yield why an item is as it is: its own reason, what is asked, which read it is, who has to accept it."""
    if row["question"]:
        yield f"{row['reason']}: {row['question']}"
    elif row["reason"]:
        yield row["reason"]
    if row["position"]:
        yield f"read {row['position']}"
    if row["answer"]:
        yield f"answered by report {row['answer']}"
    if row["restricted"]:
        yield "whose it is is in doubt"
    if row["passed_to"]:
        yield f"waits for {row['passed_to']} to accept it from {row['passed_by']}"


def _happening(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of a history for a table: to whom it was passed, and what was asked of whom, beside the reason."""
    said = row["reason"]
    if row["passed_to"]:
        said = f"to {row['passed_to']}: {said}" if said else f"to {row['passed_to']}"
    if row["of_item"] is not None:
        of = f" of {row['asked_of']}" if row["asked_of"] else ""
        said = f"{said}{of} on item {row['of_item']}" + (f": {row['question']}" if row["question"] else "")
    return row | {"reason": said}
