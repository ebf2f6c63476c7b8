"""How much work a call is, counted and not timed: a count is the same on every machine and under any load."""

import gc
import sys
from collections.abc import Callable
from typing import Any


def calls(function: Callable[..., Any], *arguments: Any) -> int:
    """Return how many functions a call calls, Python's and the interpreter's own."""
    count = 0

    def counted(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    collects = gc.isenabled()
    gc.disable()  # a collection calls what is registered with it, whenever it comes
    sys.setprofile(counted)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    return count
