"""The Pd files as text: made by their source, vanilla only, tidy, and without loose names."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pd_display import PATCHES
from pd_file import Box, Canvas, canvases_of

FILES = sorted(PATCHES.rglob("*.pd"))
GUI = {"cnv", "bng", "hsl", "hradio"}
OWN = {file.stem for file in PATCHES.glob("*.pd")}
VANILLA_WORDS = """
    + - * / == != > < >= <= mod div min max i f clip expr expr~ moses change until
    r s r~ s~ inlet outlet outlet~ loadbang key keyname
    t route sel spigot pack unpack list symbol makefilename fudiparse
    random notein dac~ catch~ throw~ declare
    del metro text file openpanel array tabread tabwrite soundfiler poly clone
    netsend oscformat oscparse
    keyup struct drawpolygon pointer get set append
    tabread4~ line~ vline~ rpole~ sig~ bang~ samplerate~ block~ *~ +~ -~
    pd
"""
VANILLA = GUI | set(VANILLA_WORDS.split())


def test_files_equal_their_source():
    check = subprocess.run(
        [sys.executable, PATCHES / "source", "--check"], capture_output=True, text=True
    )
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_vanilla_objects_and_own_abstractions_are_used(path: Path):
    used = {
        box.name
        for canvas in canvases_of(path.read_text(), path.name)
        for box in canvas.boxes
        if box.kind == "obj"
    }
    assert used - VANILLA - OWN == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_two_boxes_overlap(path: Path):
    touching = [
        f"{canvas.name}: {' '.join(one.words)} | {' '.join(other.words)}"
        for canvas in canvases_of(path.read_text(), path.name)
        for one, other in itertools.combinations(_logic(canvas), 2)
        if _overlap(_extent(one), _extent(other))
    ]
    assert touching == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_local_name_that_is_sent_is_received_and_the_other_way_round(path: Path):
    text = path.read_text().replace("\n", " ")
    boxes = [box for canvas in canvases_of(path.read_text(), path.name) for box in canvas.boxes]
    sent = {word for box in boxes for word in _names(box, "s", "s~", bng=5, hsl=7, hradio=5)}
    received = {
        word for box in boxes for word in _names(box, "r", "r~", bng=6, hsl=8, cnv=5, hradio=6)
    }
    # What a box draws for others to change by a name that is put together, what is handed on as an
    # argument, and what the fields send.
    handed = set(re.findall(r"sda\.\S+[^;]*?(\\\$0-[a-z0-9_-]+)", text))
    handed |= {f"{name}-{n}" for name in re.findall(r"sda\.lines (\S+)", text) for n in (0, 1)}
    built = {re.sub(r"\d+(-\d+)?$", "", word) for word in re.findall(r"\\\$1-([a-z_-]+)", text)}
    for word in sent - received:
        assert word in handed or word.endswith("-press") or _is_hidden(word), f"{word} goes nowhere"
    for word in received - sent:
        stem = re.sub(r"\d+(-\d+)?$", "", word.removeprefix("\\$0-"))
        # Not every button changes its looks.
        assert word in handed or stem in built or word.endswith("-face"), f"{word} has no source"


def test_the_daemon_knows_every_address_that_is_sent(daemon):
    text = "".join(path.read_text().replace("\n", " ") for path in FILES)
    addresses = set(
        re.findall(
            r"(?:list prepend|list append|msg \d+ \d+|sda\.to-grid \S+ \S+) (/sda/[a-z/]+)", text
        )
    )
    assert {"/sda/grid/fill", "/sda/subscribe", "/sda/play/loop", "/sda/train/start"} <= addresses
    with daemon.client() as client:
        for address in addresses:
            assert client.call("/sda/help", address)


def _logic(canvas: Canvas) -> list[Box]:
    # In a face what is seen lies over what takes the click, on purpose.
    return [
        box
        for box in canvas.boxes
        if box.name not in GUI and not (box.kind == "restore" and "hot-" in box.words[-1])
    ]


def _extent(box: Box) -> tuple[int, int, int, int]:
    """Where a box is; that of a part with a face is as large as it."""
    face = re.search(
        r"#X coords 0 0 \d+ \d+ (\d+) (\d+) 2 \d+ \d+;\s*$",
        (PATCHES / f"{box.name}.pd").read_text() if box.kind == "obj" and box.name in OWN else "",
    )
    if not face:
        return box.rectangle()
    return box.x, box.y, box.x + int(face[1]), box.y + int(face[2])


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _names(box: Box, *kinds: str, **places: int) -> list[str]:
    words: tuple[str, ...] = ()
    if box.kind == "obj" and box.name in kinds:
        words = box.words[1:2]
    elif box.kind == "obj" and box.name in places:
        words = box.words[places[box.name] : places[box.name] + 1]
    return [word for word in words if word.startswith("\\$0-")]


def _is_hidden(word: str) -> bool:
    """Whether it is the name of an array, which takes messages."""
    return word in ("\\$0-want", "\\$0-have")
