"""What a DiagnosticReport says in words, and who read it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from routing.sources.fhir_context import Context, name_of
from routing.sources.fhir_elements import many, one, text, words

_TAG: Final = re.compile(r"<[^>]{0,2000}>")


def report_text(context: Context) -> tuple[str, bool]:
    """Return all that a report says in words, and whether a document that is no text comes with it."""
    resource = context.resource
    lines = [text(resource.get("conclusion")), *words(resource.get("conclusionCode"))]
    for result in many(resource.get("result")):
        observation = context.follow(result)
        lines += [text(observation.get("valueString")), *words(observation.get("valueCodeableConcept"))]
    narrative = one(resource.get("text"))
    if text(narrative.get("status")) not in {"", "empty"}:
        lines.append(_TAG.sub(" ", text(narrative.get("div"))))
    has_file = False
    for form in many(resource.get("presentedForm")):
        data, kind = text(form.get("data")), text(form.get("contentType")).lower()
        if not data:
            has_file = has_file or bool(text(form.get("url")))
            continue
        if not kind.startswith("text/"):
            has_file = True
            lines.append(data)
            continue
        try:
            said = base64.b64decode(data, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            has_file, said = True, data  # what cannot be looked into is not blank
        lines.append(_TAG.sub(" ", said) if "html" in kind else said)
    return "\n".join(line for line in lines if line), has_file


def readers(context: Context) -> tuple[str, ...]:
    """Return who interpreted a report, else who made it."""
    for element in ("resultsInterpreter", "performer"):
        found = dict.fromkeys(name for each in many(context.resource.get(element)) if (name := name_of(context, each)))
        if found:
            return tuple(found)
    return ()
