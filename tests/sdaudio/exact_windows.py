"""Compares windows with the whole, bit for bit, in a process of its own.

The matrix library reads the kernels and the threads to use when it is loaded, so a test starts
this once for each. Ends with a complaint when anything differs.
"""

import sys

import numpy as np

from sdaudio.header import CodecConfig, ModelHeader
from sdaudio.modelfile import Model
from sdaudio.render import Renderer, renderer
from sdaudio.render.network import expected_shapes


def main() -> None:
    for config in (CodecConfig(), CodecConfig(n_fft=2048, hop_length=512, frames_per_column=2)):
        _compare(Renderer(_random_model(config)))


def _random_model(config: CodecConfig) -> Model:
    chance = np.random.default_rng(2)
    weights = {
        name: (chance.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)
        for name, shape in expected_shapes(config).items()
    }
    return Model(ModelHeader("random", config, ("one", "two", "three")), weights)


def _compare(play: Renderer) -> None:
    n_levels, size, _ = play.codebooks.shape
    length = play.header.codec.column_length
    chance = np.random.default_rng(3)
    codes = chance.integers(0, size, (n_levels, 80))
    whole = play.decode(codes)
    if not play._windows_are_exact:
        sys.exit("the measured check found windows that differ")
    for _ in range(8):
        n = int(chance.integers(1, 40))
        start = int(chance.integers(0, 80 - n))
        first, window = play.decode_window(codes, start, start + n)
        place = slice(first * length, first * length + window.size)
        if not np.array_equal(window, whole[place]):
            sys.exit(f"columns {start} to {start + n} differ")
    sound = chance.normal(0, 0.1, 50 * length).astype(np.float32)
    latents = play.latents(sound)
    for at_once in (1, 11, renderer.STRETCH_COLUMNS):
        renderer.STRETCH_COLUMNS = at_once
        if not np.array_equal(play.latents(sound), latents):
            sys.exit("latents depend on the stretch")


if __name__ == "__main__":
    main()
