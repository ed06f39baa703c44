"""How often a step to a brighter, darker, louder or softer code is heard that way, and how soon.

    python benchmarks/steps.py [MODEL.sda] [--tries 60]

Takes columns of the training sounds from the model file (the starter's without one), steps them on
one level and on all, one at a time and eight side by side, and measures the column's own samples
before and after, which is not what the step itself listens to. "moved" are the columns that had a
code to go to, "right" those of them that went the right way, "closed form" how many of the nearest
codes that should lead there by the closed form alone do.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.descriptors import Stepper
from sdaudio.grid import Region
from sdaudio.modelfile import read_model, read_training_codes
from sdaudio.neighbours import DIRECTIONS, Direction
from sdaudio.render import Renderer
from sdaudio.resources import starter_model

SOFTEST_DB = -70.0


@dataclass
class Outcome:
    """What became of some columns; times in s."""

    n: int = 0
    moved: int = 0
    right: int = 0
    times: list[float] = field(default_factory=list)


def main() -> None:
    """Step, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", default=starter_model())
    parser.add_argument("--tries", type=int, default=60, help="places for each line")
    arguments = parser.parse_args()
    renderer = Renderer(read_model(arguments.model))
    files = read_training_codes(arguments.model)
    n_levels = renderer.codebooks.shape[0]
    print("levels  columns  direction  moved  right  closed form  ms p50   max")
    for level, levels in [*((level, 1) for level in range(n_levels)), (0, n_levels)]:
        for width in (1, 8):
            for direction in DIRECTIONS:
                region = Region(level, levels, 0, width)
                heard, alone = (
                    _steps(renderer, files, region, direction, arguments.tries, listen=listen)
                    for listen in (True, False)
                )
                ms = 1000 * np.array(heard.times)
                print(
                    f"{level}-{level + levels - 1:<6}{width:7}  {direction:<9}"
                    f"{heard.moved / heard.n:7.0%}{heard.right / max(1, heard.moved):7.0%}"
                    f"{alone.right / max(1, alone.moved):13.0%}{np.median(ms):8.1f}{ms.max():6.0f}"
                )


def _steps(
    renderer: Renderer,
    files: list[NDArray[np.uint16]],
    region: Region,
    direction: Direction,
    tries: int,
    *,
    listen: bool,
) -> Outcome:
    stepper, chance, outcome = Stepper(renderer), np.random.default_rng(0), Outcome()
    quality = int(direction in ("louder", "softer"))
    sign = 1 if direction in ("brighter", "louder") else -1
    context = 2 * (renderer.reach + 1)
    for _ in range(tries):
        codes = files[chance.integers(len(files))]
        if codes.shape[1] < 2 * context + region.columns:
            continue
        first = int(chance.integers(codes.shape[1] - 2 * context - region.columns + 1))
        codes = codes[:, first : first + 2 * context + region.columns]
        place = Region(region.level, region.levels, context, region.columns)
        after = codes.copy()
        started = time.perf_counter()
        if listen:
            stepped = stepper.step(codes, place, direction)
            after[place.level_slice, place.column_slice] = stepped
        else:
            for column, choices in enumerate(stepper.proposals(codes, place, direction)):
                for level, code in choices[:1]:
                    after[level, context + column] = code
        outcome.times.append(time.perf_counter() - started)
        before, then = _qualities(renderer, codes), _qualities(renderer, after)
        for column in range(context, context + region.columns):
            if before[1, column] < SOFTEST_DB:
                continue
            moved = bool((after[:, column] != codes[:, column]).any())
            outcome.n += 1
            outcome.moved += moved
            difference = then[quality, column] - before[quality, column]
            outcome.right += moved and bool(sign * difference > 0)
    return outcome


def _qualities(renderer: Renderer, codes: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Brightness in octaves above 1 Hz and loudness in dB of each column alone, (2, column)."""
    config = renderer.header.codec
    columns = renderer.decode(codes).reshape(-1, config.column_length).astype(np.float64)
    power = np.abs(np.fft.rfft(columns * np.hanning(config.column_length))) ** 2 + 1e-12
    hertz = np.fft.rfftfreq(config.column_length, 1 / config.sample_rate)
    brightness = np.log2((power * hertz).sum(axis=1) / power.sum(axis=1) + 1)
    loudness = 10 * np.log10((columns**2).mean(axis=1) + 1e-10)
    return np.stack((brightness, loudness))


if __name__ == "__main__":
    main()
