"""The HL7 code tables that ship with the package, as plain mappings: `routing/vocabulary/hl7_*.csv`.

Each file has the columns `code` and `meaning`, and perhaps `note`, which is for people. Codes are in capitals.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


@lru_cache(maxsize=32)
def hl7_table(name: str) -> Mapping[str, str]:
    """Return the table *name* (`hl7_priorities`): code in capitals to meaning. The file is part of the package."""
    text = files("routing").joinpath("vocabulary", f"{name}.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["code"].upper(): row["meaning"] for row in csv.DictReader(text.splitlines())})


@lru_cache(maxsize=32)
def hl7_words(name: str) -> frozenset[str]:
    """Return the codes of the table *name* alone, in capitals."""
    return frozenset(hl7_table(name))
