"""How well, how fast and how soon a prior foresees and samples the codes of a trained model.

    python benchmarks/prior.py MODEL.sda [--columns 5000] [--minutes 6] [--no-daemon]

Takes the codes of the training sounds from the model file and trains everything anew, so the model
needs no prior. Prints perplexities per code, by level and their mean, on held-out files and on the
held-out ends of files: of a unigram, of a Witten-Bell n-gram (the order that does best, which
flatters it), of counts, net and mixture. A level may have a unigram far over its codebook size: a
held-out sound holds a code for long that no other sound uses.

Then seconds of CPU, columns per second of counts and mixture, and through a daemon of its own the
time from a request to the playhead on its first columns. "copied" is the share of columns whose
coarsest code repeats, in the material and in what was sampled: far more in the samples would be a
prior that freezes.
"""

import argparse
import dataclasses
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from daemon import running_daemon
from numpy.typing import NDArray

from sdaudio.modelfile import CODEBOOKS, Model, read_model, split_training_codes, write_model
from sdaudio.prior import CountPrior, SamplingOptions, fit, sample
from sdaudio.prior.blending import Mixture, mix
from sdaudio.prior.budget import MAX_EPOCHS, shape_for
from sdaudio.prior.holding import Parts, hold_out
from sdaudio.prior.net import N_SURE_BINS, Net, Sizes
from sdaudio.render import Renderer
from sdaudio.tasks.priors import train_prior
from sdaudio.tasks.requests import PriorBudget
from sdaudio_server.client import Client

ORDERS = (0, 1, 2, 3, 4, 6)
N_TAKES = 12

Floats = NDArray[np.float64]


def main() -> None:
    """Learn, sample, play, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a model file that carries its training codes")
    parser.add_argument("--columns", type=int, default=5000, help="how many to sample")
    parser.add_argument("--minutes", type=float, default=6.0, help="at most so long for a net")
    parser.add_argument("--no-daemon", action="store_true", help="leave the daemon out")
    parsed = parser.parse_args()
    model = read_model(parsed.model)
    files = split_training_codes(model.tensors, str(parsed.model))
    n_columns = sum(codes.shape[1] for codes in files)
    seconds = n_columns / model.header.codec.columns_per_second
    print(f"{len(files)} files, {n_columns} columns, {seconds:.0f} s")
    if len(files) > 1:
        _foresee(model, files, "file", parsed.minutes)
    _foresee(model, files, "time", parsed.minutes)
    trained = _train(model, parsed.minutes)
    _sample(trained, files, parsed.columns)
    if not parsed.no_daemon:
        _hear(trained)


def _foresee(
    model: Model,
    files: Sequence[NDArray[np.uint16]],
    by: Literal["file", "time"],
    minutes: float,
) -> None:
    from sdaudio.prior.learning import Limits, learn

    parts = hold_out(files, by=by)
    codebooks = model.tensors[CODEBOOKS]
    size = codebooks.shape[1]
    words = {order: _witten_bell(parts, size, order) for order in ORDERS}
    best = min(words, key=lambda order: float(np.mean(words[order])))
    began = time.process_time()
    counts = fit(parts.learned, size)
    counts_s = time.process_time() - began
    config = shape_for(sum(codes.shape[1] for codes in parts.learned))
    began = time.process_time()
    learned = learn(
        parts, codebooks, config,
        limits=Limits(MAX_EPOCHS, 60 * minutes), seed=0,
        on_measured=lambda _: None, should_stop=lambda: False,
    )  # fmt: skip
    if learned is None:
        raise RuntimeError("nobody stopped the net, and yet it was")
    net_s = time.process_time() - began
    shares = np.zeros((len(codebooks), N_SURE_BINS), np.float32)
    net = Net(config, Sizes(*codebooks.shape), learned.weights, shares)
    mixture: Mixture = mix(counts, net, parts.held_out)
    tested = sum(excerpt.n_columns for excerpt in parts.held_out)
    print(f"held out by {by}: {tested} columns in {len(parts.held_out)} files")
    rows = {
        "unigram": np.exp(_unigram(parts, size)),
        f"Witten-Bell of order {best}": np.exp(words[best]),
        "counts": np.array(mixture.counts),
        "net": np.array(mixture.net),
        "mixture": np.array(mixture.mixture),
    }
    for name, perplexities in rows.items():
        levels = "".join(f"{value:9.1f}" for value in perplexities)
        mean = float(np.exp(np.log(perplexities).mean()))
        of_words = mean / float(np.exp(words[best].mean()))
        print(f"  {name:24}{levels}   mean {mean:7.2f}, {of_words:.2f} of Witten-Bell")
    print(
        f"  counts fitted in {counts_s:.2f} s CPU; net at its best after {learned.best.epoch} "
        f"epochs and {learned.seconds:.1f} s, ended after {net_s:.1f} s CPU"
    )


def _unigram(parts: Parts, size: int) -> Floats:
    """Return nats per level of how common codes are, half a sighting added to each."""
    learned = np.concatenate(parts.learned, axis=1)
    tested = np.concatenate([e.codes[:, e.start :] for e in parts.held_out], axis=1)
    nats = []
    for codes, now in zip(learned, tested, strict=True):
        counts = np.bincount(codes, minlength=size) + 0.5
        nats.append(-np.log(counts / counts.sum())[now].mean())
    return np.array(nats)


def _witten_bell(parts: Parts, size: int, order: int) -> Floats:
    """Return nats per level of an interpolated Witten-Bell n-gram over the flattened codes.

    A code's past are the coarser codes of its column, the nearest first, then the columns before.
    """
    tables: list[dict[tuple[int, ...], Counter[int]]] = [
        defaultdict(Counter) for _ in range(len(parts.learned[0]))
    ]
    for codes in parts.learned:
        for level, past, code in _flattened(codes, order):
            for length in range(len(past) + 1):
                tables[level][past[:length]][code] += 1
    nats: list[list[float]] = [[] for _ in tables]
    for excerpt in parts.held_out:
        skipped = excerpt.start * len(tables)
        for level, past, code in list(_flattened(excerpt.codes, order))[skipped:]:
            share = 1 / size
            for length in range(len(past) + 1):
                seen = tables[level].get(past[:length])
                if seen:
                    share = (seen[code] + len(seen) * share) / (seen.total() + len(seen))
            nats[level].append(-np.log(share))
    return np.array([np.mean(level) for level in nats])


def _flattened(codes: NDArray[np.integer], order: int) -> list[tuple[int, tuple[int, ...], int]]:
    flat = codes.T.reshape(-1).tolist()
    n_levels = len(codes)
    return [
        (place % n_levels, tuple(flat[max(0, place - order) : place][::-1]), code)
        for place, code in enumerate(flat)
    ]


def _train(model: Model, minutes: float) -> Model:
    began, began_cpu = time.perf_counter(), time.process_time()
    ready: list[float] = []
    trained = train_prior(
        model,
        PriorBudget(minutes=minutes),
        report=lambda _: None,
        should_stop=lambda: False,
        on_counts=lambda _: ready.append(time.perf_counter() - began),
    )
    print(
        f"training: counts ready after {ready[0]:.2f} s, all after "
        f"{time.perf_counter() - began:.1f} s, {time.process_time() - began_cpu:.1f} s CPU"
    )
    return trained


def _sample(model: Model, files: Sequence[NDArray[np.uint16]], n_columns: int) -> None:
    prior = CountPrior.from_tensors(model.tensors, model.header.codec)
    renderer = Renderer(model)
    repeats = [np.mean(codes[0, 1:] == codes[0, :-1]) for codes in files if codes.shape[1] > 1]
    print(f"copied {np.mean(repeats):.0%} of the material")
    for name, chosen in (("counts", dataclasses.replace(prior, net=None)), ("mixture", prior)):
        size = sum(array.nbytes for array in chosen.tensors().values())
        for options in (
            SamplingOptions(top_p=0.0),
            SamplingOptions(),
            SamplingOptions(temperature=0.8, top_k=40, top_p=0.95),
        ):
            began = time.perf_counter()
            codes = sample(chosen, n_columns=n_columns, options=options)
            seconds = time.perf_counter() - began
            print(
                f"{name:8}{n_columns / seconds:6.0f} columns/s, {size / 1e6:.2f} MB, "
                f"{np.mean(codes[0, 1:] == codes[0, :-1]):.0%} copied: temperature "
                f"{options.temperature}, top_k {options.top_k}, top_p {options.top_p}"
            )
        began = time.perf_counter()
        audio = renderer.decode(sample(chosen, n_columns=470, options=SamplingOptions()))
        seconds = time.perf_counter() - began
        rate = model.header.codec.sample_rate
        print(f"{name:8}{len(audio) / rate / seconds:6.0f} x real time with decoding")


def _measure_memory(path: Path) -> None:
    """Sample in a process of its own, as the render worker does; Linux only.

    ru_maxrss would count what its parent held when it was started.
    """
    if not Path("/proc/self/status").is_file():
        return
    script = (
        "import sys; from pathlib import Path\n"
        "from sdaudio.modelfile import read_model\n"
        "from sdaudio.prior import CountPrior, SamplingOptions, sample\n"
        "model = read_model(Path(sys.argv[1]))\n"
        "prior = CountPrior.from_tensors(model.tensors, model.header.codec)\n"
        "sample(prior, n_columns=1400, options=SamplingOptions())\n"
        "facts = Path('/proc/self/status').read_text().splitlines()\n"
        "print(next(int(f.split()[1]) // 1024 for f in facts if f.startswith('VmHWM')))\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    print(f"memory of a process that samples: {done.stdout.strip()} MB")


def _hear(model: Model) -> None:
    """Ask for takes of 10 s and play each as soon as there is something of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heard.sda"
        write_model(path, model)
        _measure_memory(path)
        with running_daemon(Path(folder)) as running, Client(running.port) as client:
            client.call("/sda/model/load", "heard")
            client.call("/sda/subscribe")
            times = []
            for number in range(N_TAKES):
                name = f"take-{number}"
                began = time.perf_counter()
                (job,) = client.call("/sda/prior/sample", name, "heard", 10.0, "seed", number)
                client.wait_for("/sda/grid/state", lambda v, name=name: v[0] == name)
                client.call("/sda/play/grid", name)
                client.wait_for("/sda/play/head", lambda v, name=name: v[0] == name)
                times.append(1e3 * (time.perf_counter() - began))
                client.call("/sda/play/stop")
                client.wait_for_job(job)
                client.call("/sda/grid/close", name)
    print(
        f"request to playhead: {times[0]:.0f} ms for the first take, then p50 "
        f"{np.median(times[1:]):.0f} ms, worst {max(times[1:]):.0f} ms of {N_TAKES - 1}"
    )


if __name__ == "__main__":
    main()
