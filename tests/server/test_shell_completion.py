"""Completion: what Tab offers, and the scripts in the shells themselves."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scripted_daemon import ScriptedDaemon

from sdaudio_server.cli import main


@pytest.fixture
def offered(daemon, capsys):
    def complete(*words: str) -> list[str]:
        assert main(["complete", "--", *words]) == 0
        return [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]

    return complete


@pytest.fixture
def at(daemon):
    return ("--port", str(daemon.port))


def test_commands_and_options_come_from_the_parser(offered):
    assert {"serve", "call", "listen", "replay"} <= set(offered(""))
    assert "complete" not in offered("")
    assert offered("ca") == ["call"]
    assert "--json" in offered("call", "--")
    assert offered("train", "--preset", "st") == ["standard"]
    assert offered("completion", "") == ["bash", "zsh", "fish"]
    assert offered("train", "") == []
    assert offered("call", "--types", "") == []


def test_addresses_arguments_and_names_come_from_the_daemon(offered, at, grid):
    assert offered("call", *at, "/sda/grid/se") == ["/sda/grid/set"]
    assert offered("call", *at, "/sda/grid/info", grid[:6]).count(grid) == 1
    assert "starter" in offered("call", *at, "/sda/grid/encode", "new", "")
    assert offered("call", *at, "/sda/grid/encode", "new", "starter", "") == []
    assert "/sda/hello" in offered("call", *at, "/sda/help", "")
    assert offered("call", *at, "/sda/job/cancel", "") == []
    options = offered("call", *at, "/sda/prior/sample", "new", "starter", "4", "")
    assert {"temperature", "seed"} <= set(options)
    spent = offered("call", *at, "/sda/prior/sample", "new", "starter", "4", "seed", "1", "")
    assert "seed" not in spent


def test_templates_are_offered_by_name(offered, at, client):
    client.call("/sda/template/save", "offbeat", "starter", 0, 1, 0, 4)
    assert offered("call", *at, "/sda/template/stamp", "starter", "off") == ["offbeat"]
    client.call("/sda/template/delete", "offbeat")


def test_what_the_daemon_says_wins_over_the_table(offered):
    daemon = ScriptedDaemon({
        "/sda/help": [
            ("/sda/help/command", "/sda/new/thing [odd]", "From tomorrow."),
            ("/sda/done", "/sda/help", 1),
        ]
    })  # fmt: skip
    assert offered("call", f"--port={daemon.port}", "") == ["/sda/new/thing"]
    daemon.close()


def test_without_a_daemon_the_table_is_taken(offered):
    silent = ScriptedDaemon({})
    silent.close()
    at = ("--port", str(silent.port))
    assert offered("call", *at, "/sda/grid/se") == ["/sda/grid/set"]
    assert offered("call", *at, "/sda/grid/info", "") == []


def test_it_loads_nothing_slow(daemon):
    code = (
        "import sys\nfrom sdaudio_server.cli import main\n"
        f"main(['complete', '--', 'call', '--port', '{daemon.port}', '/sda/grid/s'])\n"
        "print([m for m in ('torch', 'librosa', 'numpy', 'yaml', 'rich', 'asyncio')"
        " if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "/sda/grid/set\t" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.fixture
def path_with_sdaudio(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "sdaudio"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m sdaudio_server "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path)}


def _in_shell(name: str, code: str, environment: dict[str, str]) -> str:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run(
        [name, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_bash_completes_with_the_script(path_with_sdaudio, daemon):
    code = f"""
source <(sdaudio completion bash)
complete -p sdaudio
COMP_WORDS=(sdaudio call --port {daemon.port} /sda/grid/se); COMP_CWORD=4; _sdaudio
printf '<%s>' "${{COMPREPLY[@]}}"
COMP_WORDS=(sdaudio cal); COMP_CWORD=1; _sdaudio
printf '<%s>' "${{COMPREPLY[@]}}"
"""
    shown = _in_shell("bash", code, path_with_sdaudio)
    assert shown == "complete -o default -F _sdaudio sdaudio\n</sda/grid/set><call>"


def test_fish_completes_with_the_script(path_with_sdaudio, daemon):
    code = f"""
sdaudio completion fish | source
complete -C 'sdaudio call --port {daemon.port} /sda/grid/se'
complete -C 'sdaudio cal'
"""
    shown = _in_shell("fish", code, path_with_sdaudio).splitlines()
    assert [line.split("\t")[0] for line in shown] == ["/sda/grid/set", "call"]


def test_zsh_completes_with_the_script(path_with_sdaudio, daemon):
    code = f"""
compdef() {{ print "compdef $@" }}
_describe() {{ print -r -- $1 ${{(P)2}} }}
_files() {{ print files }}
source <(sdaudio completion zsh)
words=(sdaudio call --port {daemon.port} /sda/grid/se); CURRENT=5; _sdaudio
words=(sdaudio train ''); CURRENT=3; _sdaudio
"""
    shown = _in_shell("zsh", code, path_with_sdaudio).splitlines()
    assert shown[0] == "compdef _sdaudio sdaudio"
    assert shown[1].startswith("sdaudio /sda/grid/set:")
    assert shown[2] == "files"


def test_tab_answers_while_one_still_thinks_of_it(daemon):
    command = [
        sys.executable, "-m", "sdaudio_server", "complete", "--", "call", "--port",
        str(daemon.port), "/sda/grid/s",
    ]  # fmt: skip
    times = []
    for _ in range(5):
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.monotonic() - began)
    # measured: 0.12 s; the bound is for a busy machine and still catches a slow import
    assert min(times) < 0.6
