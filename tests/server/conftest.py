"""What the tests of the daemon share."""

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from jack_server import JackServer
from played_midi import MidiStage, midi_stage
from sessions_alone import Announcements, new_sessions

from sdaudio.audio import write_sound
from sdaudio.modelfile import Model, read_model, write_model
from sdaudio.resources import starter_model
from sdaudio_server.client import Client
from sdaudio_server.sessions import Sessions


@pytest.fixture
def jack_server(request, monkeypatch):
    if shutil.which("jackd") is None:
        pytest.skip("jackd is not installed (apt install jackd2)")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    server = JackServer(**getattr(request, "param", {}))
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
    yield server
    server.close()


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A second of a decaying tone at another rate, in stereo."""
    t = np.arange(44_100) / 44_100
    mono = 0.5 * np.sin(2 * np.pi * 330 * t) * np.exp(-4 * t)
    path = tmp_path / "tone.wav"
    write_sound(path, np.stack([mono, 0.5 * mono]).astype(np.float32), 44_100)
    return path


@pytest.fixture
def grid(client: Client, tone: Path, request: pytest.FixtureRequest):
    """A grid of the test's own with the tone in it."""
    name = request.node.name[:40].replace("[", "-").replace("]", "")
    client.job("/sda/grid/encode", name, "starter", str(tone))
    yield name
    client.call("/sda/grid/close", name)


@pytest.fixture
def told() -> Announcements:
    return Announcements()


@pytest.fixture
def sessions(told: Announcements) -> Sessions:
    return new_sessions(told, max_columns=600, max_grids=4)


@pytest.fixture
def foreign_model(tmp_path: Path) -> str:
    """The name of a model with another identity, in the library of ``new_daemon``."""
    model = read_model(starter_model())
    header = dataclasses.replace(model.header, name="other", identity="of another")
    write_model(tmp_path / "models" / "other.sda", Model(header, model.tensors))
    return "other"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MidiStage]:
    """A daemon in this process whose MIDI is in the test's hands."""
    monkeypatch.setenv("SDAUDIO_CONFIG", str(tmp_path / "config" / "sdaudio.yaml"))
    with midi_stage(tmp_path) as running:
        yield running
