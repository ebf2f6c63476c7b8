"""The engines that are compared: each takes the made-up rules, and answers with the number of the first that holds.

What an engine needs that is not here is left out of the table; the answers of those that are must be the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from routing.decision import Decision, Outcome
from routing.rulebook import Rulebook
from tests.benchmarks.made_up import AT, PRIORITIES, Made, as_attributes, as_plain, as_rulebook

Answer = str
Decide = Callable[[Any], Any]
Engine = tuple[str, Callable[[dict[str, Any]], Any], Decide, Callable[[Any], Answer]]
"""A name, what prepares a subject (not measured), what decides it (measured), and what reads which rule won.

Priority and due are each engine's own affair: the others take those of the first rule, ours the safest of all rules.
"""


def ours(made: list[Made]) -> Engine:
    book = Rulebook.loads(as_rulebook(made))
    return (
        "routing",
        as_attributes,
        lambda subject: book.decide(subject, at=AT),
        _winner,
    )


def ours_with_due(made: list[Made]) -> Engine:
    book = Rulebook.loads(as_rulebook(made))

    def decide(subject: Any) -> Decision:
        decision = book.decide(subject, at=AT)
        decision.due_at  # noqa: B018 - it is worked out when it is asked for
        return decision

    return "routing, due asked for", as_attributes, decide, _winner


def _winner(decision: Decision) -> Answer:
    return decision.route_rule or "otherwise"


def _condition(rule: Made, forms: dict[str, str], joint: str) -> str:
    return joint.join(
        forms[ask.about].format(*(ask.value if isinstance(ask.value, tuple) else (ask.value,))) for ask in rule.asks
    )


_PYTHON = {
    "modality": "modality == '{}'",
    "body_part": "body_part in ('{}', '{}')",
    "description": "' {} ' in description",
    "under": "age < {}",
    "over": "age >= {}",
    "patient_class": "patient_class == '{}'",
    "site": "site == '{}'",
    "core": "core is {}",
    "procedure_code": "procedure_code == '{}'",
    "referrer_specialty": "referrer_specialty == '{}'",
}
_NAMES = (
    "modality", "body_part", "description", "age", "patient_class", "site", "core", "procedure_code", "referrer_specialty"
)  # fmt: skip


def _chain(made: list[Made], found: Callable[[int, Made], str], otherwise: str) -> Callable[[dict[str, Any]], Any]:
    lines = ["def decide(subject):", *(f"    {name} = subject['{name}']" for name in _NAMES)]
    for number, rule in enumerate(made):
        lines += [f"    if {_condition(rule, _PYTHON, ' and ')}:", f"        return {found(number, rule)}"]
    namespace: dict[str, Any] = {
        "Decision": Decision,
        "ROUTED": Outcome.ROUTED,
        "OTHERWISE": Outcome.OTHERWISE,
        "AT": datetime(2026, 4, 1, tzinfo=UTC),
        "hours": {hours: timedelta(hours=hours) for hours in (1, 4, 24, 72, 96)},
    }
    exec("\n".join([*lines, f"    return {otherwise}"]), namespace)  # noqa: S102 - the chain is generated
    decide: Callable[[dict[str, Any]], Any] = namespace["decide"]
    return decide


def if_chain(made: list[Made]) -> Engine:
    decide = _chain(
        made,
        lambda _, rule: f"('{rule.name}', '{rule.worklist}', '{rule.priority}')",
        "('otherwise', 'general', 'routine')",
    )
    return "if-chain", as_plain, decide, lambda one: one[0]


def if_chain_with_decision(made: list[Made]) -> Engine:
    """The chain that does what we do: it builds the same kind of `Decision`, with a due."""

    def decision(_: int, rule: Made) -> str:
        return (
            f"Decision(outcome=ROUTED, worklist='{rule.worklist}', priority='{rule.priority}', "
            f"due_at=AT + hours[{rule.hours}], rules=('{rule.name}',), route_rule='{rule.name}', rulebook='-', clock_at=AT)"
        )

    otherwise = (
        "Decision(outcome=OTHERWISE, worklist='general', priority='routine', due_at=AT + hours[96], rulebook='-', "
        "clock_at=AT)"
    )
    return "if-chain, Decision", as_plain, _chain(made, decision, otherwise), _winner


def if_chain_same_decision(made: list[Made]) -> Engine:
    """The chain that does all that we do with the same `Attributes`: the safest of all rules that hold, and a due."""
    lines = ["def decide(subject):", *(f"    {name} = subject['{name}']" for name in _NAMES)]
    lines += ["    route = None; worklist = 'general'; level = 9; due = 9999; rules = []"]
    for rule in made:
        level = PRIORITIES.index(rule.priority)
        lines += [
            f"    if {_condition(rule, _PYTHON, ' and ')}:",
            f"        rules.append('{rule.name}')",
            f"        if route is None: route = '{rule.name}'; worklist = '{rule.worklist}'",
            f"        if level > {level}: level = {level}",
            f"        if due > {rule.hours}: due = {rule.hours}",
        ]
    lines += ["    return route, worklist, level, due, rules"]
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)  # noqa: S102 - the chain is generated
    chain = namespace["decide"]

    def decide(subject: Any) -> Decision:
        known = subject.known
        route, worklist, level, due, rules = chain(as_plain(known))
        return Decision(
            outcome=Outcome.ROUTED if route else Outcome.OTHERWISE,
            worklist=worklist,
            priority=PRIORITIES[min(level, 3)],
            due_at=known["exam_end"] + timedelta(hours=min(due, 96)),
            rules=tuple(rules),
            route_rule=route,
            rulebook="-",
            clock_at=known["exam_end"],
        )

    return "if-chain, same Decision", as_attributes, decide, _winner


def cel(made: list[Made]) -> Engine:
    import cel as engine

    forms = _PYTHON | {
        "body_part": "(body_part == '{}' || body_part == '{}')",
        "description": "description.contains(' {} ')",
    }
    programs = []
    for rule in made:
        text = _condition(rule, forms, " && ").replace("core is True", "core").replace("core is False", "!core")
        programs.append((engine.compile(text), rule.name))

    def decide(subject: dict[str, Any]) -> Answer:
        for program, answer in programs:
            if program.execute(subject):
                return answer
        return "otherwise"

    return "common-expression-language", as_plain, decide, lambda one: one


def rule_engine(made: list[Made]) -> Engine:
    import rule_engine as engine

    forms = _PYTHON | {
        "body_part": "(body_part == '{}' or body_part == '{}')",
        "core": "core == {}",
    }
    compiled = []
    for rule in made:
        text = (
            _condition(rule, forms, " and ")
            .replace("core == True", "core == true")
            .replace("core == False", "core == false")
        )
        compiled.append((engine.Rule(text), rule.name))

    def decide(subject: dict[str, Any]) -> Answer:
        for one, answer in compiled:
            if one.matches(subject):
                return answer
        return "otherwise"

    return "rule-engine", as_plain, decide, lambda one: one


def zen(made: list[Made]) -> Engine:
    import zen as engine

    forms = _PYTHON | {
        "body_part": "(body_part == '{}' or body_part == '{}')",
        "description": "contains(description, ' {} ')",
        "core": "core == {}",
    }
    rows = []
    for number, rule in enumerate(made):
        text = (
            _condition(rule, forms, " and ")
            .replace("core == True", "core == true")
            .replace("core == False", "core == false")
        )
        rows.append(
            {
                "_id": f"r{number}",
                "i": text,
                "n": f"'{rule.name}'",
                "w": f"'{rule.worklist}'",
                "p": f"'{rule.priority}'",
            }
        )
    rows.append({"_id": "last", "i": "", "n": "'otherwise'", "w": "'general'", "p": "'routine'"})
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": "i", "name": "when"}],
        "outputs": [
            {"id": "n", "name": "rule", "field": "rule"},
            {"id": "w", "name": "list", "field": "list"},
            {"id": "p", "name": "priority", "field": "priority"},
        ],
        "rules": rows,
    }
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "e1", "sourceId": "in", "targetId": "table"},
            {"id": "e2", "sourceId": "table", "targetId": "out"},
        ],
    }
    decision = engine.ZenEngine().create_decision(json.dumps(graph))
    return (
        "zen-engine",
        as_plain,
        lambda subject: decision.evaluate(subject)["result"],
        lambda one: one["rule"],
    )


ENGINES: dict[str, Callable[[list[Made]], Engine]] = {
    "ours": ours,
    "ours_with_due": ours_with_due,
    "if_chain": if_chain,
    "if_chain_with_decision": if_chain_with_decision,
    "if_chain_same_decision": if_chain_same_decision,
    "cel": cel,
    "zen": zen,
    "rule_engine": rule_engine,
}
