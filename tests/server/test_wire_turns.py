import pytest

from sdaudio_server.wire import turns
from sdaudio_server.wire.turns import Turns


def taken(waiting: Turns[str]) -> list[tuple[str, bytes]]:
    order = []
    while waiting:
        order.append(waiting.take())
    return order


def test_packets_of_one_sender_keep_their_order():
    waiting: Turns[str] = Turns()
    for number in range(20):
        assert waiting.put("a", bytes([number]))
    assert taken(waiting) == [("a", bytes([number])) for number in range(20)]
    assert not waiting


def test_senders_take_turns():
    waiting: Turns[str] = Turns()
    for _ in range(20):
        waiting.put("a", b"")
    waiting.put("b", b"")
    for _ in range(9):
        waiting.put("c", b"")
    order = "".join(sender for sender, _ in taken(waiting))
    assert order == "aaaaaaaabccccccccaaaaaaaacaaaa"


def test_a_turn_begins_anew_when_the_queue_before_was_emptied():
    waiting: Turns[str] = Turns()
    for _ in range(3):
        waiting.put("a", b"")
    for _ in range(9):
        waiting.put("b", b"")
    waiting.put("c", b"")
    assert "".join(sender for sender, _ in taken(waiting)) == "aaabbbbbbbbcb"


def test_a_sender_that_is_too_quick_loses_packets_and_others_do_not():
    waiting: Turns[str] = Turns()
    assert all(waiting.put("a", b"x") for _ in range(turns.MAX_PACKETS))
    assert not waiting.put("a", b"x")
    assert waiting.put("b", b"x")


@pytest.mark.parametrize(("limit", "senders"), [("MAX_BYTES", "aa"), ("MAX_BYTES_TOGETHER", "ab")])
def test_bytes_are_limited_and_room_comes_back(monkeypatch, limit: str, senders: str):
    monkeypatch.setattr(turns, limit, 10)
    monkeypatch.setattr(turns, "OVERHEAD", 0)
    waiting: Turns[str] = Turns()
    assert waiting.put(senders[0], b"123456")
    assert not waiting.put(senders[1], b"12345")
    assert taken(waiting) == [(senders[0], b"123456")]
    assert waiting.put(senders[1], b"12345")
    waiting.clear()
    assert not waiting
    assert waiting.put(senders[0], b"1234567890")


def test_senders_without_number_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(turns, "MAX_BYTES_TOGETHER", 1000 * turns.OVERHEAD)
    waiting: Turns[str] = Turns()
    assert sum(waiting.put(str(number), b"") for number in range(5000)) == 1000
    assert len(taken(waiting)) == 1000
