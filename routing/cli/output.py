"""Printing: rows as table, JSON, JSON lines or CSV; findings with a caret; progress on a terminal."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

import typer

from routing.cli.options import Format

if TYPE_CHECKING:
    from routing.diagnostics import Finding

_MOST_STYLED = 2000  # rows; beyond that a table is plain text
_NARROWEST, _GAP = 10, 2
_INSTANT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?\+00:00$")


def print_rows(rows: Iterable[dict[str, Any]], columns: Sequence[str], how: Format, nothing: str = "nothing") -> None:
    """Print *rows*; a table shows *columns* (or *nothing* where there is no row), the other forms every key.

    A reader of the pipe that has seen enough ends the printing, and is no failure.
    """
    try:
        if how is Format.JSONL:
            for row in rows:
                typer.echo(json.dumps(row, ensure_ascii=False))
        elif how is Format.JSON:
            _print_json(rows)
        elif how is Format.CSV:
            _print_csv(rows)
        else:
            _print_table(rows, columns, nothing)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def first_read(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return the rows once the first is made: what comes before it, such as reading, is then done."""
    left = iter(rows)
    return chain(list(islice(left, 1)), left)


def print_object(row: dict[str, Any], how: Format, sentence: str | None = None) -> None:
    """Print one object: JSON as it is, CSV as a row, otherwise *sentence* or a line for each key."""
    if how in {Format.JSON, Format.JSONL}:
        typer.echo(json.dumps(row, ensure_ascii=False, indent=2 if how is Format.JSON else None))
    elif how is Format.CSV:
        _print_csv([row])
    elif sentence is not None:
        typer.echo(sentence)
    else:
        for key, value in row.items():
            typer.echo(f"{key}: {cell(value)}")


def print_findings(findings: Sequence[Finding], *, err: bool = False, width: int | None = None) -> None:
    """Print findings with their text underlined; a file that cannot be read again is printed without."""
    from routing.codes import render

    texts: dict[str, str | None] = {}
    wide = width or (shutil.get_terminal_size().columns if sys.stdout.isatty() else 120)
    for finding in findings:
        name = finding.span.file
        if name not in texts:
            texts[name] = _text_of(name)
        typer.echo(render(finding, texts[name], width=wide), err=err)


def say(text: str, *, err: bool = False) -> None:
    """Print a sentence; on a terminal in lines as wide as that, broken between words."""
    stream = sys.stderr if err else sys.stdout
    if stream.isatty():
        text = fill(text, max(shutil.get_terminal_size().columns, _NARROWEST), break_long_words=False)
    typer.echo(text, err=err)


def shortened(names: Sequence[str]) -> str:
    """Return the first name and how many more there are, for a table."""
    first = names[0] if names else ""
    return first if len(names) <= 1 else f"{first} and {len(names) - 1} more"


def named(row: dict[str, Any]) -> str:
    """Return what a person calls a procedure: its accession with the issuer, else its study, else nothing."""
    if row["accession"]:
        return f"{row['accession']} ({row['accession_issuer']})" if row["accession_issuer"] else str(row["accession"])
    return shortened(row["study_uid"])


@contextmanager
def progress(title: str) -> Iterator[Any]:
    """Yield a function that wraps an iterable in a progress bar: on a terminal only, and on stderr."""
    if not sys.stderr.isatty():
        yield lambda things, total=None: things  # noqa: ARG005 - same shape as the bar
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield lambda things, total=None: bar.track(things, description=title, total=total)


def _text_of(name: str) -> str | None:
    from routing.parse import decode

    try:
        return decode(Path(name).read_bytes())
    except OSError:
        return None


def _print_json(rows: Iterable[dict[str, Any]]) -> None:
    """Print one list, row by row: there may be more than memory holds."""
    before = "[\n"
    for row in rows:
        text = json.dumps(row, ensure_ascii=False, indent=2)
        typer.echo(before + indent(text, "  "), nl=False)
        before = ",\n"
    typer.echo("[]" if before == "[\n" else "\n]")


def _print_csv(rows: Iterable[dict[str, Any]]) -> None:
    """Print rows under the names of all keys of the first thousand; a later row may have others, which stay out."""
    left = iter(rows)
    first = list(islice(left, 1000))
    if not first:
        return
    keys = list(dict.fromkeys(key for row in first for key in row))
    writer = csv.DictWriter(sys.stdout, keys, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({key: _csv_cell(value) for key, value in row.items()} for row in chain(first, left))


def _print_table(rows: Iterable[dict[str, Any]], columns: Sequence[str], nothing: str) -> None:
    """Print a table; on a terminal too narrow for all columns the last ones give way."""
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    if not cells:
        if nothing:
            typer.echo(nothing, err=True)
        return
    titles = [column.replace("_", " ") for column in columns]
    if sys.stdout.isatty() and len(cells) <= _MOST_STYLED:
        _print_styled(titles, cells)
        return
    widths = [max(len(title), *(len(row[place]) for row in cells)) for place, title in enumerate(titles)]
    for row in (titles, *cells):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_styled(titles: Sequence[str], cells: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    shown = _fitting(titles, cells, console.width)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in shown:
        table.add_column(title, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row[: len(shown)]))
    console.print(table)
    if hidden := titles[len(shown) :]:
        typer.echo(f"too narrow for: {', '.join(hidden)} (a wider terminal or --format shows them)", err=True)


def _fitting(titles: Sequence[str], cells: list[list[str]], width: int) -> Sequence[str]:
    """Return the first columns that fit into *width* with the last of them at least ten wide; never fewer than two."""
    widths = [max(len(title), *(len(row[place]) for row in cells)) for place, title in enumerate(titles)]
    used = 0
    for place, one in enumerate(widths):
        if place > 1 and used + min(one, _NARROWEST) > width:
            return titles[:place]
        used += one + _GAP
    return titles


def cell(value: Any) -> str:
    """Return a value as people read it: nothing for None, an object as its names and values, an instant in UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {cell(inner)}" for key, inner in value.items() if inner not in (None, [], False))
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(inner) for inner in value)
    text = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return _INSTANT.sub(r"\1 \2Z", text)


def _csv_cell(value: Any) -> str:
    """Return a cell: JSON for a list or object, and a quote before a text that a spreadsheet would run as a formula."""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t")) else text
