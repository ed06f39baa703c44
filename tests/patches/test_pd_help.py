"""The help patches: every one works when it is opened, and every message in it does."""

import re
from pathlib import Path

import pytest
from pd_display import PATCHES, PdDisplay
from pd_file import canvases_of

HELP = sorted(PATCHES.glob("*-help.pd"))
# They speak to another daemon, or to none.
ELSEWHERE = ("connect", "disconnect")


def test_each_part_for_patchers_has_one():
    inside = {"label", "lines", "words", "latest", "count", "number", "if-mine", "to-grid", "entry"}
    parts = {p.stem for p in PATCHES.glob("sda.*.pd") if not p.stem.endswith("-help")}
    own = parts - {f"sda.{name}" for name in inside} - {"sda.code-voice~"}
    assert {path.stem.removesuffix("-help") for path in HELP} == own


@pytest.mark.parametrize("path", HELP, ids=lambda path: path.stem)
def test_it_works_when_it_is_opened(path: Path, spare_daemon):
    messages = [
        " ".join(box.words)
        for box in canvases_of(path.read_text(), path.name)[-1].boxes
        if box.kind == "msg"
    ]
    refused: list[str] = []
    with (
        spare_daemon.client() as client,
        PdDisplay([path], sends=[f"sda-connect 127.0.0.1 {spare_daemon.port}"]) as pd,
    ):
        client.call("/sda/subscribe")
        window = pd.window(path.name)
        pd.until(lambda: window.has("connected to sdaudio"), "connects")
        pd.wait(0.3)
        for message in messages:
            if not message.startswith(("\\;", *ELSEWHERE)):
                pd.click_text(window, re.sub(r"\\", "", message))
                pd.wait(0.1)
                refused += [text for text in window.texts().values() if text.startswith("fail ")]
    assert pd.problems == ""
    expected = 1 if path.stem == "sda.client-help" else 0
    assert len(set(refused)) <= expected, refused
