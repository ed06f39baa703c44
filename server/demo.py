"""A demonstration that is also a proof: drive a daemon over OSC through everything it can do.

It starts a daemon of its own on a free port, trains on sounds that sdaudio synthesises, edits,
plays and samples, and leaves sound files and pictures with a line about each.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.audio import read_sound
from sdaudio.errors import StateError
from sdaudio.modelfile import read_header, read_usage
from sdaudio.plots import plot_grid, plot_losses, plot_spectrograms, plot_usage
from sdaudio.starter.synthesis import write_sounds

from .client import Client, Event

_MODEL = "demo"
_FIRST, _SECOND = "bell_a4", "pluck_a2"
_EDITED_COLUMNS = 24
# Enough to show what it does.
_PRIOR_MINUTES = 0.2


def run_demo(output: Path, *, minutes: float) -> int:
    """Run the demonstration and write what it makes into a folder.

    Args:
        output: the folder; made when it is not there.
        minutes: how long to train.

    Returns:
        0, the exit code of the command line.

    Raises:
        SdaudioError: something did not work.
    """
    output = output.expanduser().resolve()
    output.mkdir(parents=True, exist_ok=True)
    process, port = _start_daemon(output)
    try:
        with Client(port, timeout_s=20.0) as client:
            demo = _Demo(client, output)
            demo.greet()
            demo.train(minutes)
            demo.encode()
            demo.edit()
            demo.play()
            demo.sample()
            demo.draw()
            client.call("/sda/quit")
        process.wait(20)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)
    print(f"\nThe daemon ended in order. What it made is in {output}:")
    for name, text in demo.made.items():
        print(f"  {name:22} {text}")
    return 0


class _Demo:
    def __init__(self, client: Client, output: Path) -> None:
        self._client = client
        self._output = output
        self.made: dict[str, str] = {}

    def greet(self) -> None:
        name, version, protocol, port, _ = self._client.call("/sda/hello")
        _say(f"/sda/hello: {name} {version}, protocol {protocol}, port {port}")
        self._client.call("/sda/subscribe")

    def train(self, minutes: float) -> None:
        folder = self._output / "sounds"
        n_files = len(write_sounds(folder))
        self.made["sounds/"] = f"the {n_files} synthesised sounds that were trained on"
        checked = self._client.job("/sda/dataset/check", str(folder))
        _say(
            f"/sda/dataset/check: {checked[0]} of {checked[1]} files, {checked[2]:.1f} s, "
            f"codebook of {checked[3]}"
        )
        started = time.monotonic()

        def hear(event: Event) -> None:
            address, values = event
            if address == "/sda/train/snapshot" and values[2] == 0:
                _say(f"  playable after {time.monotonic() - started:.1f} s, before any gradient")
            elif address == "/sda/train/level" and values[1] == 0:
                _say(f"  level {values[2]}: {float(values[3]):.0%} of its codes used")

        result = self._client.job(
            "/sda/train/start", _MODEL, str(folder), "minutes", minutes, "replace", 1, on_event=hear
        )
        _say(f"/sda/train/start: {result[1]} steps in {float(result[2]):.0f} s")
        self.made[f"models/{_MODEL}.sda"] = "the trained model, one safetensors file"
        _, light = self._client.call("/sda/model/health", _MODEL)
        _say(f"/sda/model/health: {light}")

    def encode(self) -> None:
        for grid, name in (("one", _FIRST), ("two", _SECOND)):
            sound = self._output / "sounds" / f"{name}.wav"
            _, levels, columns, seconds = self._client.job(
                "/sda/grid/encode", grid, _MODEL, str(sound)
            )
            _say(f"/sda/grid/encode {sound.name}: {levels} levels x {columns} columns, "
                 f"{float(seconds):.1f} s")  # fmt: skip
        self._render("one", "1-encoded.wav", f"{_FIRST}.wav through its codes")
        self._render("two", "2-other.wav", f"{_SECOND}.wav through its codes")

    def edit(self) -> None:
        call = self._client.call
        before = self._codes("one")
        n = min(_EDITED_COLUMNS, before.shape[1] // 2, self._codes("two").shape[1])
        call("/sda/grid/set", "one", 0, 4, *(int(code) for code in before[0, 8:12]))
        self._render("one", "3-cells.wav", "four Structure codes of the first sound changed")
        call("/sda/grid/swap", "one", "two", 0, before.shape[0], 8, 0, n)
        self._render("one", "4-swapped.wav", f"{n} columns swapped with the second sound")
        call("/sda/grid/undo", "one", 2)
        if not np.array_equal(self._codes("one"), before):
            raise StateError("undo did not bring the codes back")
        _say("/sda/grid/undo: the codes are as they were, in both grids")
        call("/sda/grid/redo", "one", 2)
        call("/sda/grid/undo", "one", 2)
        for amount in (0.25, 0.5):
            _, distance, *_ = call("/sda/blend/set", "one", "two", 0, before.shape[0], 0, n, amount)
            _say(f"/sda/blend/set {amount}: mean distance from the codes {float(distance):.2f}")
        call("/sda/blend/commit", "one")
        self._render("one", "5-blended.wav", f"the first {n} columns half way to the second sound")
        call("/sda/grid/undo", "one")

    def play(self) -> None:
        self._client.call("/sda/play/loop", "one", 0, 32)
        _, column, *_ = self._client.wait_for("/sda/play/head", timeout_s=5.0)
        _say(f"/sda/play/loop: playing, the playhead is at column {column}")
        samples = self._client.call("/sda/play/code", _MODEL, 0, int(self._codes("one")[0, 0]))[0]
        _say(f"/sda/play/code: one code alone, {samples} samples")
        self._client.call("/sda/play/stop")

    def sample(self) -> None:
        _, perplexity, held_out = self._client.job(
            "/sda/prior/train", _MODEL, "minutes", _PRIOR_MINUTES
        )
        _say(f"/sda/prior/train: perplexity {float(perplexity):.1f}, held out {held_out:.1f}")
        for name, options in (
            ("6-sampled.wav", ("temperature", 0.8, "top_p", 0.9, "seed", 7)),
            ("7-sampled-wild.wav", ("temperature", 1.4, "top_k", 40, "top_p", 0.0, "seed", 8)),
        ):
            _, columns, seed = self._client.job("/sda/prior/sample", "new", _MODEL, 6.0, *options)
            settings = " ".join(str(option) for option in options)
            _say(f"/sda/prior/sample {settings}: {columns} columns, seed {seed}")
            self._render("new", name, f"new material from the prior, {settings}")

    def draw(self) -> None:
        model = self._output / "models" / f"{_MODEL}.sda"
        header = read_header(model)
        rate = header.codec.sample_rate
        plot_grid(self._codes("one"), header.level_names, self._output / "grid.png")
        self.made["grid.png"] = "the code grid of the first sound"
        plot_usage(read_usage(model), header.level_names, self._output / "usage.png")
        self.made["usage.png"] = "how often each code of each level is used"
        plot_losses(header.training.history, self._output / "losses.png")
        self.made["losses.png"] = "how the losses fell while training"
        pictures = {"original": read_sound(self._output / "sounds" / f"{_FIRST}.wav", rate)}
        for title in ("1-encoded", "4-swapped", "5-blended", "6-sampled"):
            pictures[title] = read_sound(self._output / f"{title}.wav", rate)
        plot_spectrograms(pictures, rate, self._output / "spectrograms.png")
        self.made["spectrograms.png"] = "the original beside what was made of it"

    def _render(self, grid: str, name: str, text: str) -> None:
        path, frames, rate, peak = self._client.job(
            "/sda/grid/render", grid, str(self._output / name)
        )
        _say(f"/sda/grid/render {Path(str(path)).name}: {int(frames) / int(rate):.2f} s, "
             f"peak {float(peak):.2f}")  # fmt: skip
        self.made[name] = text

    def _codes(self, grid: str) -> NDArray[np.int64]:
        levels, columns = self._client.call("/sda/grid/info", grid)[2:4]
        rows = []
        for level in range(int(levels)):
            row: list[int] = []
            while len(row) < int(columns):
                got = self._client.call("/sda/grid/get", grid, level, len(row))
                row += [int(code) for code in got[3:]]
            rows.append(row)
        return np.array(rows)


def _start_daemon(output: Path) -> tuple[subprocess.Popen[str], int]:
    command = [
        sys.executable, "-m", "sdaudio_server", "serve", "--port", "0",
        "--models", str(output / "models"), "--output", str(output),
        "--grids", str(output / "grids"),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        raise StateError("the daemon has no output to read")
    for line in process.stdout:
        _say(f"  {line.rstrip()}")
        if found := re.search(r"port (\d+)", line):
            return process, int(found[1])
    raise StateError(f"The daemon ended at its start (exit code {process.wait()}).")


def _say(text: str) -> None:
    print(text, flush=True)
