"""The lines of an HL7 message whose segments do not all end alike, or not all begin with a name.

CR ends a segment; LF only where there is no CR, or before a segment that is known. Blank lines are nothing, and a line
that begins no segment is put back to the one before it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_ID_LENGTH: Final = 3
# segments that a line feed may begin in a message whose segments end with CR (HL7 v2.8, and Z segments)
_KNOWN: Final = frozenset(
    """
    KNO ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER CM0 CM1
    CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP DST ECD ECR EDU EQP EQU ERR EVN FAC FHS
    FT1 FTS GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MFA MFE
    MFI MRG MSA MSH NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC ORC
    ORG OVR PAC PCE PCR PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE
    QAK QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA RXC RXD RXE RXG RXO RXR RXV SAC SCD SCH
    SCP SDD SFT SGH SGT SHP SID SLT SPM STF STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND
    """.split()  # noqa: SIM905 - two hundred words read better as words
)


def lines_of(text: str, separator: str) -> list[str]:
    """Return the lines of the segments. CR ends a segment; LF only where there is no CR, or before a known segment."""
    has_feeds = "\n" in text
    if not has_feeds and _well_formed(separator).fullmatch(text):
        return text.split("\r")
    if has_feeds and "\r" not in text:
        lines = text.split("\n")
    else:
        lines = text.split("\r")
        if has_feeds:
            lines = [piece for line in lines for piece in _at_known(line.strip("\n"), separator)]
    return _mended(lines, separator)


@lru_cache(maxsize=64)
def _well_formed(separator: str) -> re.Pattern[str]:
    """Return what a text is like that CR alone divides, with a segment's name at the head of each line."""
    segment = rf"[A-Z][A-Z0-9]{{2}}{re.escape(separator)}[^\r]*+"
    return re.compile(rf"{segment}(?:\r{segment})*+")


def _at_known(line: str, separator: str) -> list[str]:
    """Return a line cut at each line feed after which a known segment begins."""
    if "\n" not in line:
        return [line]
    pieces: list[list[str]] = []
    for piece in line.split("\n"):
        name = piece[:_ID_LENGTH]
        begins = piece[_ID_LENGTH : _ID_LENGTH + 1] == separator and (name in _KNOWN or _is_local(name))
        if begins or not pieces:
            pieces.append([piece])
        else:
            pieces[-1].append(piece)
    return ["\n".join(piece) for piece in pieces]


def _is_local(name: str) -> bool:
    return name[:1] == "Z" and name.isalnum() and name.isupper()


def _mended(lines: list[str], separator: str) -> list[str]:
    """Return the lines without blank ones, and with a line that begins no segment put back to the one before it."""
    mended: list[list[str]] = []
    for line in lines:
        bare = line.lstrip(" \t\ufeff")
        name = bare[:_ID_LENGTH]
        begins = name.isalnum() and name.isupper() and len(name) == _ID_LENGTH
        if begins and (len(bare) == _ID_LENGTH or bare[_ID_LENGTH] == separator):
            mended.append([bare])
        elif line.strip() and mended:
            mended[-1].append(line)
    return ["\n".join(pieces) for pieces in mended]
