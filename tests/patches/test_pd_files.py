"""The Pd files as text: made by their source, vanilla only, tidy, and without loose names."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pd_file import Box, Canvas, canvases_of
from pd_process import PATCHES

FILES = sorted(PATCHES.glob("*.pd"))
GUI = {"cnv", "bng", "hsl", "tgl"}
VANILLA_WORDS = """
    + - * / % == > < >= <= && mod div min max i f clip expr moses change
    r s send receive inlet outlet loadbang key
    t route sel spigot pack unpack list symbol makefilename until
    del metro text file openpanel
    netsend oscformat oscparse
    struct drawnumber filledpolygon pointer get set append
    pd
"""
VANILLA = GUI | set(VANILLA_WORDS.split())
# What other patches and the command line may send, and what only they listen to.
PUBLIC = {"sda-connect", "sda-open-file", "sda-scroll", "sda-step", "sda-want-grid"}


def test_files_equal_their_source():
    check = subprocess.run(
        [sys.executable, PATCHES / "source", "--check"], capture_output=True, text=True
    )
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_vanilla_objects_and_own_abstractions_are_used(path: Path):
    own = {file.stem for file in FILES}
    used = {
        box.name
        for canvas in canvases_of(path.read_text(), path.name)
        for box in canvas.boxes
        if box.kind == "obj"
    }
    assert used - VANILLA - own == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_two_boxes_overlap(path: Path):
    touching = [
        f"{canvas.name}: {' '.join(one.words)} | {' '.join(other.words)}"
        for canvas in canvases_of(path.read_text(), path.name)
        for one, other in itertools.combinations(_written_boxes(canvas), 2)
        if _overlap(one.rectangle(), other.rectangle())
    ]
    assert touching == []


def test_every_name_that_is_sent_is_received_and_the_other_way_round():
    sent, received = set(PUBLIC), set()
    for path in FILES:
        for canvas in canvases_of(path.read_text(), path.name):
            for box in canvas.boxes:
                sent |= _sent_by(box)
                received |= _received_by(box)
    assert received - sent == set()
    assert sent - received == set()


def test_the_daemon_knows_every_address_that_is_sent(daemon):
    text = "".join(path.read_text() for path in FILES)
    addresses = set(re.findall(r"(?:list prepend|msg \d+ \d+|\\,) (/sda/[a-z/]+)", text))
    assert {"/sda/grid/set", "/sda/subscribe", "/sda/play/loop"} <= addresses
    with daemon.client() as client:
        for address in addresses:
            assert client.call("/sda/help", address)


def _written_boxes(canvas: Canvas) -> list[Box]:
    # The drawing of the grid is larger than its name, and the header lies under its words.
    return [
        box
        for box in canvas.boxes
        if box.words[:2] != ("pd", "sda-cells") and not (box.name == "cnv" and box.y == 0)
    ]


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _sent_by(box: Box) -> set[str]:
    if box.kind == "msg":
        return set(re.findall(r"\\; (sda-\S+)", " ".join(box.words)))
    match box.name if box.kind == "obj" else "":
        case "s" | "sda.label":
            return {word for word in box.words[1:2] if word != "\\$1"}
        case "bng":
            return _names(box.words[5:6])
        case "tgl":
            return _names(box.words[3:4])
        case "hsl":
            return _names(box.words[7:8])
    return set()


def _received_by(box: Box) -> set[str]:
    match box.name if box.kind == "obj" else "":
        case "r":
            return {box.words[1]}
        case "cnv":
            return _names(box.words[5:6])
        case "hsl":
            return _names(box.words[8:9])
    return set()


def _names(words: tuple[str, ...]) -> set[str]:
    return {word for word in words if word != "empty"}
