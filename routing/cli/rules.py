"""Commands about rule text: init, check, fmt, test."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routing.cli.options import Book, Format, Output
from routing.wording import counted

if TYPE_CHECKING:
    from routing.diagnostics import Finding


def register(app: typer.Typer) -> None:
    """Add these commands to *app*."""
    app.command()(init)
    app.command()(check)
    app.command()(fmt)
    app.command()(test)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.", metavar="[DIR]")] = Path(),
) -> None:
    """Write a starter rulebook with samples that works at once."""
    from routing.starter import write_starter

    written = write_starter(folder)
    for path in written:
        typer.echo(path)
    book = next(path for path in written if path.suffix == ".rules")
    typer.echo(f"\nNow try:  routing test {book}", err=True)
    typer.echo(f"          routing dry-run {book} {folder / 'samples'}", err=True)


def check(
    book: Book,
    how: Output = Format.TABLE,
    notes: Annotated[bool, typer.Option("--notes", help="Show notes too; they never fail.")] = False,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Show which rules take studies from later, more specific ones.")
    ] = False,
    rest: Annotated[bool, typer.Option("--otherwise", help="Show in words what no rule routes.")] = False,
    every: Annotated[bool, typer.Option("--all", help="With --otherwise: every shape, however many.")] = False,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Show which rules close or hold a study although something is unknown.")
    ] = False,
    as_examples: Annotated[
        bool, typer.Option("--as-examples", help="Print the made-up studies as `example` blocks instead.")
    ] = False,
) -> None:
    """Show what is wrong with a rulebook: findings, each with its place and a remedy."""
    import json

    from routing.cli.output import print_findings, print_rows
    from routing.diagnostics import Severity
    from routing.rulebook import check_path

    checked = check_path(book, conflicts=conflicts)
    findings = checked.findings
    bad = [one for one in findings if one.severity is not Severity.NOTE]
    if as_examples:
        for block in checked.examples(notes=notes or conflicts):
            typer.echo(f"{block}\n")
    elif how is Format.JSON:
        typer.echo(json.dumps([one.as_dict() for one in findings], ensure_ascii=False, indent=2))
    elif how is not Format.TABLE:
        print_rows((one.as_dict() for one in findings), (), how)
    else:
        asked = [one for one in findings if conflicts and one.name == "conflict"]
        print_findings(findings if notes else [*bad, *asked])
        hidden = len(findings) - len(bad) - len(asked)
        kept = f" ({counted(hidden, 'note')}: --notes shows them)" if hidden and not notes else ""
        typer.echo(f"{book}: {_counted(bad)}{kept}", err=True)
        if checked.book is not None and not unknown and (doubtful := len(checked.book.proofs.on_unknown())):
            typer.echo(
                f"{book}: care is lowered in doubt in {counted(doubtful, 'place')}: --unknown shows them", err=True
            )
    if checked.book is not None and (rest or unknown):
        proofs = checked.book.proofs
        _print_shapes("", proofs.on_unknown() if unknown else ())
        shapes = proofs.rest(every=every) if rest else None
        _print_shapes("no rule routes: ", shapes or ())
        if shapes is not None and shapes.more:
            typer.echo(f"{shapes.more}{'' if every else ': --all shows them'}")
    raise typer.Exit(1 if bad else 0)


def _print_shapes(lead: str, shapes: Iterable[Any]) -> None:
    for shape in shapes:
        typer.echo(f"{lead}{shape.words}")
        if shape.study is not None:
            shown = ", ".join(f"{name} {_joined(value)}" for name, value in shape.study.shown().items())
            typer.echo(f"   for example: {shown}")


def _joined(value: Any) -> str:
    return " and ".join(value) if isinstance(value, list) else str(value)


def fmt(
    book: Book,
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if it would change.")] = False,
) -> None:
    """Lay a rulebook out in the one usual form; comments stay."""
    from routing.format import format_text
    from routing.parse import decode

    old = decode(book.read_bytes())
    new = format_text(old, str(book))
    if new == old:
        return
    if only_check:
        typer.echo(f"{book} would change", err=True)
        raise typer.Exit(1)
    book.write_text(new, encoding="utf-8", newline="\n")
    typer.echo(f"{book} laid out", err=True)


def test(
    book: Book,
    how: Output = Format.TABLE,
    fail_under: Annotated[
        float, typer.Option("--fail-under", help="Exit 1 when fewer per cent of the rules fired.", metavar="PERCENT")
    ] = 0.0,
) -> None:
    """Run the examples of a rulebook, and say which rules and conditions they reach."""
    import json

    from routing.cli.output import print_rows
    from routing.examples import run_examples
    from routing.rulebook import Rulebook

    report = run_examples(Rulebook.load(book))
    if how in {Format.JSON, Format.JSONL}:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2 if how is Format.JSON else None))
    elif how is Format.CSV:
        print_rows((result.as_dict() for result in report.results), (), how)
    else:
        for line in report.lines():
            typer.echo(line)
    low = report.rule_coverage < fail_under
    if low:
        typer.echo(f"rule coverage {report.rule_coverage:.0f} % is under {fail_under:.0f} %", err=True)
    sys.stdout.flush()
    raise typer.Exit(1 if report.failed or low else 0)


def _counted(findings: Sequence[Finding]) -> str:
    kinds = [one.severity.value for one in findings]
    words = [counted(count, word) for word in ("error", "warning") if (count := kinds.count(word))]
    return " and ".join(words) or "good"
