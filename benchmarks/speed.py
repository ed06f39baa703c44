"""How fast a model encodes, decodes and renders one edit, with the threads of this process.

    OMP_NUM_THREADS=2 python benchmarks/speed.py MODEL.sda

Prints JSON: times real time for 10 s of sound (the fastest of five), milliseconds for the window
of one edit, and what a fresh render worker costs.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sdaudio.modelfile import read_model
from sdaudio.render import Renderer


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    started = time.perf_counter()
    renderer = Renderer(read_model(parser.parse_args().model))
    loaded_s = time.perf_counter() - started
    config, size = renderer.header.codec, renderer.codebooks.shape[1]
    generator = np.random.default_rng(0)
    n_columns = round(10 * config.columns_per_second)
    codes = generator.integers(0, size, (config.n_levels, n_columns))
    sound = renderer.decode(codes)
    middle = n_columns // 2
    windows = [_time(lambda: renderer.decode_window(codes, middle, middle + 1)) for _ in range(200)]
    print(
        json.dumps({
            "load_s": round(loaded_s, 3),
            "encode_x": round(10 / _fastest(lambda: renderer.encode(sound), 5), 1),
            "decode_x": round(10 / _fastest(lambda: renderer.decode(codes), 5), 1),
            "edit_ms": round(float(np.median(windows)) * 1e3, 2),
            "edit_p99_ms": round(float(np.percentile(windows, 99)) * 1e3, 2),
        })
    )  # fmt: skip


def _time(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _fastest(call: Callable[[], object], n: int) -> float:
    return min(_time(call) for _ in range(n))


if __name__ == "__main__":
    main()
