"""How well a codec learns a folder of sounds, how its edits sound, and how fast it plays.

    python benchmarks/codec.py FOLDER [--minutes 2] [--threads 1] [--hold-out 0.2] [--model FILE]

Trains (or takes a model), renders every file through its codes without torch, and prints means
over files of the measures of `sdaudio.metrics`:

    mr, mel, lsd (dB), env (dB)   distances, lower is better; SI-SDR (dB) higher
    per                           repetition at the hop, beside the original's
    noise                         the same on sustained noise-like half seconds only
    tex                           liveliness against the original, 1 is right
    pre                           dB too much before attacks

for the files, held-out files and edited grids (a tenth of the columns replaced by another
file's, compared with the same splice in audio), then for systems to compare with. Edits that have
no true sound (one level swapped, blends, the prior's output) are judged by `per` and by what
stands out at their borders, against the untouched sounds. Last come what each level's codes
change, and speed.
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from baselines import has_opus, mel_griffin_lim, opus
from numpy.typing import NDArray

from sdaudio.codebooks import embed, quantise
from sdaudio.dataset import Dataset, load, scan
from sdaudio.factors import FACTORS, UNITS, level_effects
from sdaudio.metrics import (
    border_level,
    choose_runs,
    envelope_error,
    hop_periodicity,
    log_spectral_distance,
    mel_distance,
    mr_stft,
    pre_echo,
    si_sdr,
    splice,
    splice_codes,
    sustained_periodicity,
    texture_ratio,
)
from sdaudio.modelfile import Model, read_model, split_training_codes, write_model
from sdaudio.prior import SamplingOptions, fit, sample
from sdaudio.render import Renderer

Audio = NDArray[np.float32]
Codes = NDArray[np.integer]

RATE = 48_000
HEADINGS = "                   mr    mel    lsd    env SI-SDR   per(orig)  noise(orig)   tex   pre"


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--steps", type=int, help="exactly so many steps instead of minutes")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hold-out", type=float, default=0.0, help="share of files kept apart")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="write the trained model there")
    parser.add_argument("--model", type=Path, help="measure this model instead of training one")
    parser.add_argument("--json", type=Path, help="write every number there, too")
    parsed = parser.parse_args()

    whole = load(scan(parsed.folder), RATE)
    used, kept = _divide(whole, parsed.hold_out, parsed.seed)
    start: Model | None = None
    facts: dict[str, float] = {}
    if parsed.model:
        model = read_model(parsed.model)
    else:
        start, model, facts = _train(used, parsed)
    if parsed.keep:
        write_model(parsed.keep, model)
    results = {"training": facts, **_print_model(model, parsed.folder, used, facts)}
    results["quality"] = _print_quality(model, start, used, kept, parsed.seed)
    results["edits"] = _print_edits(model, used, parsed.seed)
    results["levels"] = _print_levels(model, used, parsed.seed)
    results["speed"] = _print_speed(model)
    if parsed.json:
        parsed.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _divide(whole: Dataset, share: float, seed: int) -> tuple[Dataset, list[Audio]]:
    n_kept = round(share * len(whole.sounds))
    order = np.random.default_rng(seed).permutation(len(whole.sounds))
    kept = set(order[:n_kept].tolist())
    inside = [i for i in range(len(whole.sounds)) if i not in kept]
    used = dataclasses.replace(
        whole,
        sounds=tuple(whole.sounds[i] for i in inside),
        files=tuple(whole.files[i] for i in inside),
    )
    return used, [whole.sounds[i] for i in sorted(kept)]


def _train(dataset: Dataset, parsed: argparse.Namespace) -> tuple[Model, Model, dict[str, float]]:
    started, cpu = time.perf_counter(), time.process_time()
    # the import of torch is part of what a person waits for
    from sdaudio.training import TrainingOptions, train

    first: list[tuple[float, Model]] = []

    def on_snapshot(model: Model) -> None:
        if not first:
            first.append((time.perf_counter() - started, model))

    options = TrainingOptions(
        name="benchmark", minutes=parsed.minutes, steps=parsed.steps, threads=parsed.threads,
        seed=parsed.seed,
    )  # fmt: skip
    model = train(
        dataset, options, on_event=lambda _event: None, on_snapshot=on_snapshot,
        should_stop=lambda: False,
    )  # fmt: skip
    (first_s, start), *_ = first
    return start, model, {
        "first_grid_s": round(first_s, 2),
        "wall_s": round(time.perf_counter() - started, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "steps": model.header.training.steps,
    }  # fmt: skip


def _print_model(
    model: Model, folder: Path, used: Dataset, facts: dict[str, float]
) -> dict[str, object]:
    codec = model.header.codec
    n_numbers = sum(t.size for n, t in model.tensors.items() if "." in n)
    print(
        f"{folder.name}: {len(used.sounds)} files, {used.duration_s:.1f} s, {codec.n_levels} x "
        f"{codec.codebook_size} codes, {n_numbers / 1e6:.2f} M numbers"
    )
    if facts:
        print("  " + ", ".join(f"{name} {value:g}" for name, value in facts.items()))
    health = dict(zip(model.header.level_names, model.header.health, strict=False))
    print("  " + ", ".join(
        f"{name} {level.utilisation:.0%} used (perplexity {level.perplexity:.0f})"
        for name, level in health.items()
    ))  # fmt: skip
    return {"utilisation": {name: level.utilisation for name, level in health.items()}}


def _print_quality(
    model: Model, start: Model | None, used: Dataset, kept: list[Audio], seed: int
) -> dict[str, dict[str, float]]:
    renderer = Renderer(model)
    print(HEADINGS)
    rows = {}

    def row(title: str, wanted: Sequence[Audio], given: Sequence[Audio]) -> None:
        rows[title] = measure(wanted, given)
        _print_row(title, rows[title])

    # a model may be measured on sounds that it never heard
    own = {file.name for file in model.header.dataset.files} == {file.name for file in used.files}
    row(
        "training" if own else "these files",
        used.sounds,
        [_through(renderer, sound) for sound in used.sounds],
    )
    if kept:
        row("held out", kept, [_through(renderer, sound) for sound in kept])
    if len(used.sounds) > 1:
        row("edited", *_edited(renderer, used.sounds, seed))
    print("  beside it, on the same files:")
    if start is not None:
        first = Renderer(start)
        row("codes, 0 steps", used.sounds, [_through(first, sound) for sound in used.sounds])
    row("mel + GL 32", used.sounds, [mel_griffin_lim(sound, RATE) for sound in used.sounds])
    if has_opus():
        for kilobits in (12, 24):
            coded = [opus(sound, RATE, kilobits=kilobits) for sound in used.sounds]
            title = f"Opus {np.mean([rate for _, rate in coded]):.0f} kbit/s"
            row(title, used.sounds, [sound for sound, _ in coded])
    else:
        print("  (no rows for Opus: ffmpeg is not installed)")
    return rows


def measure(wanted: Sequence[Audio], given: Sequence[Audio]) -> dict[str, float]:
    """Return every measure as a mean over the sounds where it is defined."""
    per_file: list[dict[str, float]] = []
    for one, other in zip(wanted, given, strict=True):
        noise = sustained_periodicity(one, other, RATE)
        per_file.append({
            "mr": mr_stft(one, other),
            "mel": mel_distance(one, other, RATE),
            "lsd": log_spectral_distance(one, other),
            "env": envelope_error(one, other, RATE),
            "si_sdr": si_sdr(one, other),
            "per": hop_periodicity(other, RATE),
            "per_original": hop_periodicity(one, RATE),
            "noise": noise.estimate,
            "noise_original": noise.original,
            "tex": texture_ratio(one, other),
            "pre": pre_echo(one, other, RATE),
        })  # fmt: skip
    return {name: _mean([values[name] for values in per_file]) for name in per_file[0]}


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _print_row(title: str, row: dict[str, float]) -> None:
    noise = "      -      "
    if np.isfinite(row["noise"]):
        noise = f"{row['noise']:6.2f}({row['noise_original']:.2f})"
    pre = f"{row['pre']:5.1f}" if np.isfinite(row["pre"]) else "    -"
    print(
        f"  {title:14}{row['mr']:6.3f} {row['mel']:6.3f} {row['lsd']:6.2f} {row['env']:6.2f} "
        f"{row['si_sdr']:6.1f}  {row['per']:.2f}({row['per_original']:.2f})  {noise} "
        f"{row['tex']:5.2f} {pre}"
    )


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


def _print_edits(model: Model, used: Dataset, seed: int) -> dict[str, dict[str, float]]:
    """Judge what has no true sound beside the untouched renders of the same grids."""
    renderer = Renderer(model)
    length = model.header.codec.column_length
    codes = [renderer.encode(sound) for sound in used.sounds]
    generator = np.random.default_rng(seed)
    every = [np.arange(1, grid.shape[1]) * length for grid in codes]
    takes = {"untouched": [(renderer.decode(g), b) for g, b in zip(codes, every, strict=True)]}
    if len(codes) > 1:
        takes["10 % of columns"] = []
        takes |= {f"level {level + 1} swapped": [] for level in range(len(codes[0]))}
        takes["blended halfway"] = []
    for number, grid in enumerate(codes if len(codes) > 1 else []):
        source = codes[(number + int(generator.integers(1, len(codes)))) % len(codes)]
        runs = choose_runs(grid.shape[1], source.shape[1], generator)
        borders = np.array([(r.column + o) * length for r in runs for o in (0, r.n_columns)])
        spliced = splice_codes(grid, source, runs)
        takes["10 % of columns"].append((renderer.decode(spliced), borders))
        for level in range(len(grid)):
            swapped = grid.copy()
            swapped[level] = spliced[level]
            takes[f"level {level + 1} swapped"].append((renderer.decode(swapped), borders))
        n = min(grid.shape[1], source.shape[1])
        latents = [embed(g[:, :n], renderer.codebooks) for g in (grid, source)]
        blended, _ = quantise(
            0.5 * (latents[0] + latents[1]), renderer.codebooks,
            structure_dims=model.header.codec.structure_dims,
        )  # fmt: skip
        takes["blended halfway"].append((renderer.decode(blended), every[number][: n - 1]))
    prior = fit(split_training_codes(model.tensors, model.header.name), len(renderer.codebooks[0]))
    for number in range(4):
        taken = sample(prior, n_columns=235, options=SamplingOptions(seed=seed + number))
        columns = np.arange(1, taken.shape[1]) * length
        takes.setdefault("from the prior", []).append((renderer.decode(taken), columns))
    print("  edited grids          per: median (5 to 95 %)   dB above 8 kHz at borders")
    rows = {}
    for title, sounds in takes.items():
        pers = [hop_periodicity(sound, RATE) for sound, _ in sounds]
        borders = _mean([border_level(sound, where.tolist(), RATE) for sound, where in sounds])
        low, middle, high = np.percentile(pers, (5, 50, 95))
        rows[title] = {"per": middle, "per_5": low, "per_95": high, "border_db": borders}
        print(f"    {title:18} {middle:8.2f} ({low:.2f} to {high:.2f}) {borders:18.1f}")
    return rows


def _print_levels(model: Model, used: Dataset, seed: int) -> list[dict[str, object]]:
    renderer = Renderer(model)
    codes = [renderer.encode(sound) for sound in used.sounds]
    length = model.header.codec.column_length
    effects = level_effects(renderer.decode, codes, RATE, column_length=length, seed=seed)
    titles = [f"{factor}, {UNITS[factor]}" for factor in FACTORS]
    print("  a swapped code changes" + "".join(f"{title:>21}" for title in titles))
    for level, name in enumerate(model.header.level_names):
        cells = [effect for effect in effects if effect.level == level]
        print(f"    {name:20}" + "".join(f"{e.change:14.2f} {e.share:6.0%}" for e in cells))
    print("    (median change; share of the factor's variance that this level's code tells alone)")
    return [dataclasses.asdict(effect) for effect in effects]


def _print_speed(model: Model) -> dict[str, dict[str, float]]:
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.sda"
        write_model(path, model)
        for threads in (1, 2):
            environment = dict(os.environ)
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                environment[name] = str(threads)
            command = [sys.executable, str(Path(__file__).with_name("speed.py")), str(path)]
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=True
            )
            speed = results[f"{threads} threads"] = json.loads(done.stdout)
            print(
                f"  {threads} thread{'s' if threads > 1 else ' '}: encode {speed['encode_x']:.0f}x,"
                f" decode {speed['decode_x']:.0f}x real time; one edit {speed['edit_ms']:.1f} ms "
                f"(p99 {speed['edit_p99_ms']:.1f}); model loaded in {speed['load_s']:.2f} s"
            )
    return results


if __name__ == "__main__":
    main()
