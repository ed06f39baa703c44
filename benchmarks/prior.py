"""How well and how fast the count prior learns the codes of a trained model.

    python benchmarks/prior.py MODEL.sda [--columns 5000]

Takes the codes of the training sounds from the model file, fits a new prior to them (so the model
needs none) and prints seconds, perplexities per code, the size, and columns per second with each
kind of filter. "copied" is the share of columns whose coarsest code repeats, in the material and
in what was sampled: far more in the samples would be a prior that freezes.
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.modelfile import Model, read_model
from sdaudio.prior import SamplingOptions, fit, sample


def main() -> None:
    """Fit, sample, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a model file that carries its training codes")
    parser.add_argument("--columns", type=int, default=5000, help="how many to sample")
    arguments = parser.parse_args()
    model = read_model(arguments.model)
    files = training_codes(model)
    started = time.process_time()
    prior = fit(files, model.header.codec.codebook_size)
    seconds = time.process_time() - started
    size = sum(array.nbytes for array in prior.tensors().values())
    summary = prior.summary
    print(f"fit        {seconds:.2f} s CPU for {summary.columns} columns in {len(files)} files")
    print(f"size       {size / 1e6:.2f} MB")
    print(f"perplexity {summary.held_out_perplexity:.2f} held out by {summary.held_out_by}")
    print(f"           {summary.unigram_perplexity:.2f} for how common each code is alone")
    print(f"           {summary.perplexity:.2f} on its own material, own fold left out")
    copied = [np.mean(codes[0, 1:] == codes[0, :-1]) for codes in files if codes.shape[1] > 1]
    print(f"copied     {np.mean(copied):.0%} of the material")
    for options in (
        SamplingOptions(top_p=0.0),
        SamplingOptions(),
        SamplingOptions(temperature=0.8, top_k=40, top_p=0.95),
    ):
        started = time.perf_counter()
        codes = sample(prior, n_columns=arguments.columns, options=options)
        seconds = time.perf_counter() - started
        print(
            f"sampling   {arguments.columns / seconds:6.0f} columns/s, "
            f"{np.mean(codes[0, 1:] == codes[0, :-1]):.0%} copied: "
            f"temperature {options.temperature}, top_k {options.top_k}, top_p {options.top_p}"
        )


def training_codes(model: Model) -> list[NDArray[np.uint16]]:
    """Return the codes (level, column) of every file the model was trained on."""
    stops = np.cumsum(model.tensors["dataset.lengths"])[:-1]
    return np.split(model.tensors["dataset.codes"], stops, axis=1)


if __name__ == "__main__":
    main()
