"""Regular expressions of `matches`: only those that the linear-time engine runs."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen


@frozen
class ExpressionProblem:
    """Why an expression cannot be used, and what to do."""

    message: str
    help: str = ""


@lru_cache(maxsize=1024)
def problem(pattern: str) -> ExpressionProblem | None:
    """Return why *pattern* cannot run here, or None when it can."""
    try:
        import re2  # noqa: PLC0415 - an extra, needed only where a rulebook has an expression
    except ImportError:
        message = "expressions need the linear-time engine, which is not installed"
        return ExpressionProblem(message, "pip install 'worklist-routing[regex]', or use `mentions` or `starts with`")
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except UnicodeError:
        return ExpressionProblem("the expression holds half a character")
    except re2.error as wrong:
        why = (
            wrong.args[0].decode("utf-8", "replace") if wrong.args and isinstance(wrong.args[0], bytes) else str(wrong)
        )
        return ExpressionProblem(
            f"the expression cannot be used: {why}", "there are no look-arounds and no back-references"
        )
    return None
