"""The starter: a small rulebook with its table and a few samples, for `routing init`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from routing.errors import RoutingError

_BOOK: Final = ("department.rules", "procedures.csv")
_STUDIES: Final = ("ct-head-ed", "ct-head-child", "mr-knee", "mg-screening", "cxr-gp", "px-opg", "missing-everything")
_MESSAGES: Final = ("001-", "002-", "007-", "009-", "016-", "023-", "040-")


class StarterExists(RoutingError):
    """The folder already holds a file that the starter would write; nothing was written."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is there already: give another folder, for example `routing init demo`"


def write_starter(folder: Path) -> list[Path]:
    """
    Write the starter rulebook, its table and its samples into *folder*, which is made if it is not there.

    Returns:
        The files written, the rulebook first.

    Raises:
        StarterExists: one of the files is there already; nothing was written.
    """
    plan = [(_shipped("starter") / name, folder / name) for name in _BOOK]
    samples = _shipped("city-hospitals") / "samples"
    studies = [path for name in _STUDIES for path in sorted((samples / "studies" / name).iterdir())]
    messages = [path for path in sorted((samples / "hl7").iterdir()) if path.name.startswith(_MESSAGES)]
    plan += [(path, folder / "samples" / path.relative_to(samples)) for path in [*studies, *messages]]
    for _, target in plan:
        if target.exists():
            raise StarterExists(str(target))
    for source, target in plan:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return [target for _, target in plan]


def _shipped(name: str) -> Path:
    """Find a folder of `examples/`: inside the package when installed, beside it in a checkout."""
    here = Path(__file__).parent
    inside = here / "examples" / name
    return inside if inside.is_dir() else here.parent / "examples" / name
