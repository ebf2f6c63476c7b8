"""Commands about feeds: profile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from routing.cli.options import Format, Output, Paths, Profile

PROFILE_COLUMNS = ("sender", "attribute", "fill", "distinct", "values", "unknown")
NOTE_COLUMNS = ("sender", "what", "word", "count")


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(profile)


def profile(
    paths: Paths,
    how: Output = Format.TABLE,
    by: Profile = None,
    book: Annotated[
        Path | None,
        typer.Option(
            "--book",
            help="Say which procedure codes its tables do not know.",
            metavar="BOOK",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    propose: Annotated[bool, typer.Option("--propose", help="Print sender profiles (TOML) to look through.")] = False,
) -> None:
    """Show which attributes a feed fills, with what, and which words and codes nobody mapped; no identity."""
    from routing.cli.output import print_rows, progress
    from routing.feed_profile import known_codes, profile_feed
    from routing.feed_proposal import propose as proposed
    from routing.rulebook import Rulebook

    known = known_codes(Rulebook.load(book)) if book else None
    with progress("Reading") as bar:
        feeds = profile_feed(paths, profile=by, track=bar)
    if propose:
        typer.echo(proposed(feeds), nl=False)
        return
    if how in {Format.JSON, Format.JSONL}:
        print_rows((feed.as_dict(known) for feed in feeds), (), how)
        return
    rows = [row for feed in feeds for row in feed.rows()]
    print_rows(map(_shown, rows) if how is Format.TABLE else rows, PROFILE_COLUMNS, how, "no input was found")
    if how is Format.TABLE:
        notes = [note for feed in feeds for note in _notes(feed.as_dict(known))]
        if notes:
            typer.echo("")
            print_rows(notes, NOTE_COLUMNS, how, "")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    values = ", ".join(f"{value} {count}" for value, count in row["values"][:4])
    more = "+" if row["distinct_more"] else ""
    unknown = ", ".join(f"{reason} {count}" for reason, count in row["unknown"].items())
    return row | {
        "fill": f"{row['fill_percent']:.0f} %",
        "distinct": f"{row['distinct']}{more}" if row["known"] else "",
        "values": values,
        "unknown": unknown,
    }


def _notes(feed: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what somebody should look at: words, codes and parts that nobody mapped, and problems."""
    found = [(f"word for {name}", words) for name, words in feed["unmapped_words"].items()]
    found += [
        ("code no table knows", feed.get("unmapped_codes", {})),
        ("body part outside the list", feed["unlisted_body_parts"]),
    ]
    found.append(("problem", feed["problems"]))
    return [
        {"sender": feed["sender"], "what": what, "word": word or "(empty)", "count": count}
        for what, words in found
        for word, count in words.items()
    ]
