import math
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from sdaudio.errors import UsageError
from sdaudio_server.wire import (
    INFINITUM,
    Bundle,
    Colour,
    MalformedPacket,
    Message,
    MidiMessage,
    TimeTag,
    decode,
)


def padded(data):
    return data + b"\0" * (4 - len(data) % 4)


def packet(tags, data=b"", address=b"/a"):
    return padded(address) + padded(b"," + tags) + data


def element(data):
    return struct.pack(">i", len(data)) + data


HEAD = b"#bundle\0" + struct.pack(">Q", 1)


@pytest.mark.parametrize(
    ("tags", "data", "expected"),
    [
        (b"i", b"\x80\0\0\0", (-(2**31),)),
        (b"h", b"\x80" + b"\0" * 7, (-(2**63),)),
        (b"f", struct.pack(">f", 0.1), (struct.unpack(">f", struct.pack(">f", 0.1))[0],)),
        (b"d", struct.pack(">d", 0.1), (0.1,)),
        (b"s", b"abc\0", ("abc",)),
        (b"s", "grün".encode() + b"\0\0\0", ("grün",)),
        (b"S", b"\0\0\0\0", ("",)),
        (b"b", b"\0\0\0\5hello\0\0\0", (b"hello",)),
        (b"b", b"\0\0\0\0", (b"",)),
        (b"c", b"\0\0\0A", ("A",)),
        (b"r", b"\1\2\3\xff", (Colour(1, 2, 3, 255),)),
        (b"m", b"\0\x90\x3c\x7f", (MidiMessage(0, 0x90, 60, 127),)),
        (b"t", b"\0\0\0\1\0\0\0\2", (TimeTag((1 << 32) + 2),)),
        (b"TFNI", b"", (True, False, None, INFINITUM)),
        (b"[i[T]]s", b"\0\0\0\1a\0\0\0", ((1, (True,)), "a")),
        (b"ihsfi", b"\0\0\0\1" + b"\0" * 7 + b"\2x\0\0\0" + b"\0" * 4 + b"\0\0\0\3",
         (1, 2, "x", 0.0, 3)),
        (b"", b"", ()),
    ],
)  # fmt: skip
def test_each_type_is_read_exactly(tags, data, expected):
    message = decode(packet(tags, data))
    assert message == Message("/a", expected)
    assert [type(value) for value in message.arguments] == [type(value) for value in expected]


def test_a_float_that_is_no_number_is_read():
    assert math.isnan(decode(packet(b"f", b"\x7f\xc0\0\0")).arguments[0])


def test_a_message_without_type_tags_has_no_arguments():
    assert decode(b"/sda/hello\0\0") == Message("/sda/hello", ())


def test_a_bundle_keeps_its_timetag_order_and_nesting():
    inner = b"#bundle\0" + struct.pack(">Q", 7) + element(b"/b\0\0")
    outer = b"#bundle\0" + struct.pack(">Q", 2**63) + element(b"/a\0\0") + element(inner)
    assert decode(outer) == Bundle(2**63, (Message("/a"), Bundle(7, (Message("/b"),))))


def test_an_empty_bundle_is_read():
    assert decode(HEAD) == Bundle(1, ())


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        (b"", 0, "empty"),
        (b"/a\0", 3, "multiple of 4"),
        (b"abc\0", 0, "0x61"),
        (b"\0\0\0\0", 0, "0x00"),
        (b"/abc", 0, "no end"),
        (b"/\xff\0\0", 1, "UTF-8"),
        (b"/a\0\0i\0\0\0", 4, "','"),
        (b"/a\0\0,iii", 4, "type tag string has no end"),
        (packet(b"i"), 8, "need 4 more bytes, 0 are left"),
        (packet(b"h", b"\0" * 4), 8, "need 8 more bytes, 4 are left"),
        (packet(b"i", b"\0" * 8), 12, "4 bytes are left over"),
        (packet(b"", b"\0" * 4), 8, "left over"),
        (packet(b"x", b"\0" * 4), 5, "'x' is not known"),
        (packet(b"ix", b"\0" * 8), 6, "'x' is not known"),
        (packet(b"\xff"), 5, "not known"),
        (packet(b"s", b"abcd"), 8, "no end"),
        (packet(b"s", b"\xc3\0\0\0"), 8, "UTF-8"),
        (packet(b"b", b"\xff\xff\xff\xff"), 8, "blob size -1"),
        (packet(b"b", b"\0\0\0\5hell"), 8, "blob size 5"),
        (packet(b"b", b"\x7f\xff\xff\xff"), 8, "blob size 2147483647"),
        (packet(b"c", b"\xff\xff\xff\xff"), 8, "not a character"),
        (packet(b"c", b"\0\0\xd8\0"), 8, "not a character"),
        (b"/a\0\xff,s\0\0hi\0\0", 2, "padding of a string is not zero"),
        (b"/a\0\0,s\0\1hi\0\0", 6, "padding of a string is not zero"),
        (b"/a\0\0,s\0\0hi\0\1", 10, "padding of a string is not zero"),
        (packet(b"b", b"\0\0\0\5hello\0\0\1"), 17, "padding of a blob is not zero"),
        (packet(b"["), 6, "not closed"),
        (packet(b"T]"), 6, "not open"),
        (packet(b"[" * 17 + b"]" * 17), 21, "nested deeper"),
        (b"#bundle\0", 0, "a bundle begins"),
        (b"#bundlex" + b"\0" * 8, 0, "a bundle begins"),
        (HEAD + struct.pack(">i", -4) + b"/a\0\0", 16, "size -4"),
        (HEAD + struct.pack(">i", 0) + b"/a\0\0", 16, "size 0"),
        (HEAD + struct.pack(">i", 3) + b"/a\0\0", 16, "size 3"),
        (HEAD + struct.pack(">i", 8) + b"/a\0\0", 16, "more than the 4 bytes left"),
        (packet(b"[]" * 4097), 5, "more than 4096 arrays"),
        (HEAD + element(b"/a\0\0") * 1025, 16 + 1024 * 8 + 4, "more than 1024 messages"),
        (HEAD + element(b"oops"), 20, "0x6f"),
        (HEAD + element(packet(b"i")), 28, "need 4 more"),
    ],
)
def test_malformed_packets_are_refused_with_offset_and_reason(data, offset, reason):
    with pytest.raises(MalformedPacket) as caught:
        decode(data)
    assert f"at byte {offset}," in str(caught.value)
    assert reason in str(caught.value)
    assert isinstance(caught.value, UsageError)


def test_an_argument_cannot_reach_into_the_next_element():
    cut = padded(b"/a") + padded(b",i")
    with pytest.raises(MalformedPacket, match="need 4 more bytes, 0 are left"):
        decode(HEAD + element(cut) + element(b"/b\0\0"))


def test_sixteen_bundles_in_each_other_are_read_and_seventeen_refused():
    nested = HEAD
    for _ in range(15):
        nested = HEAD + element(nested)
    decode(nested)
    with pytest.raises(MalformedPacket, match="nested deeper than 16"):
        decode(HEAD + element(nested))


def test_a_packet_beyond_64_kib_is_refused():
    decode(packet(b"b", struct.pack(">i", 65524) + b"\0" * 65524))
    with pytest.raises(MalformedPacket, match="at most 65536"):
        decode(b"/a\0\0" + b"\0" * 65536)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused(data):
    try:
        decode(data)
    except MalformedPacket:
        return


tag_soup = st.text("ifsbhdtcrmTFNISx[]", max_size=30).map(str.encode)


@settings(max_examples=300)
@given(tag_soup, st.binary(max_size=120))
def test_arbitrary_type_tags_are_read_or_refused(tags, data):
    try:
        decode(packet(tags, data[: len(data) // 4 * 4]))
    except MalformedPacket:
        return


floats = st.floats(width=32, allow_nan=False)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(lambda value: ("i", value)),
    st.integers(-(2**63), 2**63 - 1).map(lambda value: ("h", value)),
    floats.map(lambda value: ("f", value)),
    st.floats(allow_nan=False).map(lambda value: ("d", value)),
    texts.map(lambda value: ("s", value)),
    st.binary(min_size=1, max_size=20).map(lambda value: ("b", value)),
    st.sampled_from([("T", True), ("F", False), ("N", None)]),
)


@settings(max_examples=200)
@given(st.lists(values, max_size=12))
def test_what_python_osc_builds_is_read_back(arguments):
    builder = OscMessageBuilder("/sda/grid/set")
    for tag, value in arguments:
        builder.add_arg(value, tag)
    expected = tuple(value for _, value in arguments)
    assert decode(builder.build().dgram) == Message("/sda/grid/set", expected)


@given(st.lists(st.integers(-5, 5), max_size=5), st.floats(1.0, 2e9))
def test_bundles_that_python_osc_builds_are_read_back(numbers, timestamp):
    builder = OscBundleBuilder(timestamp)
    for number in numbers:
        message = OscMessageBuilder("/n")
        message.add_arg(number)
        builder.add_content(message.build())
    bundle = decode(builder.build().dgram)
    assert bundle.elements == tuple(Message("/n", (number,)) for number in numbers)
    assert bundle.timetag / 2**32 - 2_208_988_800 == pytest.approx(timestamp, abs=1e-5)


def hostile(name):
    n = 13_000
    return {
        "messages": HEAD + element(packet(b"T" * 51)) * 1023,
        "tiny bundles": HEAD + element(HEAD) * 3274,
        "constants": packet(b"TN" * 32_000),
        "arrays": packet(b"[]" * 4096 + b"T" * 56_000),
        "arrays between values": packet(b"T[T]" * 4096 + b"TFN" * 16_000),
        "strings": packet(b"s" * n, b"\0\0\0\0" * n),
        "blobs": packet(b"b" * n, b"\0\0\0\0" * n),
        "colours": packet(b"r" * n, b"\0\0\0\0" * n),
        "broken runs": packet(b"iT" * 10_800, b"\0\0\0\0" * 10_800),
        "numbers": packet(b"i" * n, b"\0\0\0\0" * n),
        "one string": padded(b"/" + b"a" * 65_000),
    }[name]


HOSTILE = (
    "messages", "tiny bundles", "constants", "arrays", "arrays between values", "strings", "blobs",
    "colours", "broken runs", "numbers", "one string",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_the_worst_packets_take_linear_time(name):
    data = hostile(name)
    assert 64_000 < len(data) <= 65_536
    times = []
    for _ in range(5):
        began = time.perf_counter()
        decode(data)
        times.append(time.perf_counter() - began)
    # Some 10 ms at worst; anything quadratic takes a hundred times as long.
    assert min(times) < 0.2
