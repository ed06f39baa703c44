import fnmatch
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdaudio.errors import UsageError
from sdaudio_server.patterns import expand, is_pattern, matches


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/sda/grid/set", "/sda/grid/set"),
        ("/sda/*/set", "/sda/grid/set"),
        ("/*/*/*", "/sda/grid/set"),
        ("/sda/gr?d/s*", "/sda/grid/set"),
        ("/sda/grid/*e*", "/sda/grid/set"),
        ("/sda/grid/set*", "/sda/grid/set"),
        ("/sda/gri[a-d]/set", "/sda/grid/set"),
        ("/sda/gri[!a-c]/set", "/sda/grid/set"),
        ("/sda/[xg-]rid/set", "/sda/grid/set"),
        ("/a[x-]", "/a-"),
        ("/a[-x]", "/a-"),
        ("/sda/{play,grid}/set", "/sda/grid/set"),
        ("/sda/g{,ri}d/set", "/sda/grid/set"),
        ("/sda/g{,ri}d/set", "/sda/gd/set"),
        ("/{a,ab}{b,c}", "/abc"),
        ("/{a,ab}{b,c}", "/ab"),
        ("/*ab*ab", "/abcabxab"),
        ("/ü[ö-ü]*", "/üöx"),
    ],
)
def test_these_match(pattern, address):
    assert matches(pattern, address)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/sda/*", "/sda/grid/set"),
        ("/*", "/sda/grid"),
        ("/sda*grid", "/sda/grid"),
        ("/sda/grid?", "/sda/grid"),
        ("/a?", "/a/"),
        ("/a[!x-z]", "/ay"),
        ("/a[b]", "/a"),
        ("/{one,two}", "/on"),
        ("/{one,two}", "/onetwo"),
        ("/*ab*ab", "/abcabx"),
        ("/sda", "/sda/"),
        ("/a.c", "/abc"),
    ],
)
def test_these_do_not_match(pattern, address):
    assert not matches(pattern, address)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("/a[b", "has no ']'"),
        ("/a[b/c]", "has no ']'"),
        ("/a{b", "has no '}'"),
        ("/a{b/c}", "has no '}'"),
        ("/a]", "closes nothing"),
        ("/a}", "closes nothing"),
        ("/a[]", "holds no character"),
        ("/a[!]", "holds no character"),
        ("/a[z-a]", "runs backwards"),
        ("/a{b*,c}", "more than plain words"),
        ("/a{b{c}}", "more than plain words"),
        ("a*", "does not begin with '/'"),
        ("/" + "*" * 256, "at most 256"),
    ],
)
def test_malformed_patterns_are_refused_with_a_reason(pattern, reason):
    with pytest.raises(UsageError) as caught:
        matches(pattern, "/a")
    assert reason in str(caught.value)


def test_expanding_keeps_the_order_of_the_addresses():
    addresses = ["/sda/grid/undo", "/sda/play/stop", "/sda/grid/redo"]
    assert expand("/sda/grid/{redo,undo}", addresses) == ["/sda/grid/undo", "/sda/grid/redo"]
    assert expand("/sda/grid/redo", addresses) == ["/sda/grid/redo"]
    assert expand("/nothing*", addresses) == []


@pytest.mark.parametrize("sign", ["?", "*", "[a]", "{a,b}", "]", "}"])
def test_any_sign_makes_a_pattern(sign):
    assert is_pattern(f"/sda/{sign}")


def test_a_plain_address_is_no_pattern():
    assert not is_pattern("/sda/grid/set-1,2!")


@settings(max_examples=300)
@given(st.text("ab?*", max_size=8), st.text("abc", max_size=8))
def test_stars_and_question_marks_agree_with_fnmatch(pattern, text):
    assert matches("/" + pattern, "/" + text) == fnmatch.fnmatchcase(text, pattern)


@pytest.mark.parametrize(
    "sign",
    ["*a", "*", "?*", "[a-z]", "[!A]", "*[!_]", "[abcdefghijklm]", "{,}", "{a,b,c,,}", "{a,aa}*"],
)
@pytest.mark.parametrize("text", ["a" * 60, "abcdefghijklmnopqrstuvwxyz0123456789" + "b" * 24])
def test_the_worst_patterns_take_linear_time(sign, text):
    pattern = "/" + sign * (255 // len(sign))
    addresses = [f"/{text[:-2]}{number:02}" for number in range(100)]
    times = []
    for _ in range(3):
        began = time.perf_counter()
        expand(pattern, addresses)
        times.append(time.perf_counter() - began)
    # 13 ms at worst on a free machine; a pattern that backtracks would not end.
    assert min(times) < 0.1
