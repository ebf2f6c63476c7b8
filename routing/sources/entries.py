"""One report as the history of a procedure keeps it: sent by a system, or filed here by a reader."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from routing.sources.news import ReportStatus

ACT: Final = "act"  # how the source of what was done here, and not sent, begins
WRONG_PATIENT: Final = "W"  # as OBX-11 has it
_NEVER: Final = -(2**62)


@frozen(kw_only=True)
class ReportEntry:
    """One report in the history of an account; `part` is set when a reader here filed it for one read of several.

    `result` is what a reader found, in a code of the department's own (`RECALL`): what reads of the same are held
    against each other by. Empty: nothing was said. `one_read` marks what a sender sent for one of several reads.
    """

    status: ReportStatus
    raw_status: str
    has_text: bool
    said: int | None
    stamp: int
    digest: str = ""
    report_id: str | None = None
    readers: tuple[str, ...] = ()
    source: str = ""
    part: str | None = None
    result: str = ""
    one_read: bool = False

    @property
    def is_act(self) -> bool:
        """Whether a reader here filed it, and no message brought it."""
        return self.source.startswith(ACT)

    @property
    def is_misfiled(self) -> bool:
        """Whether it says that a report was posted to the wrong patient (OBX-11 W, or by a person here)."""
        return self.status is ReportStatus.WITHDRAWN and self.raw_status.upper() == WRONG_PATIENT

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes two entries the same report: everything but when and by which input it came.

        What is filed here is never sent twice: each act is a report of its own, also within one instant.
        """
        return (
            self.said if self.said is not None else _NEVER,
            self.status.value,
            self.raw_status,
            self.has_text,
            self.digest,
            self.report_id or "",
            self.readers,
            self.part or "",
            self.result,
            self.one_read,
            self.source if self.is_act else "",
        )
