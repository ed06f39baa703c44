"""The display that stands for Pd's window program: what is drawn, and what the hands do."""

from pathlib import Path

import pytest
from pd_display import PdDisplay, words_of

PATCH = """#N canvas 60 60 400 300 12;
#X obj 20 20 bng 20 50 20 0 pressed empty empty 0 0 0 8 #ffffff #000000 #000000;
#X obj 20 20 cnv 1 60 20 empty face press\\ me 5 10 0 12 #112233 #ffffff 0;
#X obj 20 100 r pressed;
#X msg 20 130 \\; face label done \\; face color #445566 #445566 #ffffff;
#X obj 200 100 key;
#X obj 200 130 makefilename key-%d;
#X msg 200 160 \\; typed label \\$1;
#X obj 200 40 cnv 1 60 20 empty typed empty 5 10 0 12 #112233 #ffffff 0;
#X connect 2 0 3 0;
#X connect 4 0 5 0;
#X connect 5 0 6 0;
"""


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    path = tmp_path / "small.pd"
    path.write_text(PATCH)
    return path


def test_what_is_drawn_can_be_read_and_clicked(patch: Path):
    with PdDisplay([patch]) as display:
        window = display.window("small.pd")
        display.until(lambda: window.has("press me"), "draws its label")
        assert window.colour_at(50, 30) == "#112233"

        display.click_text(window, "press me")

        display.until(lambda: window.has("done"), "takes the click")
        display.until(lambda: window.colour_at(50, 30) == "#445566", "changes its colour")
    assert display.problems == ""


def test_keys_reach_the_patch(patch: Path):
    with PdDisplay([patch]) as display:
        window = display.window("small.pd")
        display.type(window, "a")
        display.until(lambda: window.has("key-97"), "hears the key")


def test_an_error_on_the_console_is_a_problem(tmp_path: Path):
    path = tmp_path / "wrong.pd"
    path.write_text("#N canvas 60 60 400 300 12;\n#X obj 20 20 no-such-object;\n")
    with PdDisplay([path]) as display:
        display.window("wrong.pd")
    assert "no-such-object" in display.problems


def test_braces_and_backslashes_are_read_as_tcl_does():
    assert words_of("a {b {c d}} e\\ f {}") == ["a", "b {c d}", "e f", ""]
