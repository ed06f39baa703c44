"""What the documents say is true: commands bind, links lead somewhere, the reader reads."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from sdaudio.resources import starter_model
from sdaudio_server.cli import command_line
from sdaudio_server.client import Client
from sdaudio_server.commands import all_commands
from sdaudio_server.registry import Registry
from sdaudio_server.shell.words import read_words

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "architecture.md",
    ROOT / "docs" / "discover.md",
    ROOT / "docs" / "editing.md",
    ROOT / "docs" / "hosts.md",
    ROOT / "docs" / "sampling.md",
    ROOT / "patches" / "README.md",
]
REGISTRY = Registry(all_commands())
ANSWERS = (
    "/sda/done", "/sda/fail", "/sda/job/", "/sda/grid/state", "/sda/grid/sound",
    "/sda/grid/rendered", "/sda/model/state",
)  # fmt: skip


def _examples() -> list[tuple[str, str, tuple[int | float | str, ...]]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for line in re.findall(r"^oscsend 127\.0\.0\.1 5630 (/\S+)([^#\n]*)", text, re.MULTILINE):
            words = shlex.split(line[1])
            found.append((page.name, line[0], read_words(words[1:])[0]))
        for line in re.findall(r"^sdaudio call (/[^#\n]*)", text, re.MULTILINE):
            parsed = command_line().parse_args(["call", *shlex.split(line)])
            found.append((page.name, parsed.address, read_words(parsed.words)[0]))
        for span in re.findall(r"`(/sda/[^`<\[]+)`", text):
            address, *words = shlex.split(span)
            if not address.startswith(ANSWERS) and "..." not in span:
                found.append((page.name, address, read_words(words)[0]))
    return found


@pytest.mark.parametrize(("page", "address", "arguments"), _examples())
def test_every_command_in_the_documents_exists_and_takes_its_arguments(
    client: Client, page, address, arguments
):
    if address.startswith("/sda/state/") and address not in REGISTRY:
        assert client.call("/sda/help", address)[0].startswith(address)
    elif arguments:
        REGISTRY[address].bind(arguments)
    else:
        assert address in REGISTRY


def test_the_lines_of_the_editing_page_run_one_after_the_other(client: Client):
    text = (ROOT / "docs" / "editing.md").read_text(encoding="utf-8")
    answers = {}
    for line in re.findall(r"^sdaudio call (/[^#\n]*)", text, re.MULTILINE):
        parsed = command_line().parse_args(["call", *shlex.split(line)])
        send = client.job if REGISTRY[parsed.address].is_job else client.call
        answers[line.strip()] = send(parsed.address, *read_words(parsed.words)[0])
    assert len(answers) > 15
    assert answers["/sda/grid/paste one 1 180"][1:] == (2, 8, 1, 8)


def test_the_lines_of_the_sampling_page_run_one_after_the_other(client: Client):
    text = (ROOT / "docs" / "sampling.md").read_text(encoding="utf-8")
    lines = re.findall(r"^sdaudio call (/[^#\n]*)", text, re.MULTILINE)
    assert len(lines) > 20
    novelties = []
    for line in lines:
        parsed = command_line().parse_args(["call", *shlex.split(line)])
        send = client.job if REGISTRY[parsed.address].is_job else client.call
        answer = send(parsed.address, *read_words(parsed.words)[0])
        if parsed.address == "/sda/prior/novelty":
            novelties.append(answer[3])
    assert novelties[0] < 0.9 <= novelties[1]


def test_every_query_in_the_documents_is_answered(daemon):
    text = (ROOT / "docs" / "discover.md").read_text(encoding="utf-8")
    targets = re.findall(r'^curl "http://127\.0\.0\.1:5631(\S+)"$', text, re.MULTILINE)
    assert len(targets) == 3
    for target in targets:
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http_port}{target}") as answer:
            assert json.load(answer)


def test_the_documents_list_every_value_with_its_type(daemon):
    text = (ROOT / "docs" / "discover.md").read_text(encoding="utf-8")
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http_port}/") as answer:
        values = _values(json.load(answer))
    rows = [line.split("|")[1:4] for line in text.splitlines() if line.startswith("| `/sda/")]
    told = {}
    for addresses, types, settable in rows:
        named = re.findall(r"`(\S+)`", addresses)
        kinds = [kind.strip() for kind in types.split(",")]
        for address, kind in zip(named, kinds * len(named), strict=False):
            told[address] = (kind, settable.strip() == "yes")
    held = {}
    for node in values:
        address = re.sub(r"/(grid|model)/[^/]+", r"/\1/<\1>", node["FULL_PATH"])
        address = re.sub(r"(/mute|/solo|/label|/lock)/\d", r"\1/<level>", address)
        held[address] = (node["TYPE"], node["ACCESS"] == 3)
    assert told == held


def _values(node: dict[str, Any]) -> list[dict[str, Any]]:
    inside = [value for child in node.get("CONTENTS", {}).values() for value in _values(child)]
    return [node, *inside] if "VALUE" in node else inside


def test_enough_examples_are_found():
    assert len(_examples()) > 25


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_reader_in_the_architecture_page_reads_a_model(tmp_path: Path):
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    shutil.copy(starter_model(), tmp_path / "kitchen.sda")
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert shown.stdout.split()[0] == "starter"
    assert "(3, 128, 32)" in shown.stdout
