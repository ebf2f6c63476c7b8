"""Commands for what people do with items: claim, release, pass, report, close, reopen, grant. `--by` says who acts."""

from __future__ import annotations

from typing import Annotated

import typer

from routing.cli.options import At, By, Format, Output, Store

Item = Annotated[int, typer.Argument(help="The item's number, as `list` shows it.", metavar="ITEM")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in words; it is kept.", metavar="TEXT")]
Token = Annotated[int | None, typer.Option("--token", help="The token that `claim` printed.", metavar="T")]


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(claim)
    app.command()(release)
    app.command("pass")(pass_to)
    app.command()(report)
    app.command()(wrong_patient)
    app.command()(close)
    app.command()(reopen)
    app.command()(grant)


def claim(
    store: Store,
    by: By,
    item: Annotated[int | None, typer.Argument(help="The item's number.", metavar="ITEM")] = None,
    next_: Annotated[bool, typer.Option("--next", help="The most urgent item that this reader may read.")] = False,
    worklist: Annotated[
        list[str] | None, typer.Option("--worklist", help="With --next, of this list; may be repeated.", metavar="LIST")
    ] = None,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Claim an item to read; prints the token that reporting it needs."""
    from routing.cli.output import print_object
    from routing.cli.stores import opened

    if (item is None) != next_:
        raise typer.BadParameter("give an item or --next, one of the two")
    if worklist and item is not None:
        raise typer.BadParameter("--worklist goes with --next")
    with opened(store, at) as worklists:
        held = worklists.claim_next(by, worklists=worklist or None) if item is None else worklists.claim(item, by=by)
    if held is None:
        typer.echo("nothing waits for this reader", err=True)
        return
    print_object(held.as_dict(), how)


def release(item: Item, store: Store, by: By, token: Token = None, at: At = None) -> None:
    """Give a claimed item back to its list."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        worklists.release(item, by=by, token=token)
    typer.echo(f"item {item} waits again")


def pass_to(
    item: Item,
    store: Store,
    by: By,
    reason: Reason,
    worklist: Annotated[str | None, typer.Argument(help="The list it goes to.", metavar="WORKLIST")] = None,
    reader: Annotated[
        str | None, typer.Option("--to-reader", help="A colleague instead, who has to accept it.", metavar="NAME")
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="It stays until a reader of that list accepts it.")] = False,
    token: Token = None,
    at: At = None,
) -> None:
    """Pass an item to another list, or to a colleague who has to accept it; with a reason."""
    from routing.cli.stores import opened

    if (worklist is None) == (reader is None):
        raise typer.BadParameter("give a worklist or --to-reader, one of the two")
    with opened(store, at) as worklists:
        if reader is not None:
            line = worklists.hand_to(item, reader, by=by, reason=reason, token=token)
            typer.echo(f"item {item} stays on {line.worklist} until {reader} accepts it")
        else:
            line = worklists.pass_to(item, str(worklist), by=by, reason=reason, token=token, accept=ask)
            accepts = f" until a reader of {worklist} accepts it" if ask else ""
            typer.echo(f"item {item} waits on {line.worklist}{accepts}")


def report(
    what: Annotated[str, typer.Argument(help="The item's number, or an accession.", metavar="ITEM|ACCESSION")],
    store: Store,
    by: By,
    report_id: Annotated[str, typer.Option("--report-id", help="The report's number where it is kept.", metavar="ID")],
    status: Annotated[
        str, typer.Option("--status", help="preliminary, final, corrected or addendum.", metavar="STATUS")
    ] = "final",
    token: Token = None,
    result: Annotated[
        str,
        typer.Option("--result", help="What was found, as a code: reads are compared by it.", metavar="CODE"),
    ] = "",
    sign_off: Annotated[
        str | None, typer.Option("--sign-off", help="Of a preliminary: who is asked to sign it.", metavar="NAME")
    ] = None,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Record a report; only a final or corrected one takes the item off its list."""
    from routing.cli.output import print_object
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        item = worklists.item_named(what)
        done = worklists.report(
            item, status=status, report_id=report_id, by=by, token=token, result=result, sign_off=sign_off
        )
    print_object(done.as_dict(), how, f"item {done.item} is {done.state}")


def wrong_patient(
    item: Item,
    store: Store,
    by: By,
    reason: Reason,
    other: Annotated[
        int | None, typer.Option("--other", help="The item of the patient whose report it is.", metavar="ITEM")
    ] = None,
    at: At = None,
) -> None:
    """Take back a report that is another patient's; both sides are open again, and whose they are restricted."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        line = worklists.wrong_patient(item, by=by, reason=reason, other=other)
    typer.echo(f"item {item} is {line.state} again{'' if other is None else f', and item {other} is open'}")


def close(
    item: Item,
    store: Store,
    by: By,
    reason: Reason,
    policy: Annotated[str, typer.Option("--policy", help="The policy that allows it.", metavar="NAME")] = "",
    at: At = None,
) -> None:
    """End an item without a report: by grant, with a reason, and reversibly."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        worklists.close_item(item, by=by, reason=reason, policy=policy)
    typer.echo(f"item {item} is closed; `routing reopen` brings it back")


def reopen(item: Item, store: Store, by: By, reason: Reason, at: At = None) -> None:
    """Bring a reported or closed item back, with its original clock."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        worklists.reopen(item, by=by, reason=reason)
    typer.echo(f"item {item} is open again")


def grant(
    who: Annotated[str, typer.Argument(help="Who may.", metavar="NAME")],
    act: Annotated[
        str,
        typer.Argument(
            help="What: read, read:SKILL, close, reassign, break, lower, lengthen, activate, redact, inspect or grant.",
            metavar="ACT",
        ),
    ],
    store: Store,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.", metavar="TEXT")] = "",
    on: Annotated[str, typer.Option("--on", help="For this list alone; else for all.", metavar="WORKLIST")] = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it away instead.")] = False,
    at: At = None,
) -> None:
    """Allow somebody an act, or give a reader a skill; the first grant on a store needs none."""
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        worklists.grant(who, act, by=by, scope=on, reason=reason, given=not revoke)
    typer.echo(f"{who} may {'no longer ' if revoke else ''}{act}{f' on {on}' if on else ''}")
