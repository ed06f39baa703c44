"""``sdaudio models``, ``health``, ``plot``, ``doctor`` and ``bench``."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sdaudio import api
from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.modelfile import read_header
from sdaudio.resources import starter_model
from sdaudio_server.cli import main
from sdaudio_server.client import Client


@pytest.fixture
def models(tmp_path: Path, monkeypatch) -> Path:
    """A library with a model that is the user's own."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(starter_model(), folder / "mine.sda")
    monkeypatch.setenv("COLUMNS", "120")
    return folder


def sdaudio(capsys, *words: object) -> str:
    assert main([str(word) for word in words]) == 0, capsys.readouterr().err
    return str(capsys.readouterr().out)


def test_a_model_is_described_found_and_moved_about(models: Path, capsys, tmp_path: Path):
    there = ("--models", models)

    def run(*words: object) -> str:
        return sdaudio(capsys, "models", *words, *there)

    assert "metal, quiet" in run("tag", "mine", "metal", "quiet", "metal")
    run("note", "mine", "spoons and pots")
    run("credit", "mine", "Ada", "CC0-1.0")
    record = json.loads(run("info", "mine", "--json"))
    assert (record["tags"], record["notes"]) == (["metal", "quiet"], "spoons and pots")
    assert (record["author"], record["licence"]) == ("Ada", "CC0-1.0")
    assert "spoons and pots" in run("info", "mine")
    for word in ("metal", "SPOONS", "ada", "cc0", "3x128", record["created"][:10], "mine"):
        assert run("search", word).startswith("mine ")
    assert "#metal #quiet" in run("list", "mine")
    assert run("search", "metal", "nothing like it") == ""
    # its weights stay as they are, and what it renders says whose it is
    assert read_header(models / "mine.sda").identity == read_header(starter_model()).identity
    rendered = api.write_sound(api.load(models / "mine.sda"), [[1], [2], [3]], tmp_path / "a.flac")
    assert b"CC0-1.0" in rendered.read_bytes()

    run("copy", "mine", "two")
    run("rename", "two", "three")
    run("delete", "three", "mine")
    assert run("trash").count("deleted") == 2
    run("restore", "mine")
    run("restore", "three", "four")
    assert {each["name"] for each in json.loads(run("--json"))} == {"starter", "mine", "four"}
    run("export", "mine", tmp_path)
    run("import", tmp_path / "mine.sda", "imported")
    assert run("verify", "imported", "mine").count("sha256") == 2
    run("tag", "mine")
    assert json.loads(run("info", "mine", "--json"))["tags"] == []


def test_what_cannot_be_done_with_models_is_told(models: Path, capsys, tmp_path: Path):
    there = ["--models", str(models)]
    for words, said in (
        (["tag", "starter", "x"], "comes with sdaudio"),
        (["info", "minee"], "mean 'mine'"),
        (["rename", "mine"], "NAME NEW_NAME"),
        (["copy", "mine", "mine"], "already"),
        (["import", str(tmp_path / "none.sda")], "no model file"),
        (["export", "mine", str(models)], "already"),
        (["restore", "mine"], "In the trash: nothing"),
        (["tag", "mine", "x" * 100], "is no tag"),
        (["verify", "nope"], "There is no model 'nope'"),
    ):
        assert main(["models", *words, *there]) in (1, 2)
        assert said in capsys.readouterr().err


def test_damaged_foreign_and_newer_files_are_listed_with_the_reason(models: Path, capsys):
    whole = starter_model().read_bytes()
    (models / "half.sda").write_bytes(whole[: len(whole) // 2])
    (models / "text.sda").write_text("not a model")
    (models / "empty.sda").write_bytes(b"")
    (models / "newer.sda").write_bytes(whole.replace(b'\\"version\\": 2', b'\\"version\\": 7', 1))
    listed = sdaudio(capsys, "models", "--models", models)
    lines = {line.split()[0]: line for line in listed.splitlines()}
    assert len(lines) == 6
    for name, said in (("half", "truncated"), ("text", "not a model"), ("empty", "not a model"),
                       ("newer", "version 7")):  # fmt: skip
        assert "cannot be read" in lines[name]
        assert said in lines[name]
    # what the header does not show is found by reading all
    for at, said in ((len(whole) // 2, "NaN or infinity"), (-5000, "go up to 65535")):
        flipped = bytearray(whole)
        flipped[at : at + 1000] = b"\xff" * 1000
        (models / "flipped.sda").write_bytes(bytes(flipped))
        assert main(["models", "verify", "flipped", "--models", str(models)]) == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("width", [40, 200])
def test_models_are_listed_in_any_width(models: Path, width: int, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    shutil.copy(starter_model(), models / f"{'a very long name ' * 3}.sda")
    for line in sdaudio(capsys, "models", "--models", models).splitlines():
        assert "3 x 128 codes" in line


def test_the_daemon_tells_what_a_model_says_about_itself(new_daemon, tmp_path: Path, capsys):
    daemon = new_daemon()
    with Client(daemon.port) as client, Client(daemon.port) as listener:
        listener.call("/sda/subscribe")
        client.call("/sda/model/copy", "starter", "mine")
        assert client.call("/sda/model/tag", "mine", "metal", "quiet") == ("mine", "metal", "quiet")
        listener.wait_for("/sda/model/changed", lambda values: values == ("mine",))
        client.call("/sda/model/note", "mine", "spoons")
        client.call("/sda/model/credit", "mine", "Ada", "CC0-1.0")
        about = client.call("/sda/model/about", "mine")
        assert about[2:5] == ("Ada", "CC0-1.0", "spoons")
        assert about[-2:] == ("metal", "quiet")
        assert client.call("/sda/model/search", "metal spoons") == (1,)
        (path,) = client.call("/sda/model/export", "mine", str(tmp_path / "given.sda"))
        assert client.call("/sda/model/import", path) == ("given",)
        found = client.call("/sda/model/verify", "given")
        assert found[2] == Path(str(path)).stat().st_size
        with pytest.raises(StateError, match="comes with sdaudio"):
            client.call("/sda/model/note", "starter", "x")
        with pytest.raises(UsageError, match="is no tag"):
            client.call("/sda/model/tag", "mine", "x" * 65)
        with pytest.raises(FileError, match="no model file"):
            client.call("/sda/model/import", str(tmp_path / "none.sda"))
        # by the command line, through the daemon
        words = ["models", "tag", "mine", "loud", "--server", f"127.0.0.1:{daemon.port}"]
        assert sdaudio(capsys, *words) == "mine loud\n"
        # a grid of it goes on
        client.call("/sda/grid/new", "of mine", "mine", 8)
        client.call("/sda/model/tag", "mine", "again")
        client.call("/sda/grid/set", "of mine", 0, 0, 5)


def test_health_is_told_in_words_and_numbers(capsys):
    assert sdaudio(capsys, "health", "starter").count("used, perplexity") == 3
    levels = json.loads(sdaudio(capsys, "health", "starter", "--json"))
    assert [level["level"] for level in levels] == ["Structure", "Timbre", "Detail"]
    assert all(level["light"] == "green" for level in levels)


@pytest.mark.parametrize("suffix", [".png", ".svg"])
@pytest.mark.parametrize(
    "kind",
    [
        "grid",
        "novelty",
        "usage",
        "usage-map",
        "health",
        "losses",
        "atlas",
        "spectrogram",
        "compare",
    ],
)
def test_everything_can_be_drawn(kind: str, suffix: str, tone: Path, tmp_path: Path, capsys):
    codes = api.encode(api.load("starter"), tone)
    document = api.write_codes(api.load("starter"), codes, tmp_path / "codes.json")
    source = {"grid": document, "novelty": document, "spectrogram": tone, "compare": tone}
    more = ["--model", "starter"] if kind == "compare" else []
    output = tmp_path / f"picture{suffix}"
    sdaudio(capsys, "plot", kind, source.get(kind, "starter"), "--output", output, *more)
    if suffix == ".svg":
        tree = ElementTree.parse(output).getroot()
        assert tree.tag.endswith("svg")
        texts = "".join(tree.itertext())
        assert texts.strip()
        if kind in ("grid", "usage", "usage-map", "health", "atlas", "novelty"):
            assert "Structure" in texts
    else:
        assert output.read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_told(tone: Path, tmp_path: Path, capsys):
    for words, said in (
        (["usage", "starter", "--output", str(tmp_path / "a.gif")], ".png and .svg"),
        (["usage", "nope", "--output", str(tmp_path / "a.png")], "There is no model 'nope'"),
        (["grid", str(tone), "--output", str(tmp_path / "a.png")], "no document"),
        (["compare", str(tone), "--output", str(tmp_path / "a.png")], "--model"),
    ):
        assert main(["plot", *words]) in (1, 2)
        assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("a.*"))


def test_the_doctor_says_what_is_there_and_what_is_in_the_way(capsys, tmp_path: Path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        config = tmp_path / "sdaudio.yaml"
        port = other.getsockname()[1]
        config.write_text(f"server: {{port: {port}}}\nfolders: {{models: {tmp_path}/m}}\n")
        assert main(["--config", str(config), "doctor", "--json"]) == 1
        found = {each["what"]: each for each in json.loads(capsys.readouterr().out)}
        assert found["daemon"]["state"] == "missing"
        assert "--port" in found["daemon"]["advice"]
    main(["--config", str(config), "doctor"])
    shown = capsys.readouterr().out
    assert f"{tmp_path}/m" in shown
    assert "is free" in shown
    for what in ("torch", "sound card", "MIDI", "Pure Data", "Max", "renders", "settings"):
        assert what in shown


def test_the_machine_is_measured(capsys):
    found = json.loads(sdaudio(capsys, "bench", "--json"))
    assert found["decode_times_real_time"] > 1
    assert found["edit_ms"] > 0
    assert "times as fast as they play" in sdaudio(capsys, "bench")


def test_names_of_any_script_are_printed_wherever(models: Path):
    shutil.copy(starter_model(), models / "Töpfe 鍋.sda")
    command = [sys.executable, "-m", "sdaudio_server", "models", "--models", str(models)]
    for encoding, shown in (("utf-8", "Töpfe 鍋"), ("ascii", "T\\xf6pfe")):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        assert shown in done.stdout.decode()
    listed = json.loads(
        subprocess.run(
            [*command, "--json"], env=environment, capture_output=True, check=True
        ).stdout
    )
    assert "Töpfe 鍋" in {each["name"] for each in listed}


def test_without_any_terminal_it_works_and_says_nothing(models: Path):
    line = f"{sys.executable} -m sdaudio_server models verify mine --models {models}"
    closed = subprocess.run(["bash", "-c", f"{line} <&- >&- 2>&-"], check=False)
    assert closed.returncode == 0
