"""What no reader understands: still a Reading, kept and shown to a person with its reason."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from routing.decision import Problem
from routing.sources.news import Reading

MOST_KEPT: Final = 1024 * 1024


def unreadable(data: bytes, kind: str, reason: str, source: str = "") -> Reading:
    """Return the Reading of bytes that cannot be read; its identity is their digest. At most the first MB is kept."""
    return _reading(
        hashlib.sha256(data).hexdigest(), data[:MOST_KEPT], Problem(kind=kind, source=source, message=reason)
    )


def unreadable_file(path: Path, kind: str, reason: str) -> Reading:
    """Return the Reading of a file that cannot be read, as `unreadable` does. Raises OSError."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        kept = file.read(MOST_KEPT)
    return _reading(digest, kept, Problem(kind=kind, source="", message=reason))


def _reading(digest: str, kept: bytes, refused: Problem) -> Reading:
    return Reading(kind="unreadable", sender="", message_id=digest, digest=digest, raw=kept, refused=refused)
