"""Where codes come from, asked over OSC, and heard at the speakers."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from jack_server import wait_for

from sdaudio.audio import write_sound
from sdaudio.dataset import load, scan
from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.header import DatasetSummary
from sdaudio.modelfile import Model, read_model, read_training_codes, write_model
from sdaudio.resources import starter_model
from sdaudio_server.client import Client

MODEL = read_model(starter_model())
CODES = read_training_codes(starter_model())
FILES = MODEL.header.dataset.files
COLUMN_S = 1024 / 48_000


def _write(client: Client, grid: str, column: int, codes: np.ndarray) -> None:
    for level, row in enumerate(codes):
        client.call("/sda/grid/set", grid, level, column, *(int(code) for code in row))


def test_what_was_taken_from_a_training_sound_is_found_there(client: Client, grid: str):
    file = int(np.argmax([codes.shape[1] for codes in CODES]))
    _write(client, grid, 10, CODES[file][:, 30:50])
    places, name, second, distance, *others = client.job("/sda/grid/source", grid, 10, 20)
    assert (places, name) == (3, FILES[file].name)
    assert second == pytest.approx(30 * COLUMN_S)
    assert distance == 0.0
    assert len(others) == 6
    assert 0.0 < others[2] <= others[5]
    one = client.job("/sda/grid/source", grid, 12, "count", 1)
    assert (one[0], len(one), one[3]) == (1, 4, 0.0)


def test_a_code_is_found_in_the_sounds_that_use_it(client: Client):
    level, code = 1, int(CODES[4][1, 3])
    places, *facts = client.call("/sda/code/source", "starter", level, code, "count", 5)
    assert places * 3 == len(facts) > 0
    names = [file.name for file in FILES]
    for name, second, _ in zip(facts[::3], facts[1::3], facts[2::3], strict=True):
        codes = CODES[names.index(name)]
        assert codes[level, round(second / COLUMN_S)] == code
    with pytest.raises(UsageError, match="code is 255"):
        client.call("/sda/code/source", "starter", 0, 255)


def test_a_region_that_is_too_long_is_refused(client: Client):
    client.call("/sda/grid/new", "endless", "starter", 600)
    with pytest.raises(UsageError, match="of 600 columns cannot be looked for; allowed are 1 to"):
        client.job("/sda/grid/source", "endless", 0, 600)
    with pytest.raises(UsageError, match="column"):
        client.job("/sda/grid/source", "endless", 590, 20)
    client.call("/sda/grid/close", "endless")


def test_a_model_that_forgot_its_folder_is_searched_but_not_heard(client: Client, grid: str):
    _write(client, grid, 0, CODES[0][:, :4])
    with pytest.raises(StateError, match=f"does not say where '{FILES[0].name}' is"):
        client.call("/sda/play/source", grid, 0, 4)
    with pytest.raises(UsageError, match="'which' is 8"):
        client.call("/sda/play/source", grid, 0, 4, 8)


def _remembering(folder: Path, models: Path) -> None:
    """A model that says of its sounds that they are in a folder."""
    chance = np.random.default_rng(5)
    for number, codes in enumerate(CODES):
        noise = chance.uniform(-0.4, 0.4, codes.shape[1] * 1024)
        write_sound(folder / f"{number:02}.wav", noise, 48_000)
    dataset = load(scan(folder), 48_000)
    summary = DatasetSummary(dataset.files, dataset.fingerprint, dataset.folders)
    header = dataclasses.replace(MODEL.header, name="own", dataset=summary)
    write_model(models / "own.sda", Model(header, MODEL.tensors))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    _remembering(folder / "sounds", folder)
    return folder


def test_the_source_is_heard_sample_by_sample(new_daemon, jack_server, own: Path):
    running = new_daemon("--device", "system", "--models", str(own))
    with running.client() as client:
        client.call("/sda/grid/new", "one", "own", 40)
        _write(client, "one", 5, CODES[3][:, 2:14])
        jack_server.listen()
        heard = client.call("/sda/play/source", "one", 5, 12)
        assert heard[0] == "03.wav"
        assert heard[1:] == (pytest.approx(2 * COLUMN_S), 0.0)
        sound = load(scan(own / "sounds"), 48_000).sounds[3][2 * 1024 : 14 * 1024]
        wait_for(lambda: len(jack_server.sounding) >= len(sound), "the source at the speakers")
        inside = slice(200, len(sound) - 200)
        place = int(np.abs(sound[inside]).argmax()) + 200

        def is_heard() -> bool:
            all_heard = jack_server.heard
            starts = np.flatnonzero(np.isclose(all_heard, sound[place], atol=1e-6)) - place
            return any(
                np.allclose(all_heard[at:][inside], sound[inside], atol=1e-6)
                for at in starts
                if 0 <= at <= len(all_heard) - len(sound)
            )

        wait_for(is_heard, "the samples of the file")
        (own / "sounds" / "03.wav").unlink()
        with pytest.raises(FileError, match=r"03\.wav' does not exist\. Model 'own' learned from"):
            client.call("/sda/play/source", "one", 5, 12)


def test_a_source_outside_the_folders_that_may_be_read_is_refused(
    new_daemon, own: Path, tmp_path: Path
):
    config = tmp_path / "sdaudio.yaml"
    config.write_text(f"folders: {{read: ['{tmp_path}']}}\n")
    environment = {"SDAUDIO_CONFIG": str(config)}
    running = new_daemon("--models", str(own), environment=environment)
    with running.client() as client:
        client.call("/sda/grid/new", "one", "own", 40)
        with pytest.raises(FileError, match="outside the folders that clients may read"):
            client.call("/sda/play/source", "one", 5, 12)
