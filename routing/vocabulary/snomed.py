"""The one place that touches pydicom's tables of SNOMED codes, which sit in modules that pydicom may move.

A test fails when they do; without them a retired code that our own table lacks is simply not known.
"""

from __future__ import annotations

from functools import cache


@cache
def _sct_by_srt() -> dict[str, str]:
    try:
        from pydicom.sr._snomed_dict import mapping  # noqa: PLC0415 - 0.2 s, and only rare codes need it
    except ImportError:
        return {}
    return dict(mapping.get("SRT", {}))


def sct_code_of(srt_code: str) -> str | None:
    """Return the SNOMED CT code for a retired SNOMED RT one (`T-D4000`), None when pydicom's table has none."""
    return _sct_by_srt().get(srt_code)
