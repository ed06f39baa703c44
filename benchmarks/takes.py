"""What drawing from a prior costs and gives: controls, copies, fillings, and the wait until heard.

    python benchmarks/takes.py [MODEL.sda] [--columns 3000] [--takes 20]

Uses the prior and the training codes of a model file (the starter's without one). First, for each
control: columns per second, how often the coarsest code stays, how new the take is and how many
changes its longest copy has; the first line is what the training sounds have among them. Then what
fillings of a second take. Then, through a daemon of its own over UDP, how long after
its request a take of ten seconds has its first columns in a grid, is rendered so that it can be
heard, and is whole. Times are wall time; on a busy machine they say little.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from daemon import running_daemon

from sdaudio.modelfile import read_model, split_training_codes
from sdaudio.prior import CopyIndex, CountPrior, SamplingOptions, infill, sample
from sdaudio.resources import starter_model
from sdaudio_server.client import Client

CAREFUL = {"temperature": 0.3, "top_p": 0.3}
CONTROLS: dict[str, dict[str, float | int]] = {
    "no filter": {"top_p": 0.0},
    "as it comes": {},
    "typical 0.5": {"typical": 0.5},
    "hold 4 columns": {"hold_columns": 4},
    "avoid 0.9": {"avoid": 0.9},
    "phrase 3": {"phrase": 3},
    "novelty 1": {"novelty": 1.0},
    "careful": CAREFUL,
    "careful, novelty 0.5": {**CAREFUL, "novelty": 0.5},
    "careful, novelty 0.9": {**CAREFUL, "novelty": 0.9},
}


def main() -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", default=starter_model())
    parser.add_argument("--columns", type=int, default=3000, help="columns for each control")
    parser.add_argument("--takes", type=int, default=20, help="takes through the daemon")
    arguments = parser.parse_args()
    model = read_model(arguments.model)
    files = split_training_codes(model.tensors, model.header.name)
    prior = CountPrior.from_tensors(model.tensors, model.header.codec)
    started = time.perf_counter()
    copies = CopyIndex(files)
    print(
        f"{sum(codes.shape[1] for codes in files)} training columns, made ready to be searched in "
        f"{1000 * (time.perf_counter() - started):.0f} ms"
    )
    _controls(prior, copies, arguments.columns)
    _places(prior)
    _through_a_daemon(arguments.model, arguments.takes)


def _controls(prior: CountPrior, copies: CopyIndex, n_columns: int) -> None:
    print("control                columns/s  stays  novelty  longest copy  measured in")
    print(f"the training sounds                        {copies.usual:.2f}")
    for name, options in CONTROLS.items():
        drawing = SamplingOptions(seed=1, **options)  # type: ignore[arg-type]
        started = time.perf_counter()
        codes = sample(prior, n_columns=n_columns, options=drawing, copies=copies)
        drawn_s = time.perf_counter() - started
        started = time.perf_counter()
        found = copies.measure(codes)
        measured_ms = 1000 * (time.perf_counter() - started)
        stays = np.mean(codes[0, 1:] == codes[0, :-1])
        print(
            f"{name:<22}{n_columns / drawn_s:10.0f}{stays:7.0%}{found.share:9.2f}"
            f"{found.longest.n_events:14}{measured_ms:10.1f} ms"
        )


def _places(prior: CountPrior) -> None:
    grid = sample(prior, n_columns=200, options=SamplingOptions())
    place = {"start": 80, "stop": 127, "options": SamplingOptions(seed=1)}
    for tries in (1, 8, 64):
        started = time.perf_counter()
        [filling] = infill(prior, grid, n_tries=tries, **place)  # type: ignore[arg-type]
        print(
            f"a second filled, best of {tries:<3}{1000 * (time.perf_counter() - started):6.0f} ms, "
            f"{filling.likelihood:.2f} nats a code for what follows"
        )


def _through_a_daemon(model: Path, n_takes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(model, Path(folder) / "bench.sda")
        with running_daemon(Path(folder)) as running, Client(running.port) as client:
            client.call("/sda/subscribe")
            client.call("/sda/model/load", "bench")
            # the workers have started when they have done something
            client.job("/sda/prior/sample", "first", "bench", 1.0)
            times = [_take(client, f"take-{number}") for number in range(n_takes)]
    print("milliseconds from the request to ...     p50    worst")
    for name, each in zip(
        ("the first columns in the grid", "sound that can be heard", "the whole take of 10 s"),
        zip(*times, strict=True),
        strict=True,
    ):
        print(f"{name:<38}{1000 * np.median(each):6.0f}{1000 * max(each):9.0f}")


def _take(client: Client, grid: str) -> tuple[float, float, float]:
    started = time.perf_counter()
    client.send("/sda/prior/sample", grid, "bench", 10.0)
    client.wait_for("/sda/grid/state", lambda v: v[0] == grid)
    first = time.perf_counter() - started
    # answered when its first columns are rendered
    client.call("/sda/play/grid", grid)
    heard = time.perf_counter() - started
    client.wait_for("/sda/job/done", lambda v: v[2] == grid)
    whole = time.perf_counter() - started
    client.call("/sda/play/stop", grid)
    client.call("/sda/grid/close", grid)
    return first, heard, whole


if __name__ == "__main__":
    main()
