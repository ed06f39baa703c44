"""Bad sounds get an error that says what is wrong, soon, or are decoded as they should be."""

import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from sdaudio.errors import SdaudioError
from sdaudio_server.client import Client

RATE = 48_000
TONE = (0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.fixture
def client(spare_daemon: Any) -> Iterator[Client]:
    with spare_daemon.client() as client:
        yield client


def wave(folder: Path, samples: np.ndarray, *, rate: int = RATE, name: str = "a.wav") -> Path:
    path = folder / name
    soundfile.write(path, samples, rate, subtype="FLOAT" if path.suffix == ".wav" else None)
    return path


def truncated(folder: Path) -> Path:
    path = wave(folder, TONE)
    path.write_bytes(path.read_bytes()[:70])
    return path


def lying(folder: Path) -> Path:
    path = wave(folder, TONE)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(bytes(data[: at + 4 + 4000]))
    return path


def impossible(folder: Path) -> Path:
    path = wave(folder, TONE)
    data = bytearray(path.read_bytes())
    at = data.index(b"fmt ") + 8
    data[at + 2 : at + 8] = struct.pack("<HI", 65535, 0xFFFFFFFF)
    path.write_bytes(bytes(data))
    return path


def flac_in_pieces(folder: Path) -> Path:
    path = wave(folder, TONE, name="a.flac")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :: 7] = bytes(len(data[len(data) // 2 :: 7]))
    path.write_bytes(bytes(data))
    return path


def text(folder: Path) -> Path:
    path = folder / "a.wav"
    path.write_text("this is no sound\n" * 1000)
    return path


def empty(folder: Path) -> Path:
    path = folder / "a.wav"
    path.touch()
    return path


def noise_of_bytes(folder: Path) -> Path:
    path = folder / "a.mp3"
    path.write_bytes(np.random.default_rng(0).bytes(200_000))
    return path


def fifo(folder: Path) -> Path:
    path = folder / "a.wav"
    os.mkfifo(path)
    return path


def dangling(folder: Path) -> Path:
    path = folder / "a.wav"
    path.symlink_to(folder / "nowhere.wav")
    return path


def in_a_circle(folder: Path) -> Path:
    (folder / "a.wav").symlink_to(folder / "b.wav")
    (folder / "b.wav").symlink_to(folder / "a.wav")
    return folder / "a.wav"


def a_folder(folder: Path) -> Path:
    path = folder / "a.wav"
    path.mkdir()
    return path


def a_device(folder: Path) -> Path:
    return Path("/dev/zero")


def not_a_number(folder: Path) -> Path:
    return wave(folder, np.where(np.arange(RATE) == 100, np.nan, TONE).astype(np.float32))


def infinite(folder: Path) -> Path:
    return wave(folder, np.where(np.arange(RATE) == 100, np.inf, TONE).astype(np.float32))


BAD = (
    truncated, impossible, flac_in_pieces, text, empty, noise_of_bytes, fifo, dangling,
    in_a_circle, a_folder, a_device, not_a_number, infinite,
)  # fmt: skip


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_a_bad_sound_is_refused_soon_with_what_is_wrong(make, client: Client, tmp_path: Path):
    path = make(tmp_path)
    began = time.monotonic()
    with pytest.raises(SdaudioError) as raised:
        client.job("/sda/grid/encode", "bad", "starter", str(path), timeout_s=20)
    assert time.monotonic() - began < 5
    named = [path.name]
    if make is dangling:
        named.append("nowhere.wav")
    assert any(name in str(raised.value) for name in named)
    assert "Traceback" not in str(raised.value)
    client.call("/sda/hello")


GOOD = {
    "one sample": (TONE[:1], RATE, 1),
    "silence": (np.zeros(RATE, np.float32), RATE, 47),
    "192 kHz": (np.repeat(TONE, 4), 4 * RATE, 47),
    "4 kHz": (TONE[::12], 4000, 47),
    "8 channels": (np.tile(TONE[:, np.newaxis], 8), RATE, 47),
    "loud": (100 * TONE, RATE, 47),
}


@pytest.mark.parametrize("kind", GOOD)
def test_an_unusual_sound_is_decoded_as_it_should_be(kind: str, client: Client, tmp_path: Path):
    samples, rate, columns = GOOD[kind]
    path = wave(tmp_path, samples, rate=rate, name=f"{kind} 'ä\"\n.wav")
    assert client.job("/sda/grid/encode", "good", "starter", str(path))[2] == columns
    client.call("/sda/grid/close", "good")


def test_of_a_file_that_says_more_than_it_has_what_is_there_is_taken(
    client: Client, tmp_path: Path
):
    assert client.job("/sda/grid/encode", "good", "starter", str(lying(tmp_path)))[2] == 1
    client.call("/sda/grid/close", "good")


def test_bad_sounds_in_a_folder_are_left_out_one_by_one(client: Client, tmp_path: Path):
    for number, make in enumerate(BAD):
        folder = tmp_path / "set" / str(number)
        folder.mkdir(parents=True)
        if make is not a_device:
            make(folder)
    for number in range(5):
        wave(tmp_path / "set", TONE[:: number + 1], name=f"good {number}.wav")
    found = client.job("/sda/dataset/check", str(tmp_path / "set"), "minutes", 0.03)
    assert found[0] == 5
