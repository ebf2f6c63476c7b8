"""The instances of a study that have come, kept compactly: a study may have thousands.

Each is a fixed-width record of short hashes (SOP UID, series UID, content), sorted, so that a set of them has one form
and looking one up costs little. The same instance twice is nothing new; the same UIDs with other content neither, with
a doubt; the same SOP UID in another series counts too, with a doubt.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import blake2b
from typing import Any, Final

from attrs import evolve, frozen

from routing.sources.news import Instance

_SOP: Final = 8
_KEY: Final = 12  # SOP UID and series UID
_WIDTH: Final = 16  # and the content


@frozen(kw_only=True)
class Instances:
    """Clinical images and companions that came, the stamps of the first and last of the clinical ones, and UIDs' flaws.

    `last` moves only with an instance that was not there before: a repeated sending never looks like late images.
    """

    clinical: bytes = b""
    companions: bytes = b""
    first: int | None = None
    last: int | None = None

    @property
    def count(self) -> int:
        """How many clinical images came."""
        return len(self.clinical) // _WIDTH

    @property
    def companion_count(self) -> int:
        """How many companions came."""
        return len(self.companions) // _WIDTH

    def with_instance(self, instance: Instance, stamp: int) -> tuple[Instances, str | None]:
        """Return the set with one instance more, itself where it is nothing new; and the doubt that it raises."""
        record = _record(instance)
        mine = self.clinical if instance.clinical else self.companions
        theirs = self.companions if instance.clinical else self.clinical
        found = [one for one in (*_near(mine, record), *_near(theirs, record)) if one[:_SOP] == record[:_SOP]]
        if record in found:
            return self, None
        if any(one[:_KEY] == record[:_KEY] for one in found):
            return self, "duplicate_instance"
        place = _place(mine, record)
        grown = mine[: place * _WIDTH] + record + mine[place * _WIDTH :]
        doubt = "duplicate_instance" if found else None
        if not instance.clinical:
            return evolve(self, companions=grown), doubt
        first = stamp if self.first is None else min(self.first, stamp)
        last = stamp if self.last is None else max(self.last, stamp)
        return evolve(self, clinical=grown, first=first, last=last), doubt

    def joined(self, other: Instances) -> Instances:
        """Return the union of two sets."""
        if self == other or other == Instances():
            return self
        firsts = [one for one in (self.first, other.first) if one is not None]
        lasts = [one for one in (self.last, other.last) if one is not None]
        return Instances(
            clinical=_union(self.clinical, other.clinical),
            companions=_union(self.companions, other.companions),
            first=min(firsts, default=None),
            last=max(lasts, default=None),
        )

    def dump(self) -> list[Any]:
        """Return the set as a short list for JSON."""
        packed = [b64encode(blob).decode("ascii") for blob in (self.clinical, self.companions)]
        return [*packed, self.first, self.last]


def load_instances(dumped: list[Any]) -> Instances:
    """Return the set that `Instances.dump` wrote."""
    clinical, companions, first, last = dumped
    return Instances(clinical=b64decode(clinical), companions=b64decode(companions), first=first, last=last)


def _record(instance: Instance) -> bytes:
    # Without a SOP UID an instance can only be told from another by its content.
    sop = instance.sop_uid or f"content {instance.digest}"
    return _hash(sop, _SOP) + _hash(instance.series_uid or "", _KEY - _SOP) + _hash(instance.digest, _WIDTH - _KEY)


def _hash(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def _place(blob: bytes, record: bytes) -> int:
    low, high = 0, len(blob) // _WIDTH
    while low < high:
        middle = (low + high) // 2
        if blob[middle * _WIDTH : middle * _WIDTH + _WIDTH] < record:
            low = middle + 1
        else:
            high = middle
    return low


def _near(blob: bytes, record: bytes) -> list[bytes]:
    """Return the records of the same SOP UID."""
    place = _place(blob, record[:_SOP])
    found = []
    while (one := blob[place * _WIDTH : place * _WIDTH + _WIDTH]) and one[:_SOP] == record[:_SOP]:
        found.append(one)
        place += 1
    return found


def _union(one: bytes, other: bytes) -> bytes:
    if one == other or not other:
        return one
    records = {blob[at : at + _WIDTH] for blob in (one, other) for at in range(0, len(blob), _WIDTH)}
    return b"".join(sorted(records))
