"""sda.play~ and sda.code~ in a real Pd: what comes out, sample by sample."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray
from pd_display import PdDisplay, Window

from sdaudio_server.client import Client

COLUMN = 1024
Audio = NDArray[np.float32]


@dataclass
class Recorder:
    """Pd with one part that sounds, and a file of what it sends out."""

    pd: PdDisplay
    window: Window
    path: Path

    def until_it_says(self, text: str) -> None:
        self.pd.until(lambda: self.window.has(text), f"says {text}")

    def record(self, seconds: float, *messages: str) -> Audio:
        """Record what follows on messages; the recording begins with them."""
        self.start(*messages)
        self.pd.wait(seconds)
        return self.stop()

    def start(self, *messages: str) -> None:
        self.pd.tell(f"test-record open -wave -bytes 4 {self.path}")
        # in one go, so that no block lies between
        lines = ["test-record start", *(f"test-in {message}" for message in messages)]
        self.pd.tell(";\n".join(lines))

    def stop(self) -> Audio:
        self.pd.tell("test-record stop")
        self.pd.wait(0.3)
        return soundfile.read(self.path, dtype="float32")[0]


def patch_with(parts: tuple[str, ...]) -> str:
    """A patch whose parts hear test-in; a file has their sound, the window what they say."""
    lines = [
        "#N canvas 0 0 700 500 12;",
        "#X obj 20 20 sda.client \\$0-c;",
        "#X obj 20 120 r test-in;",
        f"#X obj 20 300 writesf~ {len(parts)};",
        "#X obj 220 120 r test-record;",
        "#X connect 3 0 2 0;",
    ]
    for channel, part in enumerate(parts):
        y, first = 150 + 50 * channel, 4 + 3 * channel
        lines += [
            f"#X obj 20 {y} {part.replace('$', chr(92) + '$')};",
            f"#X obj 320 {y} sda.label \\$0-said-{channel};",
            f"#X obj 20 {y + 200} cnv 1 1 1 empty \\$0-said-{channel} - 0 0 0 12 #fff #000 0;",
            f"#X connect 1 0 {first} 0;",
            f"#X connect {first} 0 2 {channel};",
            f"#X connect {first} 1 {first + 1} 0;",
        ]
    return "\n".join(lines) + "\n"


@contextmanager
def recorder(tmp_path: Path, port: int, *parts: str, rate: int = 48_000) -> Iterator[Recorder]:
    patch = tmp_path / "part.pd"
    patch.write_text(patch_with(parts))
    with PdDisplay(
        [patch],
        sends=[f"sda-connect 127.0.0.1 {port}", "pd dsp 1"],
        options=("-noaudio", "-r", str(rate)),
    ) as pd:
        yield Recorder(pd, pd.window("part.pd"), tmp_path / "heard.wav")
    assert pd.problems == ""


def rendered(client: Client, grid: str, tmp_path: Path) -> Audio:
    client.job("/sda/grid/render", grid, str(tmp_path / "expected.wav"))
    return soundfile.read(tmp_path / "expected.wav", dtype="float32")[0]


@pytest.fixture
def part_of_starter(client: Client) -> Iterator[str]:
    """A grid of 1.3 seconds whose name has a space."""
    client.call("/sda/grid/new", "a part", "starter", 63)
    for level in range(3):
        row = client.call("/sda/grid/get", "starter", level, 40, 63)[3:]
        client.call("/sda/grid/set", "a part", level, 0, *row)
    yield "a part"
    client.call("/sda/grid/close", "a part")


@pytest.fixture(autouse=True)
def starter_left_alone(client: Client) -> Iterator[None]:
    """Other tests count what follows a grid."""
    yield
    client.call("/sda/grid/unfollow", "starter")


def steps(audio: Audio) -> float:
    return float(np.abs(np.diff(audio)).max())


def port_of(client: Client) -> int:
    return int(client.peer.rsplit(" ", 1)[1])


def test_a_loop_is_the_grid_to_the_sample_round_and_round(
    client: Client, part_of_starter: str, tmp_path: Path
):
    expected = rendered(client, part_of_starter, tmp_path)
    with recorder(tmp_path, port_of(client), "sda.play~ $0-c a\\ part") as pd:
        pd.until_it_says("loaded a part 1.344")
        heard = pd.record(3.5, "loop")
    length, slope = 63 * COLUMN, 192
    for start in (0, length):
        inner = heard[start + slope : start + length - slope]
        np.testing.assert_array_equal(inner, expected[slope:-slope])
        assert abs(heard[start]) < 1e-3
    assert steps(heard) < 1.5 * steps(expected)


def test_an_edit_is_faded_into_what_sounds(client: Client, part_of_starter: str, tmp_path: Path):
    before = rendered(client, part_of_starter, tmp_path)
    with recorder(tmp_path, port_of(client), "sda.play~ $0-c a\\ part") as pd:
        pd.until_it_says("loaded a part")
        pd.start("loop")
        pd.pd.wait(1.0)
        client.call("/sda/grid/fill", part_of_starter, 0, 1, 0, 63, 9)
        pd.pd.wait(2.5)
        heard = pd.stop()
    after = rendered(client, part_of_starter, tmp_path)
    place = np.arange(len(heard)) % len(before)
    old, new = before[place], after[place]
    inside = (place > 192) & (place < len(before) - 192)
    is_old, is_new = heard == old, heard == new
    switched = int(np.flatnonzero(inside & ~is_old)[0])
    settled = int(np.flatnonzero(inside & ~is_new)[-1])
    assert is_old[:switched][inside[:switched]].all()
    assert is_new[settled + 1 : -1000][inside[settled + 1 : -1000]].all()
    assert 0 < settled - switched <= 0.02 * 48_000
    fade = slice(switched, settled)
    apart = np.abs(new - old)[fade] > 0.02
    share = ((heard - old)[fade] / (new - old)[fade])[apart]
    assert (np.diff(share) > -1e-3).all()
    assert steps(heard) < 1.5 * max(steps(before), steps(after))


def test_once_ends_and_says_so_also_backwards(client: Client, part_of_starter: str, tmp_path: Path):
    expected = rendered(client, part_of_starter, tmp_path)
    with recorder(tmp_path, port_of(client), "sda.play~ $0-c a\\ part") as pd:
        pd.until_it_says("loaded a part")
        forwards = pd.record(1.7, "once")
        pd.until_it_says("end")
        backwards = pd.record(1.7, "speed -1", "once")
    n = len(expected)
    np.testing.assert_array_equal(forwards[200 : n - 200], expected[200:-200])
    assert np.abs(forwards[n:]).max() == 0.0
    reverse = expected[::-1]
    np.testing.assert_array_equal(backwards[200 : n - 200], reverse[200:-200])
    assert np.abs(backwards[n:]).max() == 0.0


def test_at_another_rate_a_long_sound_is_as_clear_at_its_end_as_at_its_start(
    client: Client, tmp_path: Path
):
    columns = 3000
    client.call("/sda/grid/new", "long", "starter", columns)
    for level in range(3):
        row = client.call("/sda/grid/get", "starter", level, 0, 60)[3:]
        for column in (0, columns - 60):
            client.call("/sda/grid/set", "long", level, column, *row)
    expected = rendered(client, "long", tmp_path)
    with recorder(tmp_path, port_of(client), "sda.play~ $0-c long", rate=44_100) as pd:
        pd.until_it_says("loaded long 64")
        at_start = pd.record(1.2, "loop")
        pd.start()
        pd.pd.tell(f"test-in jump {(columns - 60) / columns}")
        pd.pd.wait(1.0)
        at_end = pd.stop()
    client.call("/sda/grid/close", "long")
    wanted = _below_2_khz(soxr.resample(expected, 48_000, 44_100, quality="VHQ"))
    # 147 samples are 160 of the file, so both places fall on a sample
    for heard, first in ((at_start, 0), (at_end, (columns - 60) * COLUMN * 147 // 160)):
        assert _clarity_db(_below_2_khz(heard), wanted[first : first + 44_100]) > 70.0


def _below_2_khz(audio: Audio) -> Audio:
    """What [tabread4~] interpolates well."""
    taps = np.arange(-500, 501)
    kernel = np.sinc(taps * 4_000 / 44_100) * np.blackman(1001)
    return np.convolve(audio, kernel / kernel.sum(), mode="same").astype(np.float32)


def _clarity_db(heard: Audio, wanted: Audio) -> float:
    """Level of a sound above its error, which begins with the recording or a little later."""
    skipped, length = 8_000, 12_000
    core = wanted[skipped : skipped + length]
    error = min(
        float(((heard[begin : begin + length] - core) ** 2).sum())
        for begin in range(skipped - 1_500, skipped + 1_500)
    )
    return float(10 * np.log10((core**2).sum() / max(error, 1e-20)))


def test_two_of_them_in_one_pd_play_their_own_grids(
    client: Client, part_of_starter: str, tmp_path: Path
):
    part, starter = (rendered(client, grid, tmp_path) for grid in (part_of_starter, "starter"))
    parts = ("sda.play~ $0-c a\\ part", "sda.play~ $0-c starter")
    with recorder(tmp_path, port_of(client), *parts) as pd:
        pd.until_it_says("loaded a part")
        pd.until_it_says("loaded starter")
        heard = pd.record(1.0, "loop").T
    for sound, expected in zip(heard, (part, starter), strict=True):
        np.testing.assert_array_equal(sound[192:40_000], expected[192:40_000])


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_notes_play_codes_from_dark_to_bright(client: Client, tmp_path: Path, rate: int):
    path = client.job("/sda/code/render", "starter", 0)[2]
    bank = soundfile.read(path, dtype="float32")[0].reshape(128, -1)
    ranks = [int(r) for r in client.call("/sda/code/ranks", "starter", 0)[3:]]
    darkest, brightest = ranks.index(0), ranks.index(127)
    with recorder(tmp_path, port_of(client), "sda.code~ $0-c starter 0", rate=rate) as pd:
        pd.until_it_says("ready 128")
        dark = pd.record(0.7, "note 0 127")
        bright = pd.record(0.7, "note 127 64")
        both = pd.record(0.7, f"code {darkest} 127", f"code {brightest} 64")
        pd.start("code 5 127")
        pd.pd.wait(0.2)
        pd.pd.tell("test-in code 5 0")
        pd.pd.wait(0.4)
        let_go = pd.stop()
    # At another rate the bright one says little: nothing of it lies below 2 kHz.
    played = [(dark, darkest, 1.0), (bright, brightest, (64 / 127) ** 2)]
    for heard, code, loudness in played[: 2 if rate == 48_000 else 1]:
        wanted = _below_2_khz(soxr.resample(bank[code], 48_000, rate, quality="VHQ"))
        assert _clarity_db(_below_2_khz(heard / loudness), wanted) > 50.0
    n = min(map(len, (dark, bright, both)))
    assert np.abs(both[:n] - dark[:n] - bright[:n]).max() < 1e-4
    assert np.abs(let_go[int(0.32 * rate) :]).max() < 1e-4 < np.abs(let_go[: int(0.2 * rate)]).max()
    for heard in (dark, bright):
        assert np.abs(heard[int(0.55 * rate) :]).max() == 0.0
