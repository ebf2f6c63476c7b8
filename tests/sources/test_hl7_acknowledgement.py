"""What a sender is told about its message."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.decision import Problem
from routing.sources.er7 import Message
from routing.sources.hl7_acknowledgement import acknowledge
from tests.sources.messages import header, message, order, reading

AT = datetime(2026, 3, 17, 16, tzinfo=UTC)


def test_a_message_that_was_taken_is_acknowledged_to_its_sender() -> None:
    answer = Message(acknowledge(reading(order()), at=AT).rstrip(b"\r"))

    assert answer.texts("MSH-3", "MSH-4", "MSH-5", "MSH-6") == ["ROUTER", "PACS", "RIS", "STO"]
    assert answer.texts("MSH-7", "MSH-9.1", "MSH-9.2", "MSH-12") == ["20260317160000+0000", "ACK", "O01", "2.5.1"]
    assert answer.texts("MSA-1", "MSA-2", "MSA-3") == ["AA", "C1", None]
    assert answer.segment("ERR") is None


def test_acknowledging_again_gives_the_same_bytes() -> None:
    assert acknowledge(order(), at=AT) == acknowledge(order(), at=AT)


def test_a_refusal_names_the_field_and_no_value() -> None:
    read = reading(order().replace(b"ORC|NW", b"ORC|QQ"))

    sent = acknowledge(read, "AR", "not applied", problem=read.refused, at=AT)

    answer = Message(sent.rstrip(b"\r"))
    assert answer.texts("MSA-1", "MSA-2", "MSA-3") == ["AR", "C1", "not applied"]
    assert answer.texts("ERR-2.1", "ERR-2.3", "ERR-3.1", "ERR-4") == ["ORC", "1", "103", "E"]
    for value in (b"EXAMPLE", b"5100", b"STO26030101", b"QQ"):
        assert value not in sent


def test_the_answer_speaks_the_messages_own_language() -> None:
    data = order().replace(b"UNICODE UTF-8", b"8859/1").decode().translate(str.maketrans("|^~\\&", "^~|\\&")).encode()

    answer = Message(acknowledge(data, "AE", "später ^ noch einmal", at=AT).rstrip(b"\r"))

    assert answer.raw("MSH-2") == "~|\\&"
    assert answer.field("MSH-18") == "8859/1"
    assert answer.field("MSA-3") == "später ^ noch einmal"


def test_the_time_may_be_left_out() -> None:
    assert Message(acknowledge(order())).field("MSH-7") is None


@pytest.mark.parametrize("data", [b"", b"junk", b"MSH", b"MSH|", b"PID|1", message(header(number=""))])
def test_whatever_came_gets_an_answer(data: bytes) -> None:
    problem = Problem(kind="unparseable", source="byte 0", message="no message header")

    answer = Message(acknowledge(data, "AR", "unreadable", problem=problem).rstrip(b"\r"))

    assert answer.field("MSA-1") == "AR"
    assert answer.field("ERR-3.1") == "100"


@given(data=st.binary(max_size=100))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    acknowledge(b"MSH" + data, "AE", "x")
