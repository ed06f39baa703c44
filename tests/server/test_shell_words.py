"""Words of a shell and OSC arguments."""

import shlex

import pytest

from sdaudio.errors import UsageError
from sdaudio_server.client import build_message
from sdaudio_server.shell.usage import Usage, parse_usage
from sdaudio_server.shell.words import read_words, shortest, show_word, show_words
from sdaudio_server.wire import decode


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1", 1), ("-6", -6), ("0", 0), ("0.5", 0.5), ("-.5", -0.5), ("1e3", 1000.0), ("2.", 2.0),
        ("true", True), ("false", False), ("one", "one"), ("007", "007"), ("-01.5", "-01.5"),
        ("1_0", "1_0"),
        ("", ""), ("nan", "nan"), ("inf", "inf"), ("0x10", "0x10"), ("١", "١"), ("-", "-"),
        ("/sda/grid/set", "/sda/grid/set"), ("3000000000", 3_000_000_000), ("1.2.3", "1.2.3"),
    ],
)  # fmt: skip
def test_types_are_found_by_looking(word, value):
    (found,), types = read_words([word])
    assert (found, type(found), types) == (value, type(value), "")


def test_types_can_be_named_as_for_oscsend():
    values, types = read_words(["7", "8", "9", "a", "ff00", "0x10"], "sTfdNsbh")
    assert values == ("7", True, 8.0, 9.0, None, "a", b"\xff\x00", 16)
    packet = build_message("/x", values, types=types)
    assert b",sTfdNsbh\0" in packet
    assert decode(packet).arguments == values


@pytest.mark.parametrize(
    ("words", "types", "text"),
    [
        (["1"], "x", "allowed are i, h, f, d, s, b, T, F, N"),
        (["1"], "ii", "asks for 2 arguments and 1 are given"),
        (["a"], "f", "'a' is no argument of type f"),
        (["xyz"], "b", "'xyz' is no argument of type b"),
    ],
)
def test_types_that_do_not_fit_are_explained(words, types, text):
    with pytest.raises(UsageError, match=text):
        read_words(words, types)


def test_a_number_too_big_for_its_type_is_explained():
    with pytest.raises(UsageError, match="/x cannot be sent"):
        build_message("/x", (1 << 40,), types="i")


@pytest.mark.parametrize("value", [1, -6, 0.5, 1.0, 1e-5, "a", "two words", "it's", "", True])
def test_what_is_shown_reads_back_as_the_same(value):
    assert read_words(shlex.split(show_word(value)))[0] == (value,)


def test_a_text_of_several_lines_stands_below_the_words():
    assert show_words(["a b", "one\ntwo", 3]) == "'a b' 3\none\ntwo"
    assert show_words([b"\x00\x01", None]) == "0001 None"


def test_a_float_is_shown_with_as_few_digits_as_mean_the_same():
    assert shortest(0.10000000149011612) == 0.1
    assert shortest(16_777_216.0) == 16_777_216.0
    assert shortest(1e300) == 1e300


def test_a_usage_line_gives_names():
    line = "/sda/grid/encode grid model path [seed] [top k] [codes ...]"
    assert parse_usage(line) == Usage(
        "/sda/grid/encode", ("grid", "model", "path"), ("seed", "top k"), "codes"
    )
    assert parse_usage("/sda/hello") == Usage("/sda/hello")


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ((), ("grid", ())),
        (("g",), ("model", ())),
        (("g", "m"), ("seconds", ("seconds", "seed", "path"))),
        (("g", "m", "3"), ("seed", ("seed", "path"))),
        (("g", "m", "path"), ("path", ())),
        (("g", "m", "path", "x"), ("seconds", ("seconds", "seed"))),
        (("g", "m", "3", "4", "x"), ("", ())),
        (("g", "m", "3", "4", "x", "y"), ("", ())),
    ],
)
def test_a_usage_knows_what_comes_next(words, due):
    usage = Usage("/x", ("grid", "model"), ("seconds", "seed", "path"))
    assert usage.due(words) == due


def test_what_repeats_comes_again_and_again():
    assert Usage("/x", ("grid",), (), "codes").due(("g", "1", "2", "3")) == ("codes", ())
