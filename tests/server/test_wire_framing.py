import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc import slip

from sdaudio.errors import UsageError
from sdaudio_server.wire import Deframer, frame

A = b"/a\0\0,\0\0\0"
B = b"/b\0\0,b\0\0\0\0\0\4\xc0\xdb\xdc\xdd"


def test_length_prefixed_packets_are_cut_out():
    deframer = Deframer()
    assert deframer.feed(frame(A, "length") + frame(B, "length")) == [A, B]
    assert deframer.framing == "length"


@pytest.mark.parametrize(
    "stream",
    [
        b"\xc0" + slip.encode(A).strip(b"\xc0") + b"\xc0" + slip.encode(B),
        slip.encode(A).strip(b"\xc0") + b"\xc0" + slip.encode(B).lstrip(b"\xc0"),
        b"\xc0\xc0\xc0" + frame(A, "slip") + b"\xc0\xc0" + frame(B, "slip"),
    ],
    ids=["END at both ends", "END behind only", "spare ENDs"],
)
def test_slip_packets_are_cut_out(stream):
    deframer = Deframer()
    assert deframer.feed(stream) == [A, B]
    assert deframer.framing == "slip"


def test_python_osc_reads_our_slip():
    assert slip.decode(frame(B, "slip")) == B


packets = st.lists(st.binary(max_size=40).map(lambda tail: b"/" + tail), min_size=1, max_size=6)


@given(packets, st.sampled_from(["length", "slip"]), st.integers(1, 9))
def test_a_stream_in_any_pieces_gives_the_same_packets(sent, framing, piece):
    stream = b"".join(frame(packet, framing) for packet in sent)
    deframer = Deframer()
    received = []
    for begin in range(0, len(stream), piece):
        received += deframer.feed(stream[begin : begin + piece])
    assert received == sent
    assert deframer.error is None


@pytest.mark.parametrize(
    ("stream", "at", "reason"),
    [
        (b"GET / HTTP/1.1", 0, "0x47"),
        (b"\xff\xff\xff\xff", 0, "0xff"),
        (struct.pack(">i", 65537), 0, "65537"),
        (struct.pack(">i", 0), 0, "length of 0"),
        (frame(A, "length") + struct.pack(">i", -1), 12, "length of -1"),
        (b"\xc0/\xdbx\xc0", 5, "escape"),
        (b"/\xdb\xc0", 3, "escape"),
        (b"/" * 65537 + b"\xc0", 65538, "longer"),
    ],
)
def test_a_broken_stream_is_refused_with_offset_and_reason(stream, at, reason):
    deframer = Deframer()
    deframer.feed(stream)
    assert f"at byte {at}," in str(deframer.error)
    assert reason in str(deframer.error)


def test_packets_before_a_fault_are_handed_out_and_none_after_it():
    deframer = Deframer()
    assert deframer.feed(frame(A, "length") + struct.pack(">i", -1)) == [A]
    assert deframer.feed(frame(A, "length")) == []


def test_a_slip_frame_without_end_does_not_grow_for_ever():
    deframer = Deframer()
    for _ in range(40):
        deframer.feed(b"/" * 4096)
    assert "longer" in str(deframer.error)


def test_single_bytes_take_linear_time():
    stream = frame(b"/" * 60_000, "slip")
    deframer = Deframer()
    began = time.perf_counter()
    received = [packet for byte in stream for packet in deframer.feed(bytes([byte]))]
    assert received == [b"/" * 60_000]
    assert time.perf_counter() - began < 2.0


def test_an_unknown_framing_is_refused():
    with pytest.raises(UsageError, match="'length' and 'slip'"):
        frame(A, "cobs")
