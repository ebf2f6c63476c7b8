"""Write the reference pages that come from the code: attributes, findings, states, commands.

Run `python docs/generate.py` after a change to any of these; a test fails while a page and the code differ.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference"
NOTICE = "<!-- Written by docs/generate.py from the code: change the code, not this page. -->\n\n"


def attributes() -> str:
    """Return the page of canonical attributes."""
    from routing.attributes import ATTRIBUTES

    believed = {
        "key": "keys identify; they cannot stand in a condition",
        "intent": "order before image",
        "fact": "image and MPPS before order",
        "state": "latest ADT, then order, then image",
        "demographic": "latest ADT, then order, then image",
        "host": "the host or the library itself",
    }
    lines = [
        "# Attributes",
        "",
        "One vocabulary, whatever the source.",
        "Absent, empty, explicitly null and malformed values are told apart in the provenance.",
        "To rules they are all *unknown*.",
        "",
        "| name | type | what it is | values | whom to believe | in conditions |",
        "|---|---|---|---|---|---|",
    ]
    for one in ATTRIBUTES.values():
        values = ", ".join(f"`{value}`" for value in one.values)
        usable = "no" if one.identity else "yes"
        lines.append(
            f"| `{one.name}` | {one.type.value} | {one.about} | {values} | {believed[one.group.value]} | {usable} |"
        )
    return "\n".join(lines) + "\n"


def findings() -> str:
    """Return the page of findings."""
    from routing.codes import REGISTER

    lines = [
        "# Findings",
        "",
        "Every finding has a code and a name that never change their meaning.",
        "An **error** does not load, a **warning** loads and fails `routing check`, a **note** never fails.",
        "Each has a page: what to avoid, what to prefer, and why.",
        "",
        "| code | name | severity | what it says |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{one.code}](findings/{one.name}.md) | `{one.name}` | {one.severity.value} | {one.title} |"
        for one in REGISTER.values()
    ]
    lines += ["", "```{toctree}", ":hidden:", ":glob:", "", "findings/*", "```"]
    return "\n".join(lines) + "\n"


def states() -> str:
    """Return the page of states, with the diagram made from the one transition table."""
    from routing.states import DISCHARGED, OPEN, TRANSITIONS

    lines = [
        "# States",
        "",
        "One machine for every kind of item.",
        "`routing/states.py` holds the table that code, database and this page are made from.",
        "",
        f"Open: {', '.join(f'`{one.value}`' for one in sorted(OPEN, key=lambda one: one.value))}.",
        f"Discharged: {', '.join(f'`{one.value}`' for one in sorted(DISCHARGED, key=lambda one: one.value))}.",
        "None of the discharged states is forever: withdraw and reopen bring the work back with its original clock.",
        "",
        "| from | event | to |",
        "|---|---|---|",
    ]
    for (state, event), after in TRANSITIONS.items():
        before, targets = f"`{state.value}`" if state else "nothing", ", ".join(f"`{one.value}`" for one in after)
        lines.append(f"| {before} | {event.value} | {targets} |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Return the page of commands: what `routing COMMAND --help` says."""
    import typer

    from routing.cli import app

    group = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        "Exit 0 is good.",
        "Exit 1 is an error or warning finding, a failed example, a refused act or a difference.",
        "Exit 2 is a usage error.",
        "Data goes to stdout; progress, warnings and errors go to stderr.",
    ]
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        lines += [
            "",
            f"## routing {name}",
            "",
            (command.help or "").strip().replace(". ", ".\n"),
            "",
            "| argument or option | meaning |",
            "|---|---|",
        ]
        for one in command.params:
            names = (
                ", ".join(f"`{text}`" for text in one.opts)
                if one.param_type_name == "option"
                else f"`{one.metavar or one.name}`"
            )
            if "--help" not in one.opts:
                lines.append(f"| {names} | {(getattr(one, 'help', '') or '').replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "attributes.md": attributes,
    "commands.md": commands,
    "findings.md": findings,
    "states.md": states,
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(NOTICE + page(), encoding="utf-8")
        sys.stdout.write(f"{REFERENCE / name}\n")


if __name__ == "__main__":
    main()
