"""What a history of reports comes to: a draft, a final, a withdrawal, or a doubt for a person.

Only a final or corrected report with a text discharges. Newer is by the reports' own time (OBR-22, else MSH-7), never
by arrival, so that any order of arrival comes to the same. A report without a time is older than one with a time, and
a withdrawal without a time newer: in doubt the work stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from routing.sources.entries import ReportEntry
from routing.sources.news import ReportStatus

_NEVER: Final = -(2**62)
FINALS: Final = frozenset({ReportStatus.FINAL, ReportStatus.CORRECTED})  # what discharges
AMENDS: Final = frozenset({ReportStatus.CORRECTED, ReportStatus.ADDENDUM})  # what changes one, or adds to it
_WITHDRAWALS: Final = frozenset({ReportStatus.WITHDRAWN, ReportStatus.CANCELLED})
_RANK: Final = {  # at one and the same time: the later in the life of a report stands, and a withdrawal above all
    ReportStatus.NONE: 0,
    ReportStatus.UNKNOWN: 1,
    ReportStatus.PRELIMINARY: 2,
    ReportStatus.FINAL: 3,
    ReportStatus.ADDENDUM: 4,
    ReportStatus.CORRECTED: 5,
    ReportStatus.CANCELLED: 6,
    ReportStatus.WITHDRAWN: 7,
}


@frozen(kw_only=True)
class Timeline:
    """What a history comes to.

    `final` is the newest report that discharges, None when there is none or it was taken back; `withdrawn` the
    withdrawal that stands; `draft` the newest draft that stands. `doubts` are reason words with the entry that showed
    each. `finals` are all that were final, standing or not; `amended` says that a final was corrected or added to.
    `status` is the word for it all, None when unknown; `raw_status` the word as it came, None when there is no report.
    """

    final: ReportEntry | None = None
    withdrawn: ReportEntry | None = None
    draft: ReportEntry | None = None
    doubts: tuple[tuple[str, ReportEntry], ...] = ()
    finals: tuple[ReportEntry, ...] = ()
    amended: bool = False
    status: str | None = None
    raw_status: str | None = None


def timeline(history: Sequence[ReportEntry], *, reads: int = 1) -> Timeline:
    """Return what a history of reports comes to; *reads* different readers may each file a final of their own."""
    entries = sorted((one for one in history if one.part is None), key=_order)
    finals = [one for one in entries if _is_final(one, entries)]
    newest = finals[-1] if finals else None
    withdrawals = [one for one in entries if _takes_back(one, newest)]
    withdrawn = withdrawals[-1] if withdrawals else None
    if withdrawn and newest and _order(newest) > _order(withdrawn):
        withdrawn = None
    final = newest if withdrawn is None else None
    draft = _draft(entries, final, withdrawn)
    doubts = [
        *_blank(entries, newest),
        *_after_final(entries, final),
        *_different(_untaken(finals, withdrawals), final, reads),
    ]
    if withdrawn is not None:
        doubts.append(("wrong_patient" if withdrawn.is_misfiled else "report_withdrawn", withdrawn))
    status, raw_status = _status(entries, final, withdrawn, draft)
    return Timeline(
        final=final,
        withdrawn=withdrawn,
        draft=draft,
        doubts=tuple(doubts),
        finals=tuple(finals),
        amended=final is not None and any(_amends(one, finals) for one in entries),
        status=status,
        raw_status=raw_status,
    )


def is_newer(entry: ReportEntry, other: ReportEntry) -> bool:
    """Return whether one report is newer than another by their own time."""
    return _order(entry) > _order(other)


def _order(entry: ReportEntry) -> tuple[int, int, str, str]:
    said = entry.said
    if said is None:
        said = -_NEVER if entry.status in _WITHDRAWALS else _NEVER
    return said, _RANK[entry.status], entry.digest, entry.raw_status


def _is_final(entry: ReportEntry, entries: Sequence[ReportEntry]) -> bool:
    if entry.status not in FINALS:
        return False
    # OBX-11 U: the text is not sent again; it counts where a text is held.
    return entry.has_text or (entry.raw_status == "U" and any(one.has_text for one in entries))


def _takes_back(entry: ReportEntry, final: ReportEntry | None) -> bool:
    if entry.status in _WITHDRAWALS:
        return True
    # OBR-25 M, "corrected, not final": after a final it takes the final back, before one it is a draft.
    older_final = final is not None and _order(final) < _order(entry)
    return entry.status is ReportStatus.PRELIMINARY and entry.raw_status == "M" and older_final


def _untaken(finals: Sequence[ReportEntry], withdrawals: Sequence[ReportEntry]) -> Sequence[ReportEntry]:
    """Return the finals that nobody took back: those after the newest withdrawal that a final follows."""
    newest = finals[-1] if finals else None
    followed = [one for one in withdrawals if newest is not None and _order(one) < _order(newest)]
    return [one for one in finals if not followed or _order(one) > _order(followed[-1])]


def _draft(
    entries: Sequence[ReportEntry], final: ReportEntry | None, withdrawn: ReportEntry | None
) -> ReportEntry | None:
    if final is not None:
        return None
    drafts = [one for one in entries if one.status is ReportStatus.PRELIMINARY]
    newest = drafts[-1] if drafts else None
    if newest and withdrawn and newest != withdrawn and _order(newest) < _order(withdrawn):
        return None
    return newest


def _blank(entries: Sequence[ReportEntry], final: ReportEntry | None) -> list[tuple[str, ReportEntry]]:
    blank = [one for one in entries if one.status in FINALS and not _is_final(one, entries)]
    open_ = [one for one in blank if final is None or _order(final) < _order(one)]
    return [("blank_report", open_[-1])] if open_ else []


def _after_final(entries: Sequence[ReportEntry], final: ReportEntry | None) -> list[tuple[str, ReportEntry]]:
    if final is None:
        return []
    late = [
        one
        for one in entries
        if one.status is ReportStatus.PRELIMINARY and (one.said or _NEVER) > (final.said or _NEVER)
    ]
    return [("preliminary_after_final", late[-1])] if late else []


def _different(finals: Sequence[ReportEntry], final: ReportEntry | None, reads: int) -> list[tuple[str, ReportEntry]]:
    """Return the doubt of finals whose texts differ, where no correction settles which holds."""
    if final is None:
        return []
    corrected = [at for at, one in enumerate(finals) if one.status is ReportStatus.CORRECTED or one.is_act]
    standing = finals[corrected[-1] :] if corrected else finals
    texts = {one.digest for one in standing if one.digest}
    readers = {one.readers for one in standing}
    if len(texts) < 2 or (reads > 1 and len(readers) == len(standing) <= reads):  # noqa: PLR2004 - two that differ
        return []
    return [("reports_differ", standing[-1])]


def _amends(entry: ReportEntry, finals: Sequence[ReportEntry]) -> bool:
    return entry.status in AMENDS or (entry in finals[1:] and entry.digest not in {"", finals[0].digest})


def _status(
    entries: Sequence[ReportEntry],
    final: ReportEntry | None,
    withdrawn: ReportEntry | None,
    draft: ReportEntry | None,
) -> tuple[str | None, str | None]:
    if final is not None:
        return ("corrected" if final.status is ReportStatus.CORRECTED else "final"), final.raw_status
    if withdrawn is not None and (draft is None or draft == withdrawn):
        return "withdrawn", withdrawn.raw_status
    said = [one for one in entries if one.status is not ReportStatus.NONE]
    newest = said[-1] if said else None
    if draft is not None and newest is not None and newest.status is not ReportStatus.UNKNOWN:
        return "preliminary", draft.raw_status
    return None, newest.raw_status if newest else None
