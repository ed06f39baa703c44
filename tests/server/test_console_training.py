"""``sdaudio train``, ``train-prior``, ``dataset`` and ``report``: JSON, and by the daemon."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sdaudio.modelfile import read_header
from sdaudio_server.cli import main


def sdaudio(capsys, *words: object, code: int = 0) -> str:
    assert main([str(word) for word in words]) == code
    return str(capsys.readouterr().out)


@pytest.fixture(scope="module")
def there(spare_daemon) -> list[str]:
    return ["--server", f"127.0.0.1:{spare_daemon.port}"]


def test_a_training_tells_a_program_how_it_went(sound_folder: Path, tmp_path: Path, capsys):
    looked = json.loads(sdaudio(capsys, "dataset", sound_folder, "--json"))
    assert (looked["n_used"], looked["problem"]) == (8, "")
    assert len(looked["files"]) == 8
    models = ["--models", tmp_path]
    words = ["train", sound_folder, "--name", "bells", "--minutes", 0.02, "--json", *models]
    record = json.loads(sdaudio(capsys, *words))
    assert (record["model"], record["files"], record["complete"]) == ("bells", 8, True)
    assert [level["level"] for level in record["levels"]] == ["Structure", "Timbre", "Detail"]
    assert record["quality"]["mel"] > 0
    assert Path(record["path"]).is_file()
    again = json.loads(sdaudio(capsys, "train-prior", "bells", "--counts-only", "--json", *models))
    assert again["prior"]["kind"] == "counts"
    reported = json.loads(
        sdaudio(capsys, "report", "bells", "--sounds", sound_folder, "--json", *models)
    )
    assert len(reported["quality"]["files"]) == 8
    empty = tmp_path / "empty"
    empty.mkdir()
    assert json.loads(sdaudio(capsys, "dataset", empty, "--json", code=1))["problem"]


def test_the_daemon_trains_goes_on_and_adds(
    there, spare_daemon, sound_folder: Path, tmp_path: Path, capsys
):
    short = ["--minutes", 0.03, *there]
    told = sdaudio(capsys, "train", sound_folder, "--name", "by daemon", "--levels", 2,
                   "--no-factors", "--codebook-size", 64, *short)  # fmt: skip
    assert told.startswith("by daemon: trained by the daemon")
    header = read_header(spare_daemon.folder / "models" / "by daemon.sda")
    codec = header.codec
    assert (codec.n_levels, codec.codebook_size, codec.factors) == (2, 64, False)
    record = json.loads(sdaudio(capsys, "train", "--resume", "by daemon", "--json", *short))
    assert record["model"] == "by daemon"
    sdaudio(capsys, "train-prior", "by daemon", "--counts-only", *there)
    assert main(["train", str(sound_folder), "--name", "by daemon", *map(str, short)]) == 1
    assert "already" in capsys.readouterr().err
    words = ["train", str(sound_folder), "--name", "x", "--pictures", str(tmp_path)]
    assert main([*words, *map(str, short)]) == 2
    assert "do not go with --server" in capsys.readouterr().err


def test_ctrl_c_lets_the_daemon_keep_the_best_so_far(there, spare_daemon, sound_folder: Path):
    command = [sys.executable, "-m", "sdaudio_server", "train", str(sound_folder),
               "--name", "stopped", "--minutes", "10", *there]  # fmt: skip
    with spare_daemon.client() as client:
        client.call("/sda/subscribe")
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        client.wait_for("/sda/train/level", timeout_s=60)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert out.startswith("stopped: trained")
    header = read_header(spare_daemon.folder / "models" / "stopped.sda")
    assert not header.training.complete
    assert header.has_prior


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["models", ""], {"tag", "search", "restore", "verify"}),
        (["models", "t"], {"tag", "trash"}),
        (["models", "tag", "st"], {"starter"}),
        (["plot", "a"], {"atlas"}),
        (["grid", ""], {"show", "diff"}),
        (["encode", "--model", "s"], {"starter"}),
        (["health", ""], {"starter"}),
        (["config", "s"], {"show"}),
        (["generate", "--to"], {"--top-k", "--top-p"}),
    ],
)
def test_tab_completes_commands_within_commands_and_models(words: list[str], expected: set[str]):
    shown: Any = subprocess.run(
        [sys.executable, "-m", "sdaudio_server", "complete", "--", *words], capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert expected <= {line.split("\t")[0] for line in shown.stdout.splitlines()}
