"""What the documents say is true: commands bind, links lead somewhere, the reader reads."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sdaudio.resources import starter_model
from sdaudio_server.commands import all_commands
from sdaudio_server.registry import Registry

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "docs" / "architecture.md", ROOT / "patches" / "README.md"]
ANSWERS = ("/sda/done", "/sda/fail", "/sda/job/", "/sda/grid/state", "/sda/model/state")


def _value(word: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _examples() -> list[tuple[str, str, tuple[int | float | str, ...]]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for line in re.findall(r"^oscsend 127\.0\.0\.1 5630 (/\S+)([^#\n]*)", text, re.MULTILINE):
            words = shlex.split(line[1])
            found.append((page.name, line[0], tuple(_value(word) for word in words[1:])))
        for span in re.findall(r"`(/sda/[^`<\[]+)`", text):
            address, *words = shlex.split(span)
            if not address.startswith(ANSWERS) and "..." not in span:
                found.append((page.name, address, tuple(_value(word) for word in words)))
    return found


@pytest.mark.parametrize(("page", "address", "arguments"), _examples())
def test_every_command_in_the_documents_exists_and_takes_its_arguments(page, address, arguments):
    command = Registry(all_commands())[address]
    if arguments:
        command.bind(arguments)


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
