"""Character sets: named, wrongly named and not named."""

# ruff: noqa: RUF001 - letters that look alike are the point

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.sources.charsets import codec_of, decode
from routing.sources.er7 import Message
from tests.sources.messages import header, message


def named(charset: str, name: str, codec: str) -> Message:
    return Message(message(header(charset=charset), f"PID|1||1||{name}", charset=codec))


@pytest.mark.parametrize(
    ("charset", "name", "codec"),
    [
        ("8859/1", "MÜLLER^ZOË", "latin-1"),
        ("8859/2", "WAŁĘSA", "iso8859-2"),
        ("8859/5", "Иванов", "iso8859-5"),
        ("8859/7", "Παπαδόπουλος", "iso8859-7"),
        ("8859/15", "Šimková €", "iso8859-15"),
        ("ISO_IR 100", "MÜLLER", "latin-1"),
        ("ISO IR192", "MÜLLER", "utf-8"),
        ("UNICODE UTF-8", "陳大文", "utf-8"),
        ("unicode utf-8", "陳大文", "utf-8"),
        ("UNICODE", "Zoë", "utf-8"),
        ("GB 18030-2000", "王小东", "gb18030"),
        ("KS X 1001", "홍길동", "euc_kr"),
        ("BIG-5", "陳大文", "big5"),
        ("ASCII~ISO IR87", "山田^太郎", "iso2022_jp"),
        ("~ISO IR87", "山田^太郎", "iso2022_jp"),
        ("ISO IR14", "ﾔﾏﾀﾞ", "shift_jis"),
        ("windows-1252", "O’Neil", "cp1252"),
    ],
)
def test_a_named_set_is_the_one_that_is_read(charset: str, name: str, codec: str) -> None:
    read = named(charset, name, codec)

    assert read.field("PID-5") == name
    assert read.warnings == ()


@pytest.mark.parametrize(
    ("charset", "name", "codec"),
    [
        ("8859/1", "12 –35", "utf-8"),
        ("8859/1", "Zoë", "utf-8"),
        ("8859/1", "O’Neil", "cp1252"),
        ("8859/5", "№ “x” Иванов—", "cp1251"),
        ("ASCII", "Zoë", "utf-8"),
        ("ASCII", "Zoë", "latin-1"),
        ("UNICODE UTF-8", "MÜLLER^ZOË", "latin-1"),
        ("UNICODE UTF-8", "°C and ÷", "latin-1"),
        ("", "MÜLLER", "latin-1"),
        ("NO SUCH SET", "Zoë", "utf-8"),
    ],
)
def test_bytes_that_contradict_the_name_are_read_as_what_they_are(charset: str, name: str, codec: str) -> None:
    read = named(charset, name, codec)

    assert read.field("PID-5") == name
    assert [warning.kind for warning in read.warnings] == ["charset"]
    assert name not in read.warnings[0].message


def test_nothing_named_and_utf_8_is_no_doubt() -> None:
    read = named("", "Łukasz", "utf-8")

    assert read.field("PID-5") == "Łukasz"
    assert read.warnings == ()


def test_the_senders_own_set_counts_where_none_is_named() -> None:
    data = message(header(charset=""), "PID|1||1||WAŁĘSA", charset="iso8859-2")

    read = Message(data, "8859/2")

    assert read.field("PID-5") == "WAŁĘSA"
    assert read.warnings == ()


def test_a_character_cut_off_at_the_end_spoils_nothing() -> None:
    data = message(header(), "PID|1||1||Zoë^Łukasz", charset="utf-8").rstrip(b"\r") + "ü".encode()[:1]

    read = Message(data)

    assert read.field("PID-5.1") == "Zoë"
    assert [warning.kind for warning in read.warnings] == ["charset"]


def test_one_line_in_another_set_spoils_no_other() -> None:
    data = message(header(), "PID|1||1||Łukasz") + "NTE|1||Zoë\r".encode("latin-1")

    read = Message(data)

    assert read.field("PID-5") == "Łukasz"
    assert read.field("NTE-3") == "Zoë"


@pytest.mark.parametrize("name", ["unicode_escape", "idna", "punycode", "zlib", "rot13", "hex", "no such"])
def test_only_character_sets_are_character_sets(name: str) -> None:
    assert codec_of((name,)) is None


@given(
    data=st.binary(max_size=200), name=st.sampled_from(["", "8859/1", "ASCII", "UNICODE UTF-8", "ISO IR87", "BIG-5"])
)
def test_any_bytes_under_any_name_become_text(data: bytes, name: str) -> None:
    text = decode(data, (name,)).text

    assert isinstance(text, str)
    text.encode()  # no lone surrogate
