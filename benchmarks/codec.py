"""How well a codec learns a folder of sounds, and how fast it plays them.

    python benchmarks/codec.py FOLDER [--minutes 2] [--threads 1] [--hold-out 0.2]

Trains, renders every file through its codes without torch, and prints the distances of
`sdaudio.metrics` as means over files: for the training files, for files that were held out, and
for edited grids (a tenth of the columns replaced by another file's, compared with the same splice
in audio). Lower is better for mr, mel and per; higher for SI-SDR.
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.dataset import Dataset, load, scan
from sdaudio.metrics import (
    choose_runs,
    hop_periodicity,
    mel_distance,
    mr_stft,
    si_sdr,
    splice,
    splice_codes,
    texture_ratio,
)
from sdaudio.modelfile import Model, write_model
from sdaudio.render import Renderer

Audio = NDArray[np.float32]


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hold-out", type=float, default=0.0, help="share of files kept apart")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="write the trained model there")
    parsed = parser.parse_args()

    whole = load(scan(parsed.folder), 48_000)
    used, kept = _divide(whole, parsed.hold_out, parsed.seed)
    model, facts = _train(used, parsed.minutes, parsed.threads, parsed.seed)
    if parsed.keep:
        write_model(parsed.keep, model)
    renderer = Renderer(model)
    codec = model.header.codec
    print(
        f"{parsed.folder.name}: {len(used.sounds)} files, {used.duration_s:.1f} s, "
        f"{codec.n_levels} x {codec.codebook_size} codes, "
        f"{sum(t.size for n, t in model.tensors.items() if '.' in n) / 1e6:.2f} M numbers"
    )
    print(json.dumps(facts))
    for health, name in zip(model.header.health, model.header.level_names, strict=True):
        print(f"  {name:10} {health.utilisation:.0%} used, perplexity {health.perplexity:.0f}")
    print("                    mr     mel  SI-SDR     per (original)    tex")
    _print_row("training", used.sounds, [_through(renderer, s) for s in used.sounds])
    if kept:
        _print_row("held out", kept, [_through(renderer, s) for s in kept])
    if len(used.sounds) > 1:
        _print_row("edited", *_edited(renderer, used.sounds, parsed.seed))
    _print_speed(renderer, used.sounds)


def _divide(whole: Dataset, share: float, seed: int) -> tuple[Dataset, list[Audio]]:
    n_kept = round(share * len(whole.sounds))
    order = np.random.default_rng(seed).permutation(len(whole.sounds))
    kept = set(order[:n_kept].tolist())
    inside = [i for i in range(len(whole.sounds)) if i not in kept]
    used = Dataset(
        sounds=tuple(whole.sounds[i] for i in inside),
        files=tuple(whole.files[i] for i in inside),
        fingerprint=whole.fingerprint,
        sample_rate=whole.sample_rate,
    )
    return used, [whole.sounds[i] for i in sorted(kept)]


def _train(
    dataset: Dataset, minutes: float, threads: int, seed: int
) -> tuple[Model, dict[str, object]]:
    started, cpu = time.perf_counter(), time.process_time()
    # the import of torch is part of what a person waits for
    from sdaudio.training import TrainingOptions, train

    first: list[float] = []
    model = train(
        dataset,
        TrainingOptions(name="benchmark", minutes=minutes, threads=threads, seed=seed),
        on_event=lambda _event: None,
        on_snapshot=lambda _model: first.append(time.perf_counter() - started),
        should_stop=lambda: False,
    )
    return model, {
        "first_grid_s": round(first[0], 2),
        "wall_s": round(time.perf_counter() - started, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "steps": model.header.training.steps,
    }


def _through(renderer: Renderer, sound: Audio) -> Audio:
    return renderer.decode(renderer.encode(sound))[: len(sound)]


def _edited(
    renderer: Renderer, sounds: Sequence[Audio], seed: int
) -> tuple[list[Audio], list[Audio]]:
    generator = np.random.default_rng(seed)
    length = renderer.header.codec.column_length
    codes = [renderer.encode(sound) for sound in sounds]
    padded = [
        np.pad(sound, (0, grid.shape[1] * length - len(sound)))
        for sound, grid in zip(sounds, codes, strict=True)
    ]
    wanted, given = [], []
    for number in range(len(sounds)):
        other = (number + int(generator.integers(1, len(sounds)))) % len(sounds)
        runs = choose_runs(codes[number].shape[1], codes[other].shape[1], generator)
        wanted.append(splice(padded[number], padded[other], runs))
        given.append(renderer.decode(splice_codes(codes[number], codes[other], runs)))
    return wanted, given


def _print_row(title: str, wanted: Sequence[Audio], given: Sequence[Audio]) -> None:
    def mean(metric: Callable[[Audio, Audio], float]) -> float:
        return float(np.mean([metric(a, b) for a, b in zip(wanted, given, strict=True)]))

    per = np.mean([hop_periodicity(sound, 48_000) for sound in given])
    original = np.mean([hop_periodicity(sound, 48_000) for sound in wanted])
    print(
        f"  {title:12} {mean(mr_stft):7.3f} {mean(lambda a, b: mel_distance(a, b, 48_000)):7.3f} "
        f"{mean(si_sdr):7.1f} {per:7.3f} ({original:.3f})  {mean(texture_ratio):9.2f}"
    )


def _print_speed(renderer: Renderer, sounds: Sequence[Audio]) -> None:
    sound = np.resize(np.concatenate(sounds), 10 * 48_000).astype(np.float32)
    codes = renderer.encode(sound)
    middle = codes.shape[1] // 2
    encode_s = _fastest(lambda: renderer.encode(sound), 5)
    decode_s = _fastest(lambda: renderer.decode(codes), 5)
    windows = [_time(lambda: renderer.decode_window(codes, middle, middle + 1)) for _ in range(200)]
    print(
        f"  one thread, no torch: encode {10 / encode_s:.0f}x, decode {10 / decode_s:.0f}x real "
        f"time; one edit {np.median(windows) * 1e3:.1f} ms (p99 "
        f"{np.percentile(windows, 99) * 1e3:.1f} ms)"
    )
    code = (
        "import re, pathlib, sdaudio.tasks.rendering as r\n"
        "from sdaudio.resources import starter_model\n"
        "r.renderer(starter_model())\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    started = time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wall_s = time.perf_counter() - started
    print(
        f"  render worker: started and model loaded in {wall_s:.2f} s, "
        f"{float(shown.stdout) / 1e3:.0f} MB"
    )


def _time(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _fastest(call: Callable[[], object], n: int) -> float:
    return min(_time(call) for _ in range(n))


if __name__ == "__main__":
    main()
