"""``sdaudio encode``, ``decode``, ``generate`` and ``grid``, with a daemon and without."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sdaudio import api
from sdaudio.audio import read_sound
from sdaudio_server.cli import main

Run = Callable[..., str]


@pytest.fixture
def run(capsys, tmp_path: Path, monkeypatch) -> Run:
    """Run a command that succeeds, in a folder of its own; returns what it prints."""
    monkeypatch.chdir(tmp_path)

    def run_one(*words: object) -> str:
        assert main([str(word) for word in words]) == 0, capsys.readouterr().err
        return str(capsys.readouterr().out)

    return run_one


@pytest.fixture
def codes(run: Run, tone: Path) -> Path:
    run("encode", "--model", "starter", "--input", tone, "--output", "codes.json")
    return Path("codes.json")


def server(daemon: Any) -> list[object]:
    return ["--server", f"127.0.0.1:{daemon.port}"]


def test_a_sound_becomes_codes_and_codes_a_sound(run: Run, codes: Path, tone: Path):
    model = api.load("starter")
    assert np.array_equal(api.read_codes(codes, model), api.encode(model, tone))
    told = run("decode", "--model", "starter", "--input", codes, "--output", "b.wav", "--json")
    assert json.loads(told)["output"] == "b.wav"
    heard = read_sound(Path("b.wav"), model.sample_rate)
    assert np.array_equal(heard, api.decode(model, api.read_codes(codes)))
    run("decode", "--model", "starter", "--input", codes, "--output", "q.flac", "--levels", "0",
        "--normalise", "--gain", "-3", "--bits", "16")  # fmt: skip
    quiet = read_sound(Path("q.flac"), model.sample_rate)
    assert np.max(np.abs(quiet)) == pytest.approx(10 ** (-4 / 20), rel=0.01)


def test_the_daemon_gives_the_same_files(run: Run, codes: Path, tone: Path, daemon, client):
    there, model = server(daemon), ["--model", "starter"]
    grids = client.call("/sda/grid/list")
    run("encode", *model, "--input", tone, "--output", "there.json", *there)
    run("grid", "diff", codes, "there.json")
    for output, where in (("here.wav", []), ("there.wav", there)):
        run("decode", *model, "--input", codes, "--output", output, *where)
    for output, where in (("here.json", []), ("take.json", there)):
        run("generate", *model, "--duration", 1, "--seed", 5, "--output", output, *where)
    run("grid", "diff", "here.json", "take.json")
    here, other = (read_sound(Path(name), 48_000) for name in ("here.wav", "there.wav"))
    assert np.array_equal(here, other)
    # nothing of it is left open
    assert client.call("/sda/grid/list") == grids


def test_what_the_daemon_refuses_is_told_with_what_to_do(capsys, tone: Path, daemon, tmp_path):
    words = [
        "encode",
        "--model",
        "nope",
        "--input",
        str(tone),
        "--output",
        str(tmp_path / "a.json"),
    ]
    assert main([*words, *map(str, server(daemon))]) == 1
    assert "There is no model 'nope'" in capsys.readouterr().err
    assert main([*words, "--server", "localhost:1"]) == 3
    assert "Without --server none is needed" in capsys.readouterr().err
    assert main([*words, "--server", "localhost:x"]) == 2
    assert "HOST:PORT" in capsys.readouterr().err
    assert main([*words, "--server", "192.0.2.1:5630"]) == 2
    assert "does not see the files of this machine" in capsys.readouterr().err


def test_new_material_is_drawn_as_sound_or_codes(run: Run, capsys):
    model = ["--model", "starter", "--seed", 7, "--duration", 1]
    told = json.loads(run("generate", *model, "--output", "a.wav", "--json"))
    assert (told["seconds"], told["seed"]) == (1.0, 7)
    assert 0 <= told["novelty"] <= 1
    assert len(read_sound(Path("a.wav"), 48_000)) == 47 * 1024
    run("generate", *model, "--output", "a.json")
    run("generate", *model, "--output", "b.json", "--temperature", 0.3, "--top-k", 4, "--top-p", 0)
    run("generate", *model, "--output", "c.json", "--prompt", "a.json")
    codes = [api.read_codes(f"{name}.json") for name in "abc"]
    assert len({each.tobytes() for each in codes}) == 3
    # a seed that was drawn is told, so that the take can be had again
    drawn = json.loads(run("generate", *model[:2], "--output", "d.json", "--json"))["seed"]
    run("generate", *model[:2], "--output", "e.json", "--seed", drawn)
    run("grid", "diff", "d.json", "e.json")
    assert main(["generate", "--model", "starter", "--output", "f.txt"]) == 2
    assert "f.txt" in capsys.readouterr().err
    assert main(["generate", "--model", "starter", "--output", "f.wav", "--temperature", "9"]) == 2
    assert "temperature is 9" in capsys.readouterr().err


def test_documents_go_through_pipes(codes: Path, tone: Path, capsys, monkeypatch):
    words = ["encode", "--model", "starter", "--input", str(tone), "--output", "-"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert text == codes.read_text().replace('"name": "codes"', '"name": "starter"', 1)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert main(["decode", "--model", "starter", "--input", "-", "--output", "piped.wav"]) == 0
    assert Path("piped.wav").is_file()


def test_a_pipe_that_closes_early_is_no_fault(codes: Path):
    command = f"{sys.executable} -m sdaudio_server grid show {codes} | head -1"
    shown = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert shown.stderr == ""
    assert shown.stdout.startswith("codes: 3 levels of 128 codes")


@pytest.mark.parametrize("width", [40, 200])
def test_codes_are_printed_in_any_width(run: Run, codes: Path, width: int, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run("grid", "show", codes).splitlines()
    assert all(len(line) <= width for line in lines[1:])
    rows = [line.split()[1:] for line in lines if line.startswith("Timbre")]
    found = api.read_codes(codes)
    assert [int(code) for row in rows for code in row] == found[1].tolist()
    part = json.loads(run("grid", "show", codes, "--columns", "2:6", "--json"))
    assert part["codes"] == found[:, 2:6].tolist()


def test_two_documents_are_compared(run: Run, codes: Path, capsys):
    model = api.load("starter")
    before = api.read_codes(codes)
    after = api.edit(model, before, 1, 3, [1, 2, 3])
    api.write_codes(model, after, "after.json")
    assert main(["grid", "diff", str(codes), "after.json"]) == 1
    was = " ".join(map(str, before[1, 3:6]))
    assert capsys.readouterr().out == f"level 1 column 3: {was} -> 1 2 3\n"
    assert main(["grid", "diff", str(codes), "after.json", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["runs"] == [
        [1, 3, before[1, 3:6].tolist(), [1, 2, 3]]
    ]
    assert run("grid", "diff", codes, codes) == ""


def test_codes_of_another_model_are_refused(run: Run, codes: Path, capsys, tmp_path: Path):
    text = codes.read_text().replace('"codebook_size": 128', '"codebook_size": 256')
    shutil.copy(codes, "other.json")
    Path("other.json").write_text(text)
    for document in ("other.json", "missing.json"):
        words = ["decode", "--model", "starter", "--input", document, "--output", "x.wav"]
        assert main(words) == (2 if document == "other.json" else 1)
        assert document in capsys.readouterr().err
    assert not Path("x.wav").exists()
