"""Commands for readers among themselves: opinions, what is passed to a colleague, skips; overriding, and readers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer

from routing.cli.acts import Item, Reason
from routing.cli.options import At, By, Format, Output, Store
from routing.wording import counted

READER_COLUMNS = ("name", "skills", "until", "grade", "on_shift", "sites", "left", "by")
UNSAID: dict[str, Any] = {
    "until": {},
    "grade": "",
    "on_shift": True,
    "sites": [],
    "left": None,
    "by": None,
    "at": None,
}


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(renew)
    app.command()(accept)
    app.command()(decline)
    app.command()(skip)
    app.command()(opinion)
    app.command()(acknowledge)
    app.command()(override)
    app.command()(reader)
    app.command()(readers)
    app.command()(grants)


def renew(
    item: Item,
    store: Store,
    by: By,
    token: Annotated[int, typer.Option("--token", help="The token that `claim` printed.", metavar="T")],
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Lengthen the lease of a claim, counted from now."""
    from routing.cli.output import print_object
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        held = worklists.renew(worklists.claimed(item, by=by, token=token))
    print_object(held.as_dict(), how)


def accept(item: Item, store: Store, by: By, how: Output = Format.TABLE, at: At = None) -> None:
    """Take an item that was passed to you; prints the token of the claim."""
    from routing.cli.output import print_object
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        held = worklists.accept(item, by=by)
    print_object(held.as_dict(), how)


def decline(item: Item, store: Store, by: By, reason: Reason, at: At = None) -> None:
    """Give back an item that was passed to you, with a reason."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        line = worklists.decline(item, by=by, reason=reason)
    typer.echo(f"item {item} waits on {line.worklist}")


def skip(item: Item, store: Store, by: By, reason: Reason, at: At = None) -> None:
    """Write down that you passed an item over, and why; it stays where it is."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        worklists.skip(item, by=by, reason=reason)
    typer.echo(f"item {item} stays; the skip is in its history")


def opinion(
    item: Item,
    store: Store,
    by: By,
    question: Annotated[str, typer.Option("--question", help="What is asked; write no names.", metavar="TEXT")],
    of: Annotated[str | None, typer.Option("--of", help="The reader who is asked.", metavar="NAME")] = None,
    worklist: Annotated[str | None, typer.Option("--to", help="The list that is asked.", metavar="WORKLIST")] = None,
    hours: Annotated[float | None, typer.Option("--within-hours", help="By when.", metavar="N")] = None,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Ask for a second opinion: an item of its own, which neither closes nor reopens the first."""
    from routing.cli.output import print_object
    from routing.cli.stores import opened

    due = None if hours is None else timedelta(hours=hours)
    with opened(store, at) as worklists:
        line = worklists.ask_opinion(item, of=of, by=by, question=question, worklist=worklist, due=due)
    print_object(line.as_dict(), how, f"item {line.item} asks for an opinion on {line.worklist}")


def acknowledge(item: Item, store: Store, by: By, at: At = None) -> None:
    """Write down that you have read the answer to your question."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        worklists.acknowledge(item, by=by)
    typer.echo(f"the answer of item {item} is read")


def override(
    item: Item,
    store: Store,
    by: By,
    reason: Reason,
    priority: Annotated[str | None, typer.Option("--priority", help="The priority from now on.", metavar="P")] = None,
    due: Annotated[str | None, typer.Option("--due", help="The due, with its offset.", metavar="INSTANT")] = None,
    worklist: Annotated[str | None, typer.Option("--to", help="The list from now on.", metavar="WORKLIST")] = None,
    at: At = None,
) -> None:
    """Change what the rules gave: needs the grants lower, lengthen or reassign where it takes care away."""
    from routing.cli.stores import opened

    try:
        due_at = None if due is None else datetime.fromisoformat(due)
    except ValueError as error:
        raise typer.BadParameter(f"--due is no instant such as 2026-03-10T09:00:00+00:00: {due}") from error
    if due_at is not None and due_at.tzinfo is None:
        raise typer.BadParameter("--due needs an offset, as in 2026-03-10T09:00:00+00:00")
    with opened(store, at) as worklists:
        line = worklists.override(item, by=by, reason=reason, priority=priority, due_at=due_at, worklist=worklist)
    typer.echo(f"item {item} waits on {line.worklist}, {line.priority}, due {line.due_at or 'at no time'}")


def reader(
    name: Annotated[str, typer.Argument(help="The reader.", metavar="NAME")],
    store: Store,
    by: By,
    skills: Annotated[
        str,
        typer.Option(
            "--skills", help="Separated by commas; one that runs out with its last day.", metavar="S,S:2027-03-31"
        ),
    ] = "",
    grade: Annotated[str, typer.Option("--grade", help="`trainee`: a final of theirs is a draft.", metavar="G")] = "",
    off_shift: Annotated[bool, typer.Option("--off-shift", help="Not at work now.")] = False,
    sites: Annotated[str, typer.Option("--sites", help="Separated by commas.", metavar="S,S")] = "",
    left: Annotated[
        str | None, typer.Option("--left", help="They have left, and why: what is asked of them is for its list.")
    ] = None,
    at: At = None,
) -> None:
    """Add a reader to the store's own directory, change one, or write that one has left."""
    from routing.cli.stores import opened

    if left is not None:
        with opened(store, at) as worklists:
            given = worklists.drop_reader(name, by, left)
        are = counted(given, "item that was asked of them is", "items that were asked of them are")
        typer.echo(f"{name} has left; {are} for all of the list")
        return
    named = [part.partition(":") for part in _listed(skills)]
    try:
        until = {skill.strip(): date.fromisoformat(end.strip()) for skill, colon, end in named if colon}
    except ValueError as error:
        raise typer.BadParameter("--skills: a last day is written as in breast:2027-03-31") from error
    has = [skill.strip() for skill, _, _ in named]
    with opened(store, at) as worklists:
        worklists.put_reader(name, has, by, grade=grade, on_shift=not off_shift, sites=_listed(sites), until=until)
    typer.echo(f"{name} reads what asks for {skills or 'no skill'}")


def readers(store: Store, how: Output = Format.TABLE, at: At = None) -> None:
    """List the store's own directory of readers."""
    from routing.cli.output import print_rows
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        rows = [
            {"name": one.name, "skills": list(one.skills)} | UNSAID | dict(one.body)
            for one in worklists.store.readers()
        ]
    print_rows(rows, READER_COLUMNS, how)


def grants(store: Store, how: Output = Format.TABLE, at: At = None) -> None:
    """List who may do what beyond their skills, and who allowed it."""
    from routing.cli.output import print_rows
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        rows = [
            {"actor": one.actor, "act": one.act, "scope": one.scope, "by": one.by, "reason": one.reason}
            for one in worklists.store.grants()
        ]
    print_rows(rows, ("actor", "act", "scope", "by", "reason"), how)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
