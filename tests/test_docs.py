"""What the documents say is true: commands bind, links lead somewhere, the reader reads."""

import json
import os
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
from sdaudio_server.cli import command_line, main
from sdaudio_server.client import Client
from sdaudio_server.commands import SECTIONS, all_commands
from sdaudio_server.registry import Registry
from sdaudio_server.shell.words import read_words

ROOT = Path(__file__).parent.parent
REFERENCE = {"osc.md": "osc", "cli.md": "cli", "config.md": "config"}
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name not in REFERENCE),
    ROOT / "patches" / "README.md",
    ROOT / "patches" / "max" / "README.md",
]
GUIDES = ("first-model.md", "dataset.md", "gpu.md", "installations.md", "editing.md", "sampling.md")
REGISTRY = Registry(all_commands())
ANSWERS = (
    "/sda/done", "/sda/fail", "/sda/job/", "/sda/grid/state", "/sda/grid/sound",
    "/sda/grid/rendered", "/sda/model/state", "/sda/midi/note", "/sda/midi/failed",
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
        client.call("/sda/grid/new", "one", "starter", 4)
        assert client.call("/sda/help", address)[0].startswith(address)
        client.call("/sda/grid/close", "one")
    elif arguments:
        REGISTRY[address].bind(arguments)
    else:
        assert address in REGISTRY or address in SECTIONS


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


def command_lines() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
        lines = re.findall(r"^(?:\.venv/bin/)?sdaudio (.+)$", fences, re.MULTILINE)
        lines += re.findall(r"`(?:\.venv/bin/)?sdaudio ([^`<>|]+)`", text)
        found += [(page.name, line) for line in lines]
    return found


@pytest.mark.parametrize(("page", "line"), command_lines())
def test_every_line_of_the_command_line_in_the_documents_is_understood(page: str, line: str):
    words = shlex.split(line, comments=True)
    # what is told of in passing stands without what it needs, in capitals or as a list
    if "..." in line or len(words) == 1 or words[-1] in ("COMMAND", "WHAT"):
        assert words[0] in command_line().format_help() or words[0].isupper()
        return
    stops = [place for place, word in enumerate(words) if word in ("|", ">", "&&", ";")]
    command_line().parse_args(words[: stops[0]] if stops else words)


def test_enough_examples_are_found():
    assert len(command_lines()) > 60
    assert len(_examples()) > 25


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_reader_in_the_page_of_the_file_format_reads_a_model(tmp_path: Path):
    [code] = blocks("file-format.md", "python")
    shutil.copy(starter_model(), tmp_path / "kitchen.sda")
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert shown.stdout.split()[0] == "starter"
    assert "(3, 128, 32)" in shown.stdout
    assert len(code.splitlines()) <= 20


@pytest.mark.parametrize(("page", "kind"), REFERENCE.items())
def test_a_reference_page_is_what_the_program_says(page: str, kind: str, capsys):
    assert main(["reference", kind]) == 0
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == capsys.readouterr().out


def test_the_configuration_with_all_defaults_is_what_the_program_says(capsys):
    assert main(["config", "defaults"]) == 0
    written = (ROOT / "config" / "default.yaml").read_text(encoding="utf-8")
    assert written == capsys.readouterr().out


def test_the_notebook_runs(tmp_path: Path, sound_folder: Path):
    shutil.copytree(sound_folder, tmp_path / "sounds")
    code = "\n".join(blocks("notebooks.md", "python")).replace("minutes=2", "minutes=0.03")
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "s left" in shown.stdout
    made = {path.name for path in tmp_path.iterdir()}
    assert {"half.wav", "half.png", "half.json", "bells.sda"} <= made


@pytest.mark.parametrize("page", GUIDES)
def test_the_lines_of_a_guide_run_one_after_the_other(
    page: str, new_daemon, sound_folder: Path, tmp_path: Path
):
    """As somebody would who pastes them, in a home of their own; only trainings are shorter."""
    home = tmp_path / "home"
    for name in ("kitchen", "more"):
        (home / "Sounds" / name).mkdir(parents=True)
    sounds = sorted(sound_folder.iterdir())
    for number, sound in enumerate(sounds):
        shutil.copy(sound, home / "Sounds" / ("more" if number > 4 else "kitchen"))
    (home / "Sounds" / "kitchen" / sounds[0].name).rename(home / "Sounds" / "kitchen" / "pan.wav")
    daemon = new_daemon()
    config = home / "sdaudio.yaml"
    folders = {"models": str(daemon.folder / "models"), "output": str(home)}
    config.write_text(json.dumps({"server": {"port": daemon.port}, "folders": folders}))
    environment = {
        **os.environ, "HOME": str(home), "SDAUDIO_CONFIG": str(config),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    if page == "dataset.md":
        run_lines("sdaudio train ~/Sounds/kitchen --name kitchen --minutes 0.02", home, environment)
    lines = "".join(blocks(page, "sh"))
    assert "sdaudio" in lines
    shortened = re.sub(r"--preset \w+|--minutes [\d.]+", "--minutes 0.03", lines)
    run_lines(shortened, home, environment)


def run_lines(lines: str, home: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euc", lines], cwd=home, env=environment, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
