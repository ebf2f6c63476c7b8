"""The lines of each statement in the one usual layout, without comments; `format` puts those back.

A line knows where what it shows was written, so that a comment can be put back beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from attrs import evolve, frozen

from routing import syntax
from routing.syntax.terms import listed

WIDTH: Final = 110
_STEP: Final = 2
Place: TypeAlias = tuple[int, int]  # line and column


@frozen(kw_only=True)
class Line:
    """One line: its text, how far in it stands, and where the first and last of what it shows were written."""

    text: str
    indent: int = 0
    at: Place
    until: Place

    def __str__(self) -> str:
        return " " * self.indent + self.text


@frozen(kw_only=True)
class Block:
    """The lines of one statement; `tall` ones have a blank line before them."""

    lines: tuple[Line, ...]
    tall: bool = False


def blocks(rulebook: syntax.Rulebook) -> list[Block]:
    """Return the statements of a file as lines, names of neighbouring worklists and defines in columns."""
    made: list[Block] = []
    for run in _runs(rulebook.statements):
        if isinstance(run[0], syntax.Worklist):
            made += _worklists([each for each in run if isinstance(each, syntax.Worklist)])
        elif isinstance(run[0], syntax.Define):
            widest = max(len(each.name.text) for each in run if isinstance(each, syntax.Define))
            made += [_define(each, widest) for each in run if isinstance(each, syntax.Define)]
        else:
            made += [_block(each) for each in run]
    return made


def _runs(statements: Sequence[syntax.Statement]) -> Iterator[list[syntax.Statement]]:
    """Yield the statements in runs of one kind that stand on neighbouring lines."""
    run: list[syntax.Statement] = []
    for statement in statements:
        near = bool(run) and type(run[-1]) is type(statement) and statement.span.line - run[-1].span.end_line <= 1
        if run and not near:
            yield run
            run = []
        run.append(statement)
    if run:
        yield run


def _worklists(run: list[syntax.Worklist]) -> list[Block]:
    names = max(len(each.name.text) for each in run)
    titles = max(len(str(each.title or "")) for each in run)
    made = []
    for each in run:
        title = str(each.title or "")
        text = f"worklist {each.name.text:<{names}} {title:<{titles}} {each.readers or ''}".rstrip()
        made.append(Block(lines=(_line(text, each),)))
    return made


def _define(node: syntax.Define, widest: int) -> Block:
    head = f"define {node.name.text:<{widest}} as"
    lines = _condition(head, node.condition, 0)
    return Block(lines=(evolve(lines[0], at=_start(node)), *lines[1:]))


def _block(node: syntax.Statement) -> Block:  # noqa: PLR0911 - one for each kind
    match node:
        case syntax.Rule():
            return Block(lines=tuple(_rule(node, 0)), tall=True)
        case syntax.Group():
            return Block(lines=tuple(_group(node, 0)), tall=True)
        case syntax.Otherwise():
            lines = (_word("otherwise", node), *_effects(node.effects, _STEP))
            return Block(lines=lines, tall=True)
        case syntax.Guarantee():
            lines = (_word(f"guarantee {node.name}", node), *_promise(node))
            return Block(lines=lines, tall=True)
        case syntax.Watch():
            return Block(lines=tuple(_watch(node)), tall=True)
        case syntax.View():
            return Block(lines=tuple(_view(node)), tall=True)
        case syntax.Example():
            return Block(lines=tuple(_example(node)), tall=True)
        case syntax.Timezone() | syntax.Include() | syntax.Workdays() | syntax.Times():
            return Block(lines=tuple(_conditional(node)))
        case _:
            return Block(lines=tuple(_wrapped(_declaration(node), node, 0)))


# ---- declarations


def _declaration(node: syntax.Statement) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each kind
    match node:
        case syntax.RulebookName():
            return f"rulebook {node.name}"
        case syntax.Language():
            return f"language {node.version}"
        case syntax.ClockFrom():
            return f"clock {', else '.join(map(str, node.attributes))}"
        case syntax.Priorities():
            return f"priorities {listed(node.names)}"
        case syntax.Table():
            return f"table {node.name} from {node.path} key {listed(node.keys)}"
        case syntax.Calendar():
            holidays = "holidays " if isinstance(node.source, syntax.Code) else ""
            return f"calendar {node.name} from {holidays}{node.source}"
        case syntax.Values():
            source = f"from {node.source}" if node.source else f"are {listed(node.values)}"
            return f"values {node.attribute} {source}"
        case syntax.Skills():
            return f"skills {listed(node.names)}"
        case syntax.Channels():
            return f"channels {listed(node.names)}"
        case syntax.AttributeDeclaration():
            return f"attribute {node.name} is {node.type.value} from {', else '.join(map(str, node.sources))}"
        case syntax.Fact():
            return f"fact {node.name} is {node.type.value}"
        case syntax.Exceptions():
            return f"exceptions {' '.join(map(str, node.effects))}"
        case syntax.ExamplesFrom():
            return f"examples from {node.path}"
        case _:
            raise TypeError(type(node).__name__)


def _conditional(node: syntax.Timezone | syntax.Include | syntax.Workdays | syntax.Times) -> list[Line]:
    match node:
        case syntax.Timezone():
            head = f"timezone {node.zone}"
        case syntax.Include():
            head = f"include {node.path}"
        case syntax.Workdays():
            without = f" except {listed(node.excepted)}" if node.excepted else ""
            head = f"workdays are {', '.join(map(str, node.days))}{without}"
        case syntax.Times():
            head = f"times {node.name} are {', '.join(map(str, node.hours))}"
    return _wrapped(f"{head} when {node.when}" if node.when else head, node, 0)


# ---- rules and what stands beside them


def _rule(node: syntax.Rule, indent: int) -> list[Line]:
    kind = f" for {node.kind.value}" if node.kind is not syntax.Kind.REPORT else ""
    head = f"rule {node.name}{kind}"
    lines = [_word(head if node.when else f"{head} always", node, indent)]
    return [*lines, *_clauses(node, indent + _STEP), *_effects(node.effects, indent + _STEP)]


def _clauses(node: syntax.Rule | syntax.Group, indent: int) -> list[Line]:
    when = _condition("when", node.when, indent) if node.when else []
    unless = _condition("unless", node.unless, indent) if node.unless else []
    return [*when, *unless]


def _group(node: syntax.Group, indent: int) -> list[Line]:
    lines = _together([_word(f"group {node.name}", node, indent), *_clauses(node, indent + _STEP)])
    if not node.when:
        lines = [evolve(lines[0], text=f"group {node.name} always"), *_clauses(node, indent + _STEP)]
    for member in node.members:
        if isinstance(member, syntax.Group):
            lines += _group(member, indent + _STEP)
        else:
            made = _rule(member, indent + _STEP)
            lines += _together(made) if len(member.effects) == 1 else made
    if node.otherwise:
        made = [
            _word("otherwise", node.otherwise, indent + _STEP),
            *_effects(node.otherwise.effects, indent + 2 * _STEP),
        ]
        lines += _together(made) if len(node.otherwise.effects) == 1 else made
    end = (node.span.end_line, max(node.span.end_column - 3, 1))
    return [*lines, Line(text="end", indent=indent, at=end, until=end)]


def _promise(node: syntax.Guarantee) -> list[Line]:
    when = f" when {node.when}" if node.when else ""
    one = Line(text=f"{node.promise}{when}", indent=_STEP, at=_start(node.promise), until=_stop(node))
    if len(str(one)) <= WIDTH or not node.when:
        return [one]
    return [_word(str(node.promise), node.promise, _STEP), *_condition("when", node.when, _STEP)]


def _watch(node: syntax.Watch) -> list[Line]:
    parts = [f"watch {node.name}"]
    if node.at:
        parts.append(f"at {node.at}" + (" on working days" if node.working_days else ""))
    if node.each_item:
        parts.append("each item" + (f" on {node.worklist}" if node.worklist else ""))
    lines = [_word(" ".join(parts), node)]
    if node.when:
        lines += _condition("when", node.when, _STEP)
    if node.until:
        lines += _condition("until", node.until, _STEP)
    return [*lines, *_effects(node.effects, _STEP)]


def _view(node: syntax.View) -> list[Line]:
    shows = f"shows {listed(node.worklists)}"
    lines = [_word(f"view {node.name} {node.readers}", node)]
    lines.append(Line(text=shows, indent=_STEP, at=_start(node.worklists[0]), until=_stop(node.worklists[-1])))
    if node.when:
        lines += _condition("when", node.when, _STEP)
    if node.sorted_by:
        keys = f"sorted by {listed(node.sorted_by)}"
        lines.append(Line(text=keys, indent=_STEP, at=_start(node.sorted_by[0]), until=_stop(node.sorted_by[-1])))
    return _together(lines)


def _example(node: syntax.Example) -> list[Line]:
    sample = f" from {node.sample}" if node.sample else ""
    lines = [_word(f"example {node.name}{sample}", node)]
    if node.given:
        text = listed(node.given)
        given = Line(text=text, indent=_STEP, at=_start(node.given[0]), until=_stop(node.given[-1]))
        lines += _wrap(given)
    first, last = node.expect[0], node.expect[-1]
    one = Line(text=f"expect {' '.join(map(str, node.expect))}", indent=_STEP, at=_start(first), until=_stop(last))
    if len(str(one)) <= WIDTH:
        return [*lines, one]
    lines.append(Line(text=f"expect {first}", indent=_STEP, at=_start(first), until=_stop(first)))
    return [*lines, *(_word(str(each), each, _STEP + len("expect ")) for each in node.expect[1:])]


# ---- conditions and effects


def _condition(word: str, condition: syntax.Condition, indent: int) -> list[Line]:
    """Return `word condition` on one line, or with one part of an `and` or `or` to a line where it is long."""
    one = Line(text=f"{word} {condition}", indent=indent, at=_start(condition), until=_stop(condition))
    if len(str(one)) <= WIDTH or not isinstance(condition, syntax.And | syntax.Or):
        return _wrap(one)
    joint = "and" if isinstance(condition, syntax.And) else "or"
    lines = []
    for number, part in enumerate(condition.parts):
        intro = f"{joint:>{len(word)}}" if number else word
        text = f"{intro} ({part})" if isinstance(part, syntax.And | syntax.Or) else f"{intro} {part}"
        stripped = text.lstrip()
        line = Line(text=stripped, indent=indent + len(text) - len(stripped), at=_start(part), until=_stop(part))
        lines += _wrap(line)
    return lines


def _effects(effects: Sequence[syntax.Effect], indent: int) -> list[Line]:
    return [line for effect in effects for line in _wrapped(str(effect), effect, indent)]


# ---- lines


def _start(node: syntax.Node) -> Place:
    return node.span.line, node.span.column


def _stop(node: syntax.Node) -> Place:
    return node.span.end_line, node.span.end_column


def _line(text: str, node: syntax.Node, indent: int = 0) -> Line:
    return Line(text=text, indent=indent, at=_start(node), until=_stop(node))


def _word(text: str, node: syntax.Node, indent: int = 0) -> Line:
    """Return a line for what begins a statement; it ends where it begins, as far as comments go."""
    return Line(text=text, indent=indent, at=_start(node), until=_start(node))


def _together(lines: list[Line]) -> list[Line]:
    """Return the lines as one where that is short enough."""
    text = " ".join(line.text for line in lines)
    if lines[0].indent + len(text) > WIDTH:
        return lines
    return [evolve(lines[0], text=text, until=lines[-1].until)]


def _wrapped(text: str, node: syntax.Node, indent: int) -> list[Line]:
    return _wrap(_line(text, node, indent))


def _wrap(line: Line) -> list[Line]:
    """Return a long line as several, broken after commas that are not inside quotes."""
    if len(str(line)) <= WIDTH:
        return [line]
    pieces = _pieces(line.text)
    lines, current, indent = [], pieces[0], line.indent
    for piece in pieces[1:]:
        if indent + len(current) + len(piece) + 1 <= WIDTH:
            current = f"{current} {piece}"
        else:
            lines.append(evolve(line, text=current, indent=indent))
            current, indent = piece, line.indent + 2 * _STEP
    return [*lines, evolve(line, text=current, indent=indent)]


def _pieces(text: str) -> list[str]:
    """Return the text cut after its commas; those inside quotes, slashes and brackets do not count."""
    pieces, start, quoted, at = [], 0, "", 0
    while at < len(text):
        mark = text[at]
        if quoted:
            at += mark == "\\" and quoted == "/"
            quoted = "" if mark == quoted else quoted
        elif mark == '"' or (mark == "/" and text[:at].endswith("matches ")):
            quoted = mark
        elif mark == "," and text[at + 1 : at + 2] == " ":
            pieces.append(text[start : at + 1])
            start = at + 2
        at += 1
    return [*pieces, text[start:]]
