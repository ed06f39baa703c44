"""The files of the Max package: whole, valid, plain, and of one mind with the daemon."""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import esprima
import pytest
from max_host import PACKAGE, ROOT, node
from py2max import m4l, maxref

DEVICE = PACKAGE / "examples" / "sdaudio for Live.amxd"
PATCHERS = [*sorted(PACKAGE.rglob("*.maxpat")), *sorted(PACKAGE.rglob("*.maxhelp")), DEVICE]
HELPS = sorted((PACKAGE / "help").glob("*.maxhelp"))
SCRIPTS = sorted((PACKAGE / "javascript").glob("*.js"))
NEWER = {
    "ArrowFunctionExpression", "ClassDeclaration", "ClassExpression", "TemplateLiteral",
    "SpreadElement", "RestElement", "ForOfStatement", "AssignmentPattern", "ObjectPattern",
    "ArrayPattern", "YieldExpression", "AwaitExpression", "ImportDeclaration", "TemplateElement",
}  # fmt: skip


def boxes(path: Path) -> list[dict[str, Any]]:
    return [each["box"] for each in patcher_of(path)["boxes"]]


def patcher_of(path: Path) -> dict[str, Any]:
    whole = m4l.read_amxd(path)[0] if path == DEVICE else json.loads(path.read_text())
    assert isinstance(whole, dict)
    return dict(whole["patcher"])


def ids(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_they_are_what_their_source_writes():
    command = [sys.executable, "patches/max/source", "--check"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_package_says_what_max_asks_for():
    info = json.loads((PACKAGE / "package-info.json").read_text())
    assert info["name"] == "sdaudio"
    assert info["max_version_min"].startswith("8.")
    assert (PACKAGE / "patchers" / info["homepatcher"]).is_file()


@pytest.mark.parametrize("path", PATCHERS, ids=ids(PATCHERS))
def test_an_independent_reader_of_patchers_finds_no_error(path: Path):
    command = [sys.executable, "-m", "py2max", "validate", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "ERROR" not in run.stdout


@pytest.mark.parametrize("path", PATCHERS, ids=ids(PATCHERS))
def test_every_object_is_one_of_max_or_of_the_package(path: Path):
    own = {each.stem for each in PATCHERS}
    for box in boxes(path):
        name = box["text"].split()[0] if box["maxclass"] == "newobj" else box["maxclass"]
        assert name in own or maxref.get_object_info(name), f"Max has no object {name}"


@pytest.mark.parametrize("path", PATCHERS, ids=ids(PATCHERS))
def test_every_file_that_is_named_is_there(path: Path):
    for box in boxes(path):
        words = box.get("text", "").split()
        named = [box.get("name"), box.get("filename")]
        named += words[1:2] if words[:1] == ["js"] else []
        named += words[1:2] if box["maxclass"] == "message" and words[:1] == ["load"] else []
        for name in filter(None, named):
            assert any(PACKAGE.rglob(name)), f"{name} is not in the package"


@pytest.mark.parametrize("path", PATCHERS, ids=ids(PATCHERS))
@pytest.mark.parametrize("key", ["patching_rect", "presentation_rect"])
def test_no_two_boxes_overlap(path: Path, key: str):
    # a panel lies behind all others
    placed = [box for box in boxes(path) if key in box and box["maxclass"] != "panel"]
    for one, other in itertools.combinations(placed, 2):
        left, right = one[key], other[key]
        apart = any(
            left[side] + left[side + 2] <= right[side]
            or right[side] + right[side + 2] <= left[side]
            for side in (0, 1)
        )
        assert apart, f"{described(one)} {left} and {described(other)} {right} overlap"


@pytest.mark.parametrize("path", PATCHERS, ids=ids(PATCHERS))
def test_what_is_presented_lies_within_the_window(path: Path):
    patcher = patcher_of(path)
    if path in HELPS or path.stem == "sda.play~":
        assert patcher["openinpresentation"] == 0
        return
    assert patcher["openinpresentation"] == 1
    shown = [box["presentation_rect"] for box in boxes(path) if box.get("presentation")]
    assert shown
    for x, y, width, height in shown:
        assert x >= 0
        assert y >= 0
        assert x + width <= patcher["rect"][2]
        assert y + height <= patcher["rect"][3]


def test_every_part_has_its_help():
    parts = {path.stem for path in (PACKAGE / "patchers").glob("sda.*.maxpat")}
    assert {path.stem for path in HELPS} == parts - {"sda.grid-small"}


@pytest.mark.parametrize("path", HELPS, ids=ids(HELPS))
def test_every_part_has_a_page_in_the_reference_of_max(path: Path):
    page = ElementTree.parse(PACKAGE / "docs" / f"{path.stem}.maxref.xml").getroot()
    assert page.get("name") == path.stem
    assert page.findtext("digest")
    assert page.findtext("objarglist/objarg/digest")
    told = {str(method.get("name")) for method in page.iterfind("methodlist/method")}
    tried = {box["text"].split()[0] for box in boxes(path) if box.get("hint")}
    assert told == tried
    part = next(
        box
        for box in boxes(path)
        if box["numinlets"] and named(box) == path.stem and box["maxclass"] != "comment"
    )
    assert len(page.findall("outletlist/outlet")) == part["numoutlets"]


def named(box: dict[str, Any]) -> str:
    """The part that a box shows."""
    return str(box.get("name") or box.get("text", "").split(" ")[0]).removesuffix(".maxpat")


def test_the_device_is_an_instrument_of_live():
    whole, kind = m4l.read_amxd(DEVICE)
    assert kind == "instrument"
    # what Live shows of a device is 169 pixels high
    assert whole["patcher"]["rect"][3] == 169
    named = [box.get("parameter_enable") for box in boxes(DEVICE) if box["maxclass"] == "live.dial"]
    assert named == [1, 1]


def described(box: dict[str, Any]) -> str:
    return f"{box['id']} {box['maxclass']} {str(box.get('text', ''))[:30]!r}"


@pytest.mark.parametrize("path", SCRIPTS, ids=ids(SCRIPTS))
def test_scripts_are_of_the_language_that_max_8_knows(path: Path):
    for found in syntax(esprima.parseScript(path.read_text()).toDict()):
        assert found["type"] not in NEWER, found["type"]
        if found["type"] == "VariableDeclaration":
            assert found["kind"] == "var"
        if found["type"] == "Property":
            assert not found["shorthand"]
            assert not found["computed"]
            assert not found["method"]


def syntax(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if isinstance(tree.get("type"), str):
            yield tree
        for value in tree.values():
            yield from syntax(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from syntax(value)


def test_the_daemon_knows_every_command_that_is_sent(daemon):
    sent = set()
    for path in SCRIPTS:
        # what is received is compared with, what is sent begins a message
        sent |= set(re.findall(r'\[\s*"(/sda/[a-z/]+)"', path.read_text()))
        sent |= set(re.findall(r'_region_command\("(/sda/[a-z/]+)"', path.read_text()))
    for path in PATCHERS:
        texts = [box.get("text", "") for box in boxes(path)]
        sent |= {text.split()[1] for text in texts if text.startswith("prepend /sda/")}
    assert {"/sda/grid/set", "/sda/subscribe", "/sda/grid/step", "/sda/grid/undo"} <= sent
    with daemon.client() as client:
        for address in sorted(sent):
            assert client.call("/sda/help", address)


CONNECTION = """
const { Connection, drawPort } = require("sdaudio_connection");
const c = new Connection(21000);
const told = [];
function step(what) { told.push([what, c.isConnected, c.status, c.out.splice(0)]); }
c.tick(0); step("asked");
c.receive("/sda/done", ["/sda/subscribe", 1], 10); step("found");
c.tick(2000); step("asked again");
c.tick(5020); step("lost");
c.receive("/sda/fail", ["/sda/hello", "access", "The token is wrong."], 5030); step("refused");
c.token = "secret"; c.tick(7000); step("token");
c.receive("/sda/done", ["/sda/hello", "sdaudio", "9.0", 2, 5630, 0], 7010); step("other protocol");
c.connect("192.168.1.20"); step("elsewhere");
c.leave(); step("left");
const ports = [0, 0.5, 0.99999].map((x) => drawPort(() => x));
console.log(JSON.stringify([told, ports]));
"""


def test_the_connection_asks_finds_loses_and_says_why():
    run = subprocess.run(
        [node(), "-e", CONNECTION], env={"NODE_PATH": str(PACKAGE / "javascript")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told, ports = json.loads(run.stdout)
    steps = {what: (is_connected, status, out) for what, is_connected, status, out in told}
    assert steps["asked"][2] == [["/sda/hello"], ["/sda/subscribe", 21000]]
    assert steps["found"][:2] == (True, "connected to 127.0.0.1 port 5630")
    assert steps["asked again"] == (True, "connected to 127.0.0.1 port 5630", [["/sda/hello"]])
    assert steps["lost"][:2] == (False, "lost sdaudio at 127.0.0.1 port 5630")
    assert steps["refused"][1] == "The token is wrong."
    assert steps["token"][2][0] == ["/sda/hello", "secret"]
    assert "protocol 2, these patches 1" in steps["other protocol"][1]
    assert steps["elsewhere"][1] == "looking for sdaudio at 192.168.1.20 port 5630"
    assert steps["left"][2] == [["/sda/unsubscribe", 21000]]
    assert ports == [20000, 40000, 59999]
