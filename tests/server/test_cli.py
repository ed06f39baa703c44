"""The command line as a user types it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sdaudio.audio import read_sound
from sdaudio.modelfile import read_header
from sdaudio_server.cli import main


def _run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sdaudio_server", *(str(a) for a in arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=cwd)


def test_training_on_a_folder_leaves_a_model_pictures_and_a_report(
    sound_folder: Path, tmp_path: Path
):
    models, pictures = tmp_path / "models", tmp_path / "pictures"
    done = _run(
        "train", sound_folder, "--name", "cli", "--minutes", "0.05", "--levels", 2,
        "--models", models, "--pictures", pictures,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for word in (
        "8 of 8 files used",
        "played already",
        "Structure",
        "Detail",
        "perplexity",
        "cli.sda",
    ):
        assert word in done.stdout
    header = read_header(models / "cli.sda")
    assert (header.codec.n_levels, header.has_prior, header.training.complete) == (2, True, True)
    assert len(header.dataset.files) == 8
    drawn = {"losses.png", "usage.png", "usage-map.png", "grid.png", "sounds.png"}
    assert {path.name for path in pictures.iterdir()} == drawn
    assert "mean over 8 files" in done.stdout
    assert "worst:" in done.stdout
    later = _run("report", "cli", "--models", models, "--sounds", sound_folder)
    assert later.returncode == 0, later.stderr
    assert "mean over 8 files" in later.stdout
    alone = _run("report", models / "cli.sda", "--pictures", tmp_path / "later")
    assert alone.returncode == 0, alone.stderr
    assert "Structure" in alone.stdout
    assert {path.name for path in (tmp_path / "later").iterdir()} == drawn - {"sounds.png"}
    again = _run("train-prior", "cli", "--models", models, "--epochs", "4", "--hidden-size", "32")
    assert again.returncode == 0, again.stderr
    assert "Structure: counts" in again.stdout
    refused = _run("train-prior", "cli", "--models", models, "--hidden-size", "30")
    assert refused.returncode != 0
    assert "multiple of heads" in refused.stderr


def test_training_names_the_files_it_does_not_use(sound_folder: Path, tmp_path: Path):
    folder = tmp_path / "sounds"
    shutil.copytree(sound_folder, folder)
    (folder / "notes.wav").write_text("not a sound")
    done = _run("train", folder, "--name", "x", "--minutes", "0.02", "--models", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not used notes.wav:" in done.stdout


def test_a_report_on_other_sounds_says_what_to_name(tmp_path: Path, capsys):
    assert main(["report", "starter", "--sounds", str(tmp_path)]) == 2
    assert "name the folder it was trained on" in capsys.readouterr().err


@pytest.mark.parametrize("width", [40, 60, 120])
def test_a_folder_is_described_in_any_width(
    sound_folder: Path, tmp_path: Path, capsys, monkeypatch, width: int
):
    monkeypatch.setenv("COLUMNS", str(width))
    folder = tmp_path / "sounds"
    shutil.copytree(sound_folder, folder)
    (folder / "words.txt").write_text("not a sound")
    assert main(["dataset", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "8 of 9 files used" in printed
    assert "not used:" in printed
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= width


def test_a_folder_without_sounds_is_said_in_one_sentence(tmp_path: Path, capsys):
    (tmp_path / "words.txt").write_text("not a sound")
    assert main(["dataset", str(tmp_path)]) == 1
    assert "holds no usable sound" in " ".join(capsys.readouterr().out.split())


def _train_until_playable(folder: Path, models: Path, name: str) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "sdaudio_server", "train", str(folder), "--name", name,
        "--minutes", "5", "--models", str(models),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("played already" in line for line in process.stdout)
    return process


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_a_polite_kill_ends_a_training_and_keeps_the_best_so_far(
    sound_folder: Path, tmp_path: Path, number: signal.Signals
):
    with _train_until_playable(sound_folder, tmp_path, "cut") as process:
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(60) == 0
    assert "stopped early" in rest
    assert "sdaudio train --resume cut" in rest
    assert not read_header(tmp_path / "cut.sda").training.complete
    assert (tmp_path / "cut.training").is_file()


def test_a_training_that_was_killed_goes_on(sound_folder: Path, tmp_path: Path):
    with _train_until_playable(sound_folder, tmp_path, "dead") as process:
        until = time.monotonic() + 60
        while not (tmp_path / "dead.training").is_file():
            assert time.monotonic() < until
            time.sleep(0.05)
        process.kill()
    assert not read_header(tmp_path / "dead.sda").training.complete
    on = _run("train", "--resume", "dead", "--minutes", "0.05", "--models", tmp_path)
    assert on.returncode == 0, on.stderr
    assert "dead: done" in on.stdout
    assert "mean over 8 files" in on.stdout
    assert read_header(tmp_path / "dead.sda").training.complete
    assert not (tmp_path / "dead.training").exists()


def test_sounds_are_added_to_a_model_and_both_folders_are_compared(
    sound_folder: Path, tone: Path, tmp_path: Path
):
    models, more = tmp_path / "models", tmp_path / "more"
    more.mkdir()
    tone.rename(more / "tone.wav")
    first = _run(
        "train", sound_folder, "--name", "grown", "--preset", "draft", "--minutes", "0.02",
        "--models", models,
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    added = _run("train", more, "--add", "grown", "--minutes", "0.02", "--models", models)
    assert added.returncode == 0, added.stderr
    assert "1 of 1 files used" in added.stdout
    assert "9 files with" in added.stdout
    assert "mean over 9 files" in added.stdout
    again = _run("train", more, "--add", "grown", "--minutes", "0.02", "--models", models)
    assert again.returncode == 2
    assert "nothing to add" in again.stderr


def test_models_lists_damaged_files_with_the_reason(tmp_path: Path, capsys):
    (tmp_path / "broken.sda").write_bytes(b"no model")
    assert main(["models", "--models", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "broken" in shown
    assert "cannot be read" in shown
    assert "starter" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "/nowhere", "--name", "x"), "/nowhere"),
        (("train", ".", "--name", "a/b"), "cannot name a model"),
        (("train", "--name", "x"), "Say which folder of sounds"),
        (("train", ".", "--name", "x", "--minutes", "2000"), "minutes is 2000"),
        (("train", "--resume", "nobody"), "nobody"),
        (("train", "--resume", "starter"), "comes with sdaudio"),
        (("train", ".", "--resume", "starter"), "--add takes more"),
        (("train", ".", "--add", "starter", "--levels", "3"), "--levels belongs to a new model"),
        (("train", ".", "--add", "starter", "--no-factors"), "--factors belongs to a new model"),
        (("train", ".", "--name", "x", "--levels", "5"), "levels is 5"),
        (("train", ".", "--name", "x", "--codebook-size", "100"), "64, 128 and 256"),
        (("train-prior", "starter"), "comes with sdaudio"),
        (("train-prior", "none"), "no model 'none'"),
        (("--config", "/none.yaml", "models"), "/none.yaml"),
    ],
)
def test_a_mistake_is_one_line_with_what_to_do(arguments, words: str, capsys, tmp_path: Path):
    tail = ("--models", str(tmp_path)) if arguments[-1] != "models" else ()
    assert main([*arguments, *tail]) in (1, 2)
    shown = capsys.readouterr().err
    assert words in shown
    assert shown.startswith("sdaudio: ")
    assert len(shown.strip().splitlines()) == 1


def test_help_and_version_are_quick_and_load_no_torch():
    code = (
        "import sys\n"
        "from sdaudio_server.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "print('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "train" in shown.stdout
    assert shown.stdout.strip().splitlines()[-1] == "False False"


def test_config_prints_settings_that_read_back(tmp_path: Path):
    path = tmp_path / "own.yaml"
    path.write_text("training: {minutes: 7}\n")
    shown = _run("--config", path, "config")
    assert shown.returncode == 0
    assert "minutes: 7.0" in shown.stdout
    assert str(path) in shown.stdout


def test_patches_are_found_and_copied_without_their_source(tmp_path: Path, capsys):
    assert main(["patches"]) == 0
    pd, max_ = (line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines())
    assert (Path(pd) / "sdaudio.pd").is_file()
    assert (Path(max_) / "package-info.json").is_file()
    own = tmp_path / "my patches"
    assert main(["patches", "--copy-to", str(own)]) == 0
    names = {str(path.relative_to(own)) for path in own.rglob("*") if path.is_file()}
    assert {"pd/sdaudio.pd", "pd/sda.grid-help.pd", "pd/examples/morph.pd"} <= names
    assert {"max/package-info.json", "max/patchers/sdaudio.maxpat"} <= names
    assert "max/javascript/sda.grid.js" in names
    assert {Path(name).suffix for name in names} == {
        ".pd", ".json", ".maxpat", ".maxhelp", ".js", ".md", ".xml", ".amxd",
    }  # fmt: skip
    (own / "pd" / "sdaudio.pd").write_text("mine")
    assert main(["patches", "--copy-to", str(own)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert (own / "pd" / "sdaudio.pd").read_text() == "mine"
    assert main(["patches", "--copy-to", str(own), "--replace"]) == 0
    assert (own / "pd" / "sdaudio.pd").read_text() != "mine"
    (tmp_path / "file").write_text("x")
    assert main(["patches", "--copy-to", str(tmp_path / "file" / "x")]) == 1
    assert "Cannot copy" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the folders of Linux")
def test_patches_go_where_the_hosts_look(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DOCUMENTS_DIR", str(tmp_path / "Documents"))
    assert main(["patches", "--copy-to", "pd"]) == 0
    assert (tmp_path / ".local/lib/pd/extra/sdaudio/sdaudio.pd").is_file()
    assert main(["patches", "--copy-to", "max"]) == 0
    assert (tmp_path / "Documents/Max 8/Packages/sdaudio/package-info.json").is_file()
    (tmp_path / "Documents/Max 9").mkdir()
    assert main(["patches", "--copy-to", "max"]) == 0
    assert (tmp_path / "Documents/Max 9/Packages/sdaudio/package-info.json").is_file()
    assert "open sdaudio.maxpat" in capsys.readouterr().out


@pytest.mark.slow
def test_the_demo_makes_everything_it_says(tmp_path: Path):
    done = _run("demo", "--output", tmp_path / "demo", "--minutes", "0.1")
    assert done.returncode == 0, done.stdout + done.stderr
    listing = done.stdout.split("What it made is in")[1].splitlines()[1:]
    names = [line.split()[0] for line in listing if line.strip()]
    assert len(names) >= 12
    for name in names:
        path = tmp_path / "demo" / name
        assert path.exists(), name
        if path.suffix == ".wav":
            audio = read_sound(path, 48_000)
            assert 0.001 < np.abs(audio).max() < 4.0, name
