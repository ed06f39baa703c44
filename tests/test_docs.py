"""What the documents say is true: commands bind, links lead somewhere, the reader reads."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sdaudio.resources import starter_model
from sdaudio_server.cli import command_line
from sdaudio_server.commands import all_commands
from sdaudio_server.registry import Registry
from sdaudio_server.shell.words import read_words

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md", ROOT / "docs" / "architecture.md", ROOT / "docs" / "hosts.md",
    ROOT / "patches" / "README.md",
]  # fmt: skip
ANSWERS = (
    "/sda/done", "/sda/fail", "/sda/job/", "/sda/grid/state", "/sda/grid/sound", "/sda/model/state",
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
