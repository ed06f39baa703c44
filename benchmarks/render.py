"""How fast numpy plays a model, and how near that is to what this machine can do.

    python benchmarks/render.py [--model FILE | --shape COLUMN/FRAME] [--seconds 10]

Prints, with one thread and with two: how many times as fast as it plays a sound is decoded and
encoded, how much of that is products of matrices and how fast these are, how long a window of an
edit takes, and whether windows equal the whole bit for bit. Then the distance to torch, and the
start and memory of a process that plays (on Linux). ``--shape`` makes a model of that many channels
for columns and frames, with random weights. Times are the shortest of several, except percentiles.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from sdaudio.header import CodecConfig, ModelHeader
from sdaudio.modelfile import Model, read_model, write_model
from sdaudio.render import Renderer
from sdaudio.render.products import multiply
from sdaudio.resources import starter_model

_REPEATS = 20
_WINDOWS = 200


def main() -> None:
    """Measure in processes of their own, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=starter_model())
    parser.add_argument("--shape", help="channels of columns and frames, such as 320/128")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the sound")
    parser.add_argument("--inside", choices=("speed", "start"), help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.inside == "speed":
        _measure_speed(Renderer(read_model(parsed.model)), parsed.seconds)
    elif parsed.inside == "start":
        _measure_start(parsed.model)
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = parsed.model
            if parsed.shape:
                path = Path(folder) / "random.sda"
                write_model(path, _random_model(*map(int, parsed.shape.split("/"))))
            for threads in (1, 2):
                print(f"{threads} thread{'s'[: threads - 1]}:", flush=True)
                _run_inside("speed", path, parsed.seconds, threads)
            print(f"distance to torch: {_distance_to_torch(read_model(path)):.0f} dB", flush=True)
            _run_inside("start", path, parsed.seconds, 1)


def _run_inside(what: str, model: Path, seconds: float, threads: int) -> None:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, str(threads))}
    command = [sys.executable, __file__, "--inside", what, "--model", str(model)]
    subprocess.run([*command, "--seconds", str(seconds)], env=environment, check=True)


def _random_model(column_channels: int, frame_channels: int) -> Model:
    from sdaudio.codec import Codec, to_tensors

    config = CodecConfig(
        column_channels=column_channels,
        frame_channels=frame_channels,
        encoder_channels=frame_channels,
    )
    names = tuple(f"level {number}" for number in range(config.n_levels))
    return Model(ModelHeader("random", config, names), to_tensors(Codec(config)))


def _measure_speed(play: Renderer, seconds: float) -> None:
    config, chance = play.header.codec, np.random.default_rng(0)
    sound = chance.normal(0, 0.1, int(seconds * config.sample_rate)).astype(np.float32)
    codes = play.encode(sound)
    whole = play.decode(codes)
    for name, work in (
        ("decode", lambda: play.decode(codes)),
        ("encode", lambda: play.encode(sound)),
    ):
        took = min(_times(work, _REPEATS))
        flop, products = _products_alone(work)
        print(
            f"  {name}: {seconds / took:.0f} times as fast as it plays; products of matrices are "
            f"{products / took:.0%} of that, {flop / products / 1e9:.0f} GFLOP/s"
        )
    n_columns, n_equal = codes.shape[1], 0
    for n in (1, 4, 16):
        starts = chance.integers(0, n_columns - n, _WINDOWS).tolist()
        took_each = []
        for start in starts:
            begun = time.perf_counter()
            first, window = play.decode_window(codes, start, start + n)
            took_each.append(1e3 * (time.perf_counter() - begun))
            begin = first * config.column_length
            n_equal += np.array_equal(window, whole[begin : begin + window.size])
        least, half, most = np.percentile(took_each, (0, 50, 99))
        print(f"  window of {n}: p50 {half:.1f} ms, p99 {most:.1f} ms, shortest {least:.1f} ms")
    print(f"  {n_equal} of {3 * _WINDOWS} windows equal the whole bit for bit", flush=True)


def _products_alone(work: Callable[[], object]) -> tuple[float, float]:
    """Return the floating point operations of all products that work makes, and their time."""
    made: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []

    def note(matrix: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
        made.append((matrix, x))
        return multiply(matrix, x)

    with (
        patch("sdaudio.render.layers.multiply", note),
        patch("sdaudio.render.network.multiply", note),
    ):
        work()
    flop = sum(2.0 * matrix.size * x.shape[1] for matrix, x in made)
    return flop, min(_times(lambda: [multiply(matrix, x) for matrix, x in made], _REPEATS))


def _times(work: Callable[[], object], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return times


def _distance_to_torch(model: Model) -> float:
    import torch

    from sdaudio.codec import from_model

    config = model.header.codec
    shape = (config.n_levels, 100)
    codes = np.random.default_rng(1).integers(0, config.codebook_size, shape)
    with torch.inference_mode():
        expected = from_model(model).decode_codes(torch.from_numpy(codes.T)[None])[0].numpy()
    difference = Renderer(model).decode(codes) - expected
    return float(10 * np.log10((expected**2).sum() / (difference**2).sum()))


def _measure_start(path: Path) -> None:
    begun = time.perf_counter()
    play = Renderer(read_model(path))
    play.decode_window(np.zeros((play.header.codec.n_levels, 20), np.int64), 10, 11)
    took = time.perf_counter() - begun
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(f"a process that plays: {took:.2f} s from its imports to a window, {peak:.0f} MB at most")


if __name__ == "__main__":
    main()
