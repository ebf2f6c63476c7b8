"""The documentation says what the code says."""

import importlib.util
from pathlib import Path

import pytest

import routing

DOCS = Path(__file__).parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(generator().PAGES))
def test_reference_pages_are_as_the_code_says(name: str) -> None:
    """A page that is made from the code may not lag behind it: run `python docs/generate.py`."""
    module = generator()

    expected = module.NOTICE + module.PAGES[name]()

    assert (DOCS / "reference" / name).read_text(encoding="utf-8") == expected


def test_every_public_name_is_documented() -> None:
    """Whoever reads only the pages must meet every name that can be imported from the top."""
    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))

    missing = [name for name in routing.__all__ if f"`{name}" not in pages]

    assert not missing


def test_pages_have_one_sentence_a_line() -> None:
    """Long lines of several sentences make changes hard to read."""
    long = []
    for path in DOCS.rglob("*.md"):
        if "_build" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line and line[0] not in "|#`<:-" and not line.startswith(("  ", "\t")) and ". " in line.rstrip()[:-1]:
                tail = line.split(". ", 1)[1]
                if tail[:1].isupper() and "`" not in line and not line[0].isdigit():
                    long.append(f"{path.name}:{number}")

    assert not long
