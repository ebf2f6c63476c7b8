r"""The files a rulebook names (tables, calendars, included rules), behind one small reader: checking itself is pure.

A name is relative to the folder of the main rulebook, with `/` between its parts; `\\` counts as `/`. Reading a file
that is not there, is no file or is too large raises `OSError`; the message is for a person and names no machine path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from attrs import field, frozen

LARGEST_BYTES: Final = 32 * 1024 * 1024


class Files(Protocol):
    """Where the files are that a rulebook names."""

    def read(self, name: str) -> bytes:
        """Return the bytes of *name*; raise `OSError` with a reason when there are none to be had."""
        ...

    def beside(self, name: str) -> tuple[str, ...]:
        """Return the names of the files in the folder of *name*, for suggestions; empty when unknown."""
        ...


@frozen
class Folder:
    """The files of a folder on disk, as they are now."""

    path: Path

    def read(self, name: str) -> bytes:
        """Return the bytes of the file *name*."""
        place = self._place(name)
        if place is None or not place.exists():
            raise FileNotFoundError("there is no such file")
        if not place.is_file():
            raise IsADirectoryError("it is not a file")
        try:
            with place.open("rb") as stream:
                read = stream.read(LARGEST_BYTES + 1)
        except OSError as cause:
            raise PermissionError("it cannot be read") from cause
        return _bounded(read)

    def beside(self, name: str) -> tuple[str, ...]:
        """Return the names of the files in the folder of *name*."""
        place = self._place(name)
        try:
            return tuple(sorted(one.name for one in place.parent.iterdir() if one.is_file())) if place else ()
        except OSError:
            return ()

    def _place(self, name: str) -> Path | None:
        if "\x00" in name or not name:
            return None
        return self.path / normal(name)


@frozen
class Texts:
    """Files that are given as texts or bytes by name, such as the tables of `Rulebook.loads`."""

    texts: Mapping[str, str | bytes] = field(factory=dict)

    def read(self, name: str) -> bytes:
        """Return the bytes of the text *name*."""
        for each, text in self.texts.items():
            if normal(each) == normal(name):
                return _bounded(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        raise FileNotFoundError("there is no such file")

    def beside(self, name: str) -> tuple[str, ...]:
        """Return the names of the texts in the folder of *name*."""
        folder = posixpath.dirname(normal(name))
        return tuple(
            sorted(posixpath.basename(one) for each in self.texts if posixpath.dirname(one := normal(each)) == folder)
        )


def normal(name: str) -> str:
    """Return *name* with `/` between its parts and without `.` and needless `..`."""
    return posixpath.normpath(name.replace("\\", "/"))


def relative_to_file(file: str, name: str) -> str:
    """Return the file *name* as named from inside *file*, relative to whatever *file* is relative to."""
    return normal(posixpath.join(posixpath.dirname(normal(file)), name.replace("\\", "/")))


def _bounded(read: bytes) -> bytes:
    if len(read) > LARGEST_BYTES:
        raise OSError(f"it is larger than {LARGEST_BYTES // (1024 * 1024)} MB")
    return read
