"""The wheel holds everything and runs from another folder, without the checkout."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # what an earlier build left there would get into this one
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_code_and_bundled_files_and_nothing_else(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "sdaudio/config/default.yaml",
        "sdaudio/patches/pd/sdaudio.pd",
        "sdaudio/patches/max/package-info.json",
        "sdaudio/patches/max/patchers/sdaudio.maxpat",
        "sdaudio/patches/max/javascript/sdaudio_grid.js",
        "sdaudio/patches/max/examples/sdaudio for Live.amxd",
        "sdaudio/patches/max/docs/sda.grid.maxref.xml",
        "sdaudio/patches/pd/sda.grid-help.pd",
        "sdaudio/patches/pd/examples/morph.pd",
        "sdaudio/starter/starter.sda",
        "sdaudio/py.typed",
        "sdaudio_server/app.py",
    ):
        assert name in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sdaudio", "sdaudio_server"}


def test_the_starter_model_stays_small(wheel: Path):
    info = zipfile.ZipFile(wheel).getinfo("sdaudio/starter/starter.sda")
    assert info.file_size < 6_000_000


def test_the_installed_wheel_runs_from_another_folder(wheel: Path, tmp_path: Path):
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    # what sdaudio depends on is borrowed from here; the editable sdaudio itself is not seen
    borrowed = {**os.environ, "PYTHONPATH": sysconfig.get_paths()["purelib"]}
    where = subprocess.run(
        [python, "-c", "import sdaudio; print(sdaudio.__file__)"],
        cwd=tmp_path, env=borrowed, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert str(environment) in where
    listed = subprocess.run(
        [python, "-m", "sdaudio_server", "models", "--models", tmp_path / "models"],
        cwd=tmp_path, env=borrowed, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert re.search(r"^starter .*prior", listed, re.MULTILINE)
    shown = subprocess.run(
        [python, "-c", "from sdaudio.resources import bundled;"
         "print(bundled('patches/pd/sdaudio.pd'), bundled('config/default.yaml'))"],
        cwd=tmp_path, env=borrowed, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert shown.count(str(environment)) == 2
    drawn = subprocess.run(
        [python, "-c", "import sdaudio; model = sdaudio.load('starter');"
         "print(sdaudio.write_sound(model, sdaudio.sample(model, 0.5), 'new.wav').stat().st_size)"],
        cwd=tmp_path, env=borrowed, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert int(drawn) > 80_000


def test_what_is_given_away_as_source_makes_the_same_wheel(wheel: Path, tmp_path: Path):
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--no-isolation", "-o", tmp_path, ROOT],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    [source] = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [unpacked] = (tmp_path / "source").iterdir()
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path / "again",
         unpacked],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    [again] = (tmp_path / "again").glob("*.whl")
    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(wheel).namelist())
