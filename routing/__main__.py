"""`python -m routing`: the command line."""

from __future__ import annotations


def main() -> None:
    """Run the command line with this process's arguments; leaves by SystemExit."""
    from routing.cli import run  # noqa: PLC0415 - keeps `import routing` free of the command line

    run()


if __name__ == "__main__":
    main()
