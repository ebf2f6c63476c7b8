"""The command that draws: tree."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from routing.cli.options import At, Book, Facts, Profile


class Form(StrEnum):
    """How the tree is drawn."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"


def register(app: typer.Typer) -> None:
    """Add this command to *app*."""
    app.command()(tree)


def tree(
    book: Book,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="A study, to show the path that it takes.", metavar="[PATH]...")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to draw.", case_sensitive=False)] = Form.TEXT,
    most: Annotated[int, typer.Option("--nodes", min=1, help="Draw about so many at most, fold the rest.")] = 200,
    at: At = None,
    facts: Facts = None,
    profile: Profile = None,
) -> None:
    """Draw the rules as a tree; with a study, the path that it takes."""
    from routing.cli.moment import now
    from routing.draw import as_mermaid, as_svg, as_text, picture
    from routing.rulebook import Rulebook

    drawing = {Form.TEXT: as_text, Form.MERMAID: as_mermaid, Form.SVG: as_svg}[form]
    rulebook = Rulebook.load(book)
    if not paths:
        typer.echo(drawing(picture(rulebook.compiled, most=most)), nl=False)
        return
    from routing.dry_run import decide_all

    decided = decide_all(rulebook, paths, at=now(at), facts=facts, profile=profile)
    found = [one for one in decided if one.procedure is not None]
    if not found:
        typer.echo("no study was found", err=True)
        raise typer.Exit(1)
    if len(found) > 1:
        typer.echo(f"there are {len(found)} studies: this is the first", err=True)
    one = found[0]
    typer.echo(drawing(picture(rulebook.compiled, one.attributes, one.decision, most)), nl=False)
