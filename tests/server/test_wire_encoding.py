import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from sdaudio.errors import UsageError
from sdaudio_server.wire import INFINITUM, Bundle, Message, decode, encode


def test_the_bytes_of_a_reply_are_these():
    assert encode(Message("/sda/done", ("/sda/x", 1, 0.5, b"ab"))) == (
        b"/sda/done\0\0\0"
        b",sifb\0\0\0"
        b"/sda/x\0\0"
        b"\0\0\0\1"
        b"\x3f\0\0\0"
        b"\0\0\0\2ab\0\0"
    )  # fmt: skip


def test_a_message_without_arguments_still_has_type_tags():
    assert encode(Message("/abc")) == b"/abc\0\0\0\0,\0\0\0"


def test_the_bytes_of_a_bundle_are_these():
    assert encode(Bundle(1, (Message("/a"),))) == (
        b"#bundle\0" + struct.pack(">Q", 1) + b"\0\0\0\x08/a\0\0,\0\0\0"
    )


@pytest.mark.parametrize(
    ("value", "tags", "expected"),
    [
        (True, b",i\0\0", b"\0\0\0\1"),
        (2**31 - 1, b",i\0\0", b"\x7f\xff\xff\xff"),
        (-(2**31), b",i\0\0", b"\x80\0\0\0"),
        (2**31, b",f\0\0", struct.pack(">f", 2.0**31)),
        (10**400, b",f\0\0", struct.pack(">f", math.inf)),
        (-(10**400), b",f\0\0", struct.pack(">f", -math.inf)),
        (-1e300, b",f\0\0", struct.pack(">f", -math.inf)),
        (np.int64(3), b",i\0\0", b"\0\0\0\3"),
        (np.float32(0.5), b",f\0\0", b"\x3f\0\0\0"),
        ("a\0b", b",s\0\0", "a\ufffdb".encode() + b"\0\0\0"),
        ("\udcff", b",s\0\0", b"?\0\0\0"),
        ("", b",s\0\0", b"\0\0\0\0"),
        (b"", b",b\0\0", b"\0\0\0\0"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else repr(value)[:20],
)
def test_every_value_finds_one_of_the_four_types(value, tags, expected):
    assert encode(Message("/a", (value,))) == b"/a\0\0" + tags + expected


def test_not_a_number_goes_out():
    assert math.isnan(decode(encode(Message("/a", (math.nan,)))).arguments[0])


@pytest.mark.parametrize("value", [None, INFINITUM, (1, 2)])
def test_what_hosts_cannot_read_is_refused(value):
    with pytest.raises(UsageError, match="/a cannot carry"):
        encode(Message("/a", (value,)))


arguments = st.lists(
    st.one_of(
        st.integers(-(2**31), 2**31 - 1),
        st.floats(width=32, allow_nan=False),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
        st.binary(max_size=20),
    ),
    max_size=12,
).map(tuple)


@given(arguments)
def test_encoding_and_decoding_are_inverse(values):
    assert decode(encode(Message("/sda/x", values))) == Message("/sda/x", values)


@given(arguments)
def test_python_osc_reads_what_is_encoded(values):
    assert tuple(OscMessage(encode(Message("/sda/x", values))).params) == values
