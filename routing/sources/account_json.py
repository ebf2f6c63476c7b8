"""Accounts as plain JSON, and back: the same account each way."""

from __future__ import annotations

from typing import Any

from routing.sources.account import Account, Statement
from routing.sources.compact import dump_keys, dump_patient, dump_value, load_keys, load_patient, load_value
from routing.sources.entries import ReportEntry
from routing.sources.instances import Instances, load_instances
from routing.sources.news import NewsKind, ReportStatus


def dump_account(account: Account) -> dict[str, Any]:
    """Return an account as plain JSON; what is empty is left out."""
    full: dict[str, Any] = {
        "kind": account.kind.value,
        "keys": dump_keys(account.keys),
        "patient": dump_patient(account.patient),
        "at": [account.first, account.last],
        "said": {name: _dump_statement(one) for name, one in account.registers.items()},
        "sets": {
            name: {member: _dump_statement(one) for member, one in members.items()}
            for name, members in account.sets.items()
        },
        "nulls": dict(account.nulls),
        "control": list(account.control) if account.control else None,
        "begun": list(account.begun) if account.begun else None,
        "day": list(account.exam_day) if account.exam_day else None,
        "present": account.present,
        "counted": list(account.counted) if account.counted else None,
        "images": account.instances.dump() if account.instances != Instances() else None,
        "reports": [dump_entry(entry) for entry in account.reports],
    }
    return {name: part for name, part in full.items() if part not in (None, False, {}, [])}


def load_account(dumped: dict[str, Any]) -> Account:
    """Return the account that `dump_account` wrote."""
    first, last = dumped["at"]
    control, begun, day, counted = (dumped.get(name) for name in ("control", "begun", "day", "counted"))
    return Account(
        kind=NewsKind(dumped["kind"]),
        keys=load_keys(dumped.get("keys", [])),
        patient=load_patient(dumped.get("patient", [])),
        first=first,
        last=last,
        registers={name: _load_statement(one) for name, one in dumped.get("said", {}).items()},
        sets={
            name: {member: _load_statement(one) for member, one in members.items()}
            for name, members in dumped.get("sets", {}).items()
        },
        nulls=dumped.get("nulls", {}),
        control=(control[0], control[1], control[2], control[3]) if control else None,
        begun=(begun[0], begun[1]) if begun else None,
        exam_day=(day[0], day[1], day[2]) if day else None,
        present=dumped.get("present"),
        counted=(counted[0], counted[1]) if counted else None,
        instances=load_instances(dumped["images"]) if "images" in dumped else Instances(),
        reports=tuple(load_entry(entry) for entry in dumped.get("reports", [])),
    )


def _dump_statement(statement: Statement) -> list[Any]:
    full = [dump_value(statement.value), statement.said, statement.stamp]
    return full if statement.clinical else [*full, 0]


def _load_statement(dumped: list[Any]) -> Statement:
    value, said, stamp, *companion = dumped
    return Statement(value=load_value(value), said=said, stamp=stamp, clinical=not companion)


def dump_entry(entry: ReportEntry) -> list[Any]:
    """Return one report of a history as a list."""
    return [
        entry.status.value,
        entry.raw_status,
        entry.has_text,
        entry.said,
        entry.stamp,
        entry.digest,
        entry.report_id,
        list(entry.readers),
        entry.source,
        entry.part,
        *([entry.result, True] if entry.one_read else [entry.result] if entry.result else []),
    ]


def load_entry(dumped: list[Any]) -> ReportEntry:
    """Return the report that `dump_entry` wrote."""
    status, raw_status, has_text, said, stamp, digest, report_id, readers, source, part, *more = dumped
    return ReportEntry(
        status=ReportStatus(status),
        raw_status=raw_status,
        has_text=has_text,
        said=said,
        stamp=stamp,
        digest=digest,
        report_id=report_id,
        readers=tuple(readers),
        source=source,
        part=part,
        result=more[0] if more else "",
        one_read=len(more) > 1,
    )
