"""Commands about rule changes and about what others are told: preview, rollback, rulebooks, changes, notices."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from routing.cli.options import AsReader, At, Book, By, Format, Identity, Output, Store
from routing.wording import counted

MOVE_COLUMNS = ("from", "to", "count", "earlier", "later", "raised", "lowered", "claimed")
CHANGE_COLUMNS = ("cursor", "at", "item", "kind", "event", "from", "to", "worklist", "actor", "reason")
NOTICE_COLUMNS = ("notice", "at", "target", "kind", "item", "worklist", "priority", "due_at", "reason")
BOOK_COLUMNS = ("fingerprint", "name", "at", "actor", "reason")
LATER = "would be due later, and keeps its due"
LATERS = "would be due later, and keep their due"


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(preview)
    app.command()(rollback)
    app.command()(rulebooks)
    app.command()(changes)
    app.command()(notices)


def preview(
    book: Book,
    store: Store,
    limit: Annotated[
        int | None, typer.Option("--limit", help="Look at no more than so many procedures.", min=1)
    ] = None,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Show what activating a rulebook would do to the open work, from list to list; nothing is written."""
    from routing.cli.output import print_object, print_rows, say
    from routing.cli.stores import opened
    from routing.rulebook import Rulebook

    loaded = Rulebook.load(book)
    with opened(store, at) as worklists:
        found = worklists.preview(loaded, limit).as_dict()
    if how in {Format.JSON, Format.JSONL}:
        print_object(found, how)
        return
    if how is Format.TABLE:
        say(
            f"{counted(found['moving'], 'item moves', 'items move')}, {found['exceptions']} to exceptions, "
            f"{found['earlier']} due earlier; {counted(found['later'], LATER, LATERS)}"
        )
        if found["claimed"]:
            say(
                counted(
                    found["claimed"],
                    "is in hand, and goes when it is given back",
                    "are in hand, and go when they are given back",
                )
            )
        if found["opened"] or found["closed"]:
            begins = counted(found["opened"], "further item begins", "further items begin")
            say(f"{begins}, {counted(found['closed'], 'is', 'are')} closed by policy")
        if found["closing"]:
            until = "it is" if len(found["closing"]) == 1 else "they are"
            say(f"closing until {until} empty: {', '.join(found['closing'])}")
        if found["decided"] < found["procedures"]:
            say(f"{found['decided']} of {counted(found['procedures'], 'procedure')} were looked at", err=True)
    print_rows(found["moves"], MOVE_COLUMNS, how, "nothing that is open changes")


def rollback(
    store: Store,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the journal.", metavar="TEXT")],
    at: At = None,
) -> None:
    """Go back to the rulebook that was active before: as `activate`, from the text that the store keeps."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        decided = worklists.rollback(by, reason)
        name = worklists.rulebook.name
    typer.echo(f"{name} is active again: {counted(decided, 'procedure')} decided anew")


def rulebooks(
    store: Store,
    text: Annotated[
        str | None, typer.Option("--text", help="Print the text of this one.", metavar="FINGERPRINT")
    ] = None,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """List which rulebooks were active, the newest first, with who activated them and why."""
    from routing.cli.output import print_rows
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        if text is not None:
            typer.echo(worklists.rulebook_text(text))
            return
        rows = [one.as_dict() for one in worklists.rulebooks()]
    print_rows(rows, BOOK_COLUMNS, how, "no rulebook was ever active")


def changes(
    store: Store,
    after: Annotated[
        int, typer.Option("--after", help="The cursor of the last change that was seen.", min=0, metavar="CURSOR")
    ] = 0,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1)] = 500,
    reader: AsReader = None,
    identity: Identity = False,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Tell what happened after a cursor, in order, of all items; without what they are called unless --identity."""
    from routing.cli.output import print_rows
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        found = worklists.changes(after, limit, identity=identity, reader=reader)
    columns = (*CHANGE_COLUMNS, "accession") if identity else CHANGE_COLUMNS
    print_rows((one.as_dict(identity=identity) for one in found), columns, how, "nothing has changed")


def notices(
    store: Store,
    told: Annotated[
        list[int] | None, typer.Option("--told", help="This notice was delivered; may be repeated.", metavar="NOTICE")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1)] = 100,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """List what is still to be told and to whom, oldest first; with --told write down what was delivered."""
    from routing.cli.output import print_rows
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        for notice in told or ():
            worklists.mark_told(notice)
        worklists.page(limit=0)  # what time has to say is said before it is listed
        rows = [_row(one) for one in worklists.notices(limit)]
    print_rows(map(_told, rows) if how is Format.TABLE else rows, NOTICE_COLUMNS, how, "nothing is to be told")


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a notice for a table: who did it beside the reason, and of what was refused who tried what."""
    if row["kind"] == "refused":
        return row | {"reason": f"{row['actor'] or 'nobody named'}: {row['act']}, which needs {row['needs']}"}
    said = (
        f"{row['by']}: {row['reason']}" if row.get("by") and row.get("reason") else row.get("by") or row.get("reason")
    )
    return row | {"reason": said}


def _row(notice: Any) -> dict[str, Any]:
    said = dict(notice.payload)
    return {"notice": notice.id, "target": notice.target} | said | {"at": said.get("at") or notice.made_at.isoformat()}
