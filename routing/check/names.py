"""The names of a rulebook: what is declared where, which kind of thing each is, and which of them are used.

Attributes, facts and defines share one space, the condition names; every other kind has its own. A name is declared
once. An unknown name is a finding at each place that uses it, with the closest name of the kinds that fit there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

from attrs import frozen

from routing import syntax
from routing.check.spoilt import Spoilt
from routing.codes import finding
from routing.diagnostics import Finding, Related, Span
from routing.suggest import closest


class Space(Enum):
    """A space of names; the value is the word for one thing in it."""

    CONDITION = "attribute, fact or define"
    WORKLIST = "worklist"
    TABLE = "table"
    CALENDAR = "calendar"
    TIMES = "times"
    SKILL = "skill"
    CHANNEL = "channel"
    PRIORITY = "priority"
    RULE = "rule"
    GROUP = "group"
    GUARANTEE = "guarantee"
    WATCH = "watch"
    VIEW = "view"


UNKNOWN: Final = {
    Space.CONDITION: ("unknown-attribute", "there is no attribute, fact or define `{}`"),
    Space.WORKLIST: ("unknown-worklist", "there is no worklist `{}`"),
    Space.TABLE: ("unknown-name", "there is no table `{}`"),
    Space.CALENDAR: ("unknown-name", "there is no calendar `{}`"),
    Space.TIMES: ("unknown-name", "there are no times `{}`"),
    Space.SKILL: ("unknown-name", "there is no skill `{}`"),
    Space.CHANNEL: ("unknown-name", "there is no channel `{}`"),
    Space.PRIORITY: ("unknown-name", "there is no priority `{}`"),
    Space.RULE: ("unknown-name", "there is no rule `{}`"),
}
_MOST_COMPARED: Final = 300_000  # words, over all suggestions: whoever has more mistakes reads these first
_USED_BY_NAME: Final = frozenset(Space) - {Space.PRIORITY, Space.RULE, Space.GROUP}
_HOW: Final = {
    Space.WORKLIST: 'declare it: worklist {} "…" for everyone',
    Space.TABLE: 'declare it: table {} from "….csv" key …',
    Space.CALENDAR: 'declare it: calendar {} from "….csv"',
    Space.TIMES: "declare them: times {} are Mon-Fri 08:00-18:00",
    Space.SKILL: "declare it: skills {}",
    Space.CHANNEL: "declare it: channels {}",
}


class Findings:
    """The findings of one check, gathered as they are met."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._parsed: list[Finding] = []
        self._compared = 0
        self.muted = False

    def add(
        self,
        name: str,
        span: Span,
        message: str,
        help: str = "",  # noqa: A002 - the word of the finding's own field
        related: Sequence[Related] = (),
    ) -> None:
        """Add one finding, unless what is being checked was checked before."""
        if not self.muted:
            self._found.append(finding(name, span, message, help, related))

    def near(self, word: str, candidates: Iterable[str]) -> tuple[str, ...]:
        """Return the candidate closest to a wrong word, if any; none any more when that has cost too much already."""
        known = tuple(candidates)
        self._compared += len(known)
        return closest(word, known) if self._compared < _MOST_COMPARED else ()

    def did_you_mean(self, word: str, candidates: Iterable[str]) -> str:
        """Return the question whether the closest candidate was meant, or an empty text."""
        near = self.near(word, candidates)
        return f"did you mean `{near[0]}`?" if near else ""

    def extend(self, found: Iterable[Finding]) -> None:
        """Add findings about the writing of an included file."""
        self._parsed.extend(found)

    def drop(self, name: str, inside: Span) -> None:
        """Take back the findings of one name inside a place, where a better one says what is wrong."""
        self._found = [one for one in self._found if one.name != name or not _is_inside(one.span, inside)]

    def sorted(self, spoilt: Spoilt) -> tuple[Finding, ...]:
        """Return all findings by place, each once, without those that follow from a mistake in the writing."""
        kept = (*self._parsed, *spoilt.without_consequences(self._found))
        once = {(one.span, one.code, one.message): one for one in kept}
        return tuple(once[key] for key in sorted(once))


@frozen(kw_only=True)
class Declared:
    """One declared name and the place of its declaration."""

    space: Space
    name: str
    span: Span


_SPACES_OF_WORDS: Final = {
    "worklist": Space.WORKLIST,
    "table": Space.TABLE,
    "calendar": Space.CALENDAR,
    "times": Space.TIMES,
    "rule": Space.RULE,
    "attribute": Space.CONDITION,
    "fact": Space.CONDITION,
    "define": Space.CONDITION,
}
_MANY_NAMES: Final = {"skills": Space.SKILL, "channels": Space.CHANNEL, "priorities": Space.PRIORITY}


class Names:
    """All declared names, by space, and which of them were used.

    Nothing is said about what a statement that could not be read may have declared.
    """

    def __init__(self, findings: Findings, spoilt: Spoilt) -> None:
        self._findings = findings
        self._spoilt = spoilt
        self._declared: dict[tuple[Space, str], Declared] = {}
        self._by_space: dict[Space, list[str]] = {}
        self._used: set[tuple[Space, str]] = set()
        self._reserved: set[tuple[Space, str]] = set()
        self._unknown: dict[tuple[Space, str, tuple[str, ...]], list[Span]] = {}

    def reserve(self, space: Space, name: str) -> None:
        """Note a name that every rulebook has, so that it cannot be declared."""
        self._reserved.add((space, name))

    def declare(self, space: Space, name: syntax.Name | syntax.Text) -> bool:
        """Declare a name; a second declaration is a finding and counts for nothing, which is what False says."""
        key = (space, name.text)
        if key in self._reserved:
            message = f"`{name.text}` is a name that every rulebook has"
            self._findings.add("duplicate-name", name.span, message, "give yours another name")
            return False
        first = self._declared.get(key)
        if first is None:
            self._declared[key] = Declared(space=space, name=name.text, span=name.span)
            self._by_space.setdefault(space, []).append(name.text)
            return True
        related = [Related(span=first.span, message=f"`{name.text}` is declared here")]
        word = "name" if space is Space.CONDITION else space.value
        self._findings.add(
            "duplicate-name",
            name.span,
            f"the {word} `{name.text}` is declared twice",
            "give one of them another name",
            related,
        )
        return False

    def has(self, space: Space, name: str) -> bool:
        """Say whether the name is declared."""
        return (space, name) in self._declared

    def all(self, space: Space) -> tuple[str, ...]:
        """Return the names of a space in the order of their declaration."""
        return tuple(self._by_space.get(space, ()))

    def span_of(self, space: Space, name: str) -> Span:
        """Return where the declared name stands."""
        return self._declared[(space, name)].span

    def use(self, space: Space, name: syntax.Name | syntax.Text) -> bool:
        """Note the use of a name; an unknown one is a finding, which is what False says."""
        if (space, name.text) in self._declared:
            self._used.add((space, name.text))
            return True
        self.unknown(space, name)
        return False

    def note_use(self, space: Space, name: str) -> None:
        """Note a use that stands in a table or is implied."""
        self._used.add((space, name))

    def unknown(self, space: Space, name: syntax.Name | syntax.Text, candidates: Iterable[str] | None = None) -> None:
        """Note that there is no such name, unless a statement that could not be read may declare it."""
        if self._findings.muted or self.is_lost(space, name.text):
            return
        near = self._findings.near(name.text, self.all(space) if candidates is None else candidates)
        self._unknown.setdefault((space, name.text, near), []).append(name.span)

    def report_unknown(self) -> None:
        """Add a finding for each use of an unknown name; one alone where it is its declaration that is misspelt."""
        for (space, name, near), spans in self._unknown.items():
            meant = self._declared.get((space, near[0])) if near and space in _USED_BY_NAME else None
            if meant is None or (space, meant.name) in self._used or meant.span in spans:
                for span in spans:
                    self._report(space, name, near, span, [])
                continue
            self._used.add((space, meant.name))
            first, *others = sorted(spans)
            related = [Related(span=meant.span, message=f"`{meant.name}` is declared here, and used nowhere")]
            related += [Related(span=span, message=f"and `{name}` here") for span in others]
            self._report(space, name, near, first, related)

    def _report(self, space: Space, name: str, near: tuple[str, ...], span: Span, related: Sequence[Related]) -> None:
        finding_name, message = UNKNOWN[space]
        help_ = f"did you mean `{near[0]}`?" if near else _HOW.get(space, "").format(name)
        if space is Space.PRIORITY and not near:
            help_ = f"the priorities are {', '.join(self.all(space))}"
        self._findings.add(finding_name, span, message.format(name), help_, related)

    def is_lost(self, space: Space, name: str) -> bool:
        """Say whether the name may have been declared by a statement that could not be read."""
        if name in self._spoilt.words or (space is Space.RULE and (space, "") in self._declared):
            return True
        for word, lost_name in self._spoilt.lost:
            if word == "include" or _MANY_NAMES.get(word) is space:
                return True
            if _SPACES_OF_WORDS.get(word) is space and (name.startswith(lost_name) or closest(name, (lost_name,))):
                return True
        return False

    def has_lost(self, *words: str) -> bool:
        """Say whether a statement that begins with one of the words could not be read, or a whole included file."""
        lost = {word for word, _ in self._spoilt.lost} | self._spoilt.words
        return "include" in lost or not lost.isdisjoint(words)

    def is_used(self, space: Space, name: str) -> bool:
        """Say whether a declared name is used anywhere."""
        return (space, name) in self._used

    def unused(self) -> tuple[Declared, ...]:
        """Return what is declared and never used."""
        return tuple(one for key, one in self._declared.items() if key not in self._used)


def _is_inside(span: Span, outer: Span) -> bool:
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    first, last = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return span.file == outer.file and first <= start and end <= last
