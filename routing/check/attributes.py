"""Declared attributes, facts and values: where each gets its value from, and that it is of its type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import Final

from attrs import evolve

from routing import program, syntax
from routing.attributes import Type
from routing.check.desk import Desk, Setting
from routing.check.kinds import IN_WORDS, LENGTHS, MOMENTS
from routing.check.names import Findings, Space
from routing.check.operands import Operands
from routing.check.tables import Kind, shown_beside
from routing.diagnostics import Related
from routing.files import relative_to_file
from routing.program import Known, Operand, Origin

_HL7: Final = re.compile(r"[A-Z][A-Z0-9]{2}(?:\[\d+\])?-\d{1,3}(?:\[\d+\])?(?:\.\d{1,3}){0,2}")
_HL7_IDENTITY: Final = re.compile(r"(?:PID-(?:[234569]|1[1348]|19|20)|MRG-[1-7]|NK1-|GT1-|IN1-|IN2-)(?![\d])")
_DICOM: Final = re.compile(r"[A-Z][A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*)*")
_DICOM_IDENTITY: Final = frozenset(
    [
        "PatientName",
        "PatientID",
        "OtherPatientIDs",
        "OtherPatientIDsSequence",
        "OtherPatientNames",
        "PatientBirthName",
        "IssuerOfPatientID",
        "PatientMotherBirthName",
        "PatientAddress",
        "PatientTelephoneNumbers",
        "AccessionNumber",
        "StudyInstanceUID",
        "StudyID",
    ]
)
_MOST_STEPS: Final = 50
_MOST_TERMS: Final = 20
_NUMBERS: Final = frozenset({Type.NUMBER})


class Attributes:
    """Makes the declared attributes; one with a finding is noted as broken, so that its uses are not reported too."""

    def __init__(self, desk: Desk, operands: Operands) -> None:
        self.desk, self.operands = desk, operands
        self._setting = Setting(name="attribute")

    def declare(self, statement: syntax.AttributeDeclaration | syntax.Fact) -> None:
        """Declare an attribute or fact by its type; where it comes from is looked at when all are declared."""
        if not self.desk.names.declare(Space.CONDITION, statement.name):
            return
        origin = Origin.FACT if isinstance(statement, syntax.Fact) else Origin.DECLARED
        name = statement.name.text
        self.desk.known[name] = Known(name=name, type=statement.type, origin=origin, span=statement.name.span)

    def define(self, statement: syntax.AttributeDeclaration) -> None:
        """Find the sources of a declared attribute."""
        name = statement.name.text
        known = self.desk.known.get(name)
        if known is None or known.span != statement.name.span:
            return
        sources = [self._source(source, statement.type) for source in statement.sources]
        good = tuple(source for source in sources if source is not None)
        if len(good) != len(sources):
            self.desk.broken.add(name)
        self.desk.known[name] = evolve(known, sources=good)

    def _source(self, node: syntax.Source, type_: Type) -> program.Path | Operand | None:
        match node:
            case syntax.FromHl7():
                return self._path(node, "hl7", _HL7, "an HL7 field, such as `OBR-31.1`")
            case syntax.FromDicom():
                return self._path(node, "dicom", _DICOM, "a DICOM keyword, such as `StudyDescription`")
            case syntax.Sum() if len(node.terms) > _MOST_TERMS:
                self.desk.findings.add("syntax", node.span, f"a sum of more than {_MOST_TERMS} terms", "add fewer")
                return None
            case syntax.Sum():
                terms = [self._term(term) for term in node.terms]
                if any(term is None for term in terms):
                    return None
                made = reduce(self._plus, [term for term in terms if term is not None])
                return made if self._fits(node, made, type_) else None
            case _:
                operand = self._term(node, type_)
                return operand if operand is not None and self._fits(node, operand, type_) else None

    def _path(
        self, node: syntax.FromHl7 | syntax.FromDicom, source: str, form: re.Pattern[str], what: str
    ) -> program.Path | None:
        path = node.path.text
        if not form.fullmatch(path):
            self.desk.findings.add(
                "unknown-name", node.path.span, f"`{path}` is not {what.partition(',')[0]}", f"write {what}"
            )
            return None
        parts = path.split(".")
        hidden = _HL7_IDENTITY.match(path) if source == "hl7" else _DICOM_IDENTITY.intersection(parts)
        if hidden:
            message = f"`{path}` says who the patient is: no rule may go by it"
            self.desk.findings.add("identity-in-condition", node.path.span, message, "go by what was asked or done")
            return None
        if source == "dicom" and (wrong := _unknown_keyword(parts, self.desk.findings)) is not None:
            self.desk.findings.add("unknown-name", node.path.span, f"DICOM has no keyword `{wrong[0]}`", wrong[1])
            return None
        return program.Path(source=source, path=path)

    def _term(
        self, node: syntax.Name | syntax.Cell | syntax.Length | syntax.Number, type_: Type | None = None
    ) -> Operand | None:
        match node:
            case syntax.Name():
                return self.operands.attribute(node, self._setting)
            case syntax.Cell():
                wanted = self.operands.column_kind(node) or Kind(
                    type=Type.CODE if type_ is Type.CODES else type_ or Type.DURATION
                )
                return self.operands.cell(node, self._setting, wanted)
            case syntax.Length():
                return self.operands.length_value(node, self._setting)
            case syntax.Number():
                return program.Constant(type=Type.NUMBER, value=node.value)

    def _plus(self, left: Operand, right: Operand) -> Operand:
        types = {left.type, right.type}
        type_ = Type.TEXT  # for a sum that there is not; no attribute made by arithmetic is text
        if types in (_NUMBERS, {Type.WEEKS}):
            type_ = left.type
        elif types <= LENGTHS:
            type_ = Type.DURATION
        elif types & MOMENTS and types & LENGTHS and len(types) == 2:  # noqa: PLR2004 - a moment and a length
            type_ = (types & MOMENTS).pop()
        return program.Sum(type=type_, left=left, right=right)

    def _fits(self, node: syntax.Node, operand: Operand, type_: Type) -> bool:
        is_set = operand.type is Type.CODES or (isinstance(operand, program.Cell) and operand.many)
        element = Type.CODE if type_ is Type.CODES else type_
        found = Type.CODE if operand.type is Type.CODES else operand.type
        if isinstance(operand, program.Sum) and operand.type is Type.TEXT:
            message = f"`{node}` adds what cannot be added"
            help_ = "add numbers, lengths of time, or a length to a moment"
            self.desk.findings.add("type-mismatch", node.span, message, help_)
            return False
        lengths = type_ is Type.DURATION and operand.type is Type.WEEKS
        if found is not element and not lengths:
            message = f"the attribute is {IN_WORDS[type_]}, `{node}` is {IN_WORDS[operand.type]}"
            self.desk.findings.add("type-mismatch", node.span, message)
            return False
        if is_set and type_ is not Type.CODES:
            message = f"the attribute is one value, `{node}` finds a set"
            help_ = "declare it as `codes`" if type_ is Type.CODE else "look it up by one value"
            self.desk.findings.add("type-mismatch", node.span, message, help_)
            return False
        return True

    # --- cycles

    def find_cycles(self, statements: Sequence[syntax.AttributeDeclaration]) -> None:
        """Add a finding for each attribute that is made from itself, or in too many steps."""
        by_name = {statement.name.text: statement for statement in statements}
        steps: dict[str, int] = {}
        for name in by_name:
            self._visit(name, by_name, [], steps)

    def _visit(
        self, name: str, by_name: dict[str, syntax.AttributeDeclaration], path: list[str], steps: dict[str, int]
    ) -> int:
        """Return in how many steps an attribute is made; those that are too many, or without end, are broken."""
        if name in steps or name not in by_name:
            return steps.get(name, 0)
        if name in path:
            self._circle(path[path.index(name) :], by_name)
            return 0
        if len(path) > _MOST_STEPS:  # the chain is too long whatever comes; its shorter end is looked at later
            return _MOST_STEPS
        path.append(name)
        references = [each for source in self.desk.known[name].sources for each in _references(source)]
        before = max((self._visit(each, by_name, path, steps) for each in references), default=0)
        path.pop()
        steps[name] = before + 1
        if before == _MOST_STEPS:
            message = f"the attribute `{name}` is made from others in more than {_MOST_STEPS} steps"
            self.desk.findings.add("syntax", by_name[name].name.span, message, "take it from fewer")
        if before >= _MOST_STEPS:
            self.desk.broken.add(name)
        return steps[name]

    def _circle(self, circle: Sequence[str], by_name: dict[str, syntax.AttributeDeclaration]) -> None:
        spans = [by_name[each].name.span for each in circle]
        shown = " → ".join([*circle, circle[0]])
        names = zip(circle[1:], spans[1:], strict=True)
        related = [Related(span=span, message=f"by way of `{each}`") for each, span in names]
        message = f"the attribute `{circle[0]}` depends on itself: {shown}"
        self.desk.findings.add("define-cycle", spans[0], message, "take one of them from elsewhere", related)
        self.desk.broken.update(circle)

    # --- lists of values

    def values(self, statement: syntax.Values, file: str) -> None:
        """Give an attribute the list of its values."""
        desk, name = self.desk, statement.attribute
        known = desk.known.get(name.text)
        if known is None:
            desk.names.unknown(Space.CONDITION, name, desk.known)
            return
        if known.listed:
            related = [Related(span=known.span, message="the first stands here")] if known.span else []
            desk.findings.add(
                "duplicate-name", name.span, f"the values of `{name}` are given twice", "keep one list", related
            )
            return
        if known.type not in {Type.CODE, Type.CODES} or known.identity or known.origin is Origin.LIVING:
            message = f"`{name}` is {IN_WORDS[known.type]}: it has no list of values"
            desk.findings.add("type-mismatch", name.span, message, "only codes have one")
            return
        values = self._listed(statement, file)
        if values:
            desk.known[name.text] = evolve(known, values=values, listed=True, span=statement.attribute.span)

    def _listed(self, statement: syntax.Values, file: str) -> tuple[str, ...]:
        if statement.source is None:
            texts: list[str] = []
            for value in statement.values:
                if value.text in texts:
                    message = f"the value `{value.text}` is there twice"
                    self.desk.findings.add("duplicate-name", value.span, message, "leave one of them out")
                texts.append(value.text)
            return tuple(dict.fromkeys(texts))
        shown = shown_beside(statement.span.file, statement.source.text)
        sheet = self.desk.tables.read(statement.source, relative_to_file(file, statement.source.text), shown)
        if sheet is None:
            return ()
        named = (statement.attribute.text, "code", "value", "values")
        column = next(
            (name for name in named if name in sheet.columns), sheet.columns[0] if len(sheet.columns) == 1 else None
        )
        if column is None:
            message = f"`{shown}` does not say which column holds the values"
            self.desk.findings.add("bad-table", statement.source.span, message, f"name one `{statement.attribute}`")
            return ()
        index = sheet.columns.index(column)
        values = tuple(dict.fromkeys(line.cells[index] for line in sheet.rows if line.cells[index]))
        if not values:
            self.desk.findings.add("empty-list", statement.source.span, f"`{shown}` holds no values")
        return values


def _references(source: program.Path | Operand) -> list[str]:
    match source:
        case program.AttributeRef():
            return [source.name]
        case program.Sum():
            return [*_references(source.left), *_references(source.right)]
        case program.Cell():
            return [name for key in source.keys for name in _references(key)]
        case _:
            return []


def _unknown_keyword(parts: Sequence[str], findings: Findings) -> tuple[str, str] | None:
    from pydicom.datadict import keyword_dict  # noqa: PLC0415 - heavy, and needed only for a path

    for part in parts:
        if part not in keyword_dict:
            return part, findings.did_you_mean(part, keyword_dict)
    return None
