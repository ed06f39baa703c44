"""The examples in docs/examples, run against a real daemon by the programs they are written for."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sdaudio.audio import read_sound
from sdaudio_server.cli import main
from sdaudio_server.commands import all_commands
from sdaudio_server.registry import Registry

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
EVENTS = {"/sda/done", "/sda/fail", "/sda/job/done", "/sda/job/failed", "/sda/grid/rendered"}


def _run(daemon, tmp_path: Path, *command: object) -> str:
    program = shutil.which(str(command[0]))
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    words = [program, *(str(word) for word in command[1:]), str(daemon.port)]
    # The programs write to the folder for temporary files; each test has its own.
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_address_in_an_example_is_known(path: Path):
    known = set(Registry(all_commands()).addresses)
    found = set(re.findall(r"/sda/[a-z/]*[a-z]", path.read_text(encoding="utf-8")))
    assert len(found) > 3
    assert found <= known | EVENTS


def test_the_shell_example_runs(daemon, tmp_path: Path):
    if shutil.which("oscdump") is None:
        pytest.skip("oscdump is not installed (apt install liblo-tools)")
    shown = _run(daemon, tmp_path, "sh", EXAMPLES / "shell.sh")
    assert "sdaudio " in shown.splitlines()[0]
    assert "exit code 2" in shown
    assert "/sda/grid/codes" in shown
    assert f"rendered {tmp_path}/sdaudio-shell.wav" in shown
    assert len(read_sound(tmp_path / "sdaudio-shell.wav", 48_000)) == 94 * 1024


def test_the_python_example_runs(daemon, client, tmp_path: Path):
    shown = _run(daemon, tmp_path, sys.executable, EXAMPLES / "python_osc.py")
    assert "hello from sdaudio" in shown
    assert "/sda/job/progress" in shown
    assert len(read_sound(tmp_path / "sdaudio-python.wav", 48_000)) == 94 * 1024


def test_the_node_example_runs(daemon, tmp_path: Path):
    shown = _run(daemon, tmp_path, "node", EXAMPLES / "node.mjs")
    assert "hello from sdaudio" in shown
    assert "new material: node 94" in shown
    assert "refused: /sda/grid/set: argument 2 'level' is 9" in shown
    assert len(read_sound(tmp_path / "sdaudio-node.wav", 48_000)) == 94 * 1024


def test_the_score_plays_and_leaves_the_grid_as_it_was(daemon, client):
    def codes():
        return [client.call("/sda/grid/get", "starter", level, 0, 48) for level in range(3)]

    before = codes()
    score = str(EXAMPLES / "bells.score")
    assert main(["replay", score, "--speed", "8", "--port", str(daemon.port)]) == 0
    assert codes() == before
