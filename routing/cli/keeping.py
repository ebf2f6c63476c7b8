"""Commands that keep a store sound: seal, backup, export, redact, verify."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routing.cli.options import At, By, Format, Identity, Output, Store
from routing.wording import counted

if TYPE_CHECKING:
    from routing.store.protocol import Store as Opened
    from routing.store.records import Seal, Verification
    from routing.worklists.orphans import Orphan

VERIFY_COLUMNS = ("check", "invariant", "item", "evidence", "action")


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(verify)
    app.command()(seal)
    app.command()(backup)
    app.command()(export)
    app.command()(redact)


def verify(
    store: Store,
    since_seal: Annotated[
        bool, typer.Option("--since-seal", help="Only what came after the newest seal: quick enough for every start.")
    ] = False,
    anchor: Annotated[
        Path | None,
        typer.Option(
            "--anchor", help="A seal kept outside the host, as `seal` printed it.", metavar="FILE", exists=True
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option("--processes", help="How many processes may share the work; without it one for each core.", min=1),
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Rebuild items and counts from the journal first; needs --by.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who repairs.", metavar="NAME")] = "",
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Prove the store sound: guards, chains, replay, conservation. Exit 1 on a finding."""
    from routing.cli.moment import now
    from routing.store import verify_store
    from routing.store.crew import cores
    from routing.worklists.orphans import with_orphans

    _require(store)
    sealed = _hash_in(anchor) if anchor else None
    if repair:
        _repair(store, by, at)
    found = verify_store(store, now=now(at), anchor=sealed, since_seal=since_seal, processes=processes or cores())
    _show(with_orphans(found, lambda: _unread(store, now(at))), how)


def _unread(store: str, at: datetime) -> tuple[Orphan, ...]:
    """Return the lists that nobody may read."""
    from routing.worklists.orphans import unread_in

    opened = _opened(store)
    try:
        return unread_in(opened, at)
    finally:
        opened.close()


def _repair(store: str, by: str, at: Any) -> None:
    from routing.cli.moment import now
    from routing.store import repair_store

    if not by:
        raise typer.BadParameter("say who repairs: --by NAME", param_hint="--by")
    mended = repair_store(store, at=now(at), actor=by)
    typer.echo(f"{counted(len(mended), 'item was', 'items were')} rebuilt from the journal", err=True)


def _show(found: Verification, how: Format) -> None:
    from routing.cli.output import cell, print_rows, say

    rows = [one.as_dict() for one in found.findings]
    print_rows(rows, VERIFY_COLUMNS, how, "")
    if not rows and how is Format.TABLE:
        typer.echo("clean")
    if how is Format.TABLE:
        for name, value in found.figures.items():
            many = [f"{key} {each}" for key, each in value.items()] if isinstance(value, dict) else value
            say(f"{name.replace('_', ' ')}: {cell(many) or 'none'}", err=True)
    raise typer.Exit(1 if rows else 0)


def seal(store: Store, how: Output = Format.TABLE, at: At = None) -> None:
    """Seal everything that is there and print the seal: keep what it prints on another machine."""
    from routing.cli.moment import now
    from routing.cli.output import print_object

    _require(store)
    opened = _opened(store)
    try:
        with opened.writing(now(at)) as tx:
            made = tx.seal()
    finally:
        opened.close()
    print_object(_as_dict(made), how)


def backup(
    target: Annotated[Path, typer.Argument(help="The file to make; nothing is overwritten.", metavar="TARGET")],
    store: Store,
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Copy the store while others go on writing, and verify the copy. Exit 1 on a finding."""
    from routing.cli.moment import now
    from routing.store import open_file
    from routing.store.maintenance import backup

    _require(store)
    opened = open_file(store)
    try:
        found = backup(opened, target, now=now(at))
    finally:
        opened.close()
    _show(found, how)


def export(store: Store, identity: Identity = False) -> None:
    """Print every row of the store as a line of JSON, and at the end their digest with the newest seal's hash."""
    import hashlib

    from routing.store import export_store

    _require(store)
    opened, digest, count = _opened(store), hashlib.sha256(), 0
    try:
        with opened.reading():
            for line in _lines(export_store(opened, identity=identity)):
                typer.echo(line)
                digest.update(f"{line}\n".encode())
                count += 1
            newest = opened.seals()[-1:]
    finally:
        opened.close()
    sealed = newest[0].hash if newest else None
    typer.echo(json.dumps({"rows": count, "sha256": digest.hexdigest(), "seal": sealed}))


def _lines(rows: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    for table, row in rows:
        said = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
        yield json.dumps({"table": table, "row": said}, sort_keys=True)


def redact(
    accession: Annotated[str, typer.Argument(help="The accession number, or a study UID.", metavar="ACCESSION")],
    store: Store,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why, in words; it is kept.", metavar="TEXT")],
    how: Output = Format.TABLE,
    at: At = None,
) -> None:
    """Erase who the patient of discharged work was, by the grant `redact`; what happened, and its chain, stay."""
    from routing.cli.output import print_object
    from routing.cli.stores import opened

    with opened(store, at) as worklists:
        erased = worklists.redact(accession, by=by, reason=reason)
    print_object(erased.as_dict(), how)


def _require(store: str) -> None:
    from routing.worklists import exists

    if not exists(store):
        raise typer.BadParameter(f"there is no store {store}")


def _opened(store: str) -> Opened:
    from routing.store import open_store

    return open_store(store, create=False)


def _as_dict(made: Seal) -> dict[str, Any]:
    return {
        "k": made.k,
        "at": made.at.isoformat(),
        "items": made.items,
        "events": made.events,
        "last_seq": made.last_seq,
        "root": made.root,
        "prev": made.prev,
        "hash": made.hash,
    }


def _hash_in(path: Path) -> str:
    """Return the hash of the seal in a file: what `seal` printed in any form, or the hash alone."""
    text = path.read_text(encoding="utf-8")
    named = re.search(r"\bhash\W+([0-9a-f]{64})\b", text)
    found = [named[1]] if named else re.findall(r"\b[0-9a-f]{64}\b", text)  # in CSV it is the last column
    if not found:
        raise typer.BadParameter(f"{path} holds no seal as `routing seal` prints it", param_hint="--anchor")
    return found[-1]
