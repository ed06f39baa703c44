"""How long it takes to list a library of many models: headers alone, and the whole command.

    python benchmarks/library.py --models 2000

The models are the starter's file under many names, so headers are as long as real ones.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sdaudio.modelfile import read_facts, read_header, read_model
from sdaudio.resources import starter_model
from sdaudio_server.library import Library


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(parsed.models):
            (folder / f"model {number}.sda").symlink_to(starter_model())
        library = Library(folder, {})
        each = {
            "facts of a list": lambda: read_facts(starter_model()),
            "whole header": lambda: read_header(starter_model()),
            "whole model": lambda: read_model(starter_model()),
        }
        for what, read in each.items():
            print(f"{what:24} {1000 * median(read, 20):8.2f} ms a model")
        command = [sys.executable, "-m", "sdaudio_server", "models", "--models", name]
        for what, work in {
            f"list of {parsed.models}, here": lambda: len(library.entries()),
            f"sdaudio models, {parsed.models}": lambda: subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL
            ),
            "sdaudio --help": lambda: subprocess.run(
                [*command[:3], "--help"], check=True, stdout=subprocess.DEVNULL
            ),
        }.items():
            print(f"{what:24} {1000 * median(work, parsed.rounds):8.0f} ms")


def median(work: Callable[[], object], rounds: int) -> float:
    """Return the median seconds that something takes."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    main()
