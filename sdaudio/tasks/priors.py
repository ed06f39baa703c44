"""Trains the prior of a model: the counts at once, then the net that may be mixed in.

torch is imported when there is a net to learn. Sounds are held out first, by file where there are
enough; they decide how long the net learns and how far it is believed. Then it is learned once
more, from the beginning, on everything and for as many epochs: its figures stay those of the first
time, as nothing is left to measure the second on. A net that was learned on a part would never have
heard some of a person's few sounds, while one that went on from its best point would learn most of
them too long. Where the time does not reach for that, as after a draft, it stays as it was found.
"""

import dataclasses
import datetime
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sdaudio.header import PriorSummary
from sdaudio.modelfile import CODEBOOKS, Model, split_training_codes
from sdaudio.prior import CountPrior, fit
from sdaudio.prior.blending import Mixture, mix
from sdaudio.prior.budget import DEFAULT_MINUTES, MAX_EPOCHS, shape_for
from sdaudio.prior.holding import hold_out
from sdaudio.prior.net import N_SURE_BINS, Floats32, Net, NetConfig, Sizes
from sdaudio.tasks.requests import Noted, PriorBudget, PriorMeasured, Progressed, Report

if TYPE_CHECKING:
    from sdaudio.prior.learning import Learned, Measured

_LEVELS_EVERY_S = 1.0
# Of the progress: finding the best point, before everything is learned.
_SEARCH_SHARE = 0.6
_SEED = 0


def train_prior(
    model: Model,
    budget: PriorBudget,
    *,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
    on_counts: Callable[[Model], None],
) -> Model:
    """Train the prior of a model on its own training codes and add it to the model.

    Args:
        model: the model; a prior that it has is replaced.
        budget: what the net may take.
        report: told of the progress.
        should_stop: asked all the time; a stop keeps what has been learned.
        on_counts: called with the model as soon as it has its counts.

    Raises:
        FileError: the model carries no training codes.
        UsageError: no net can have that shape.
    """
    by_file = split_training_codes(model.tensors, model.header.name)
    size = model.header.codec.codebook_size
    config = shape_for(
        sum(codes.shape[1] for codes in by_file),
        hidden_size=budget.hidden_size,
        layers=budget.layers,
        heads=budget.heads,
    )
    progress = _Progress(report)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    counts = fit(
        by_file, size, on_progress=lambda _: progress.tell(0.0, 1.0, "counting"), date=today
    )
    counted = _with_prior(model, counts)
    on_counts(counted)
    if budget.counts_only or should_stop():
        return counted
    parts = hold_out(by_file)
    if parts.by == "none":
        report(Noted("There is too little sound to hold any out, so the prior is counts alone."))
        return counted
    counts_alone = fit(parts.learned, size)

    from sdaudio.prior.learning import Limits, learn, learn_everything

    codebooks = model.tensors[CODEBOOKS]
    began, seconds = time.monotonic(), 60.0 * (budget.minutes or DEFAULT_MINUTES)
    watch = _Watch(model.header.level_names, counts.summary.counts_levels, report, progress)
    learned = learn(
        parts,
        codebooks,
        config,
        limits=Limits(budget.epochs or MAX_EPOCHS, seconds),
        seed=_SEED,
        on_measured=watch.hear,
        should_stop=should_stop,
    )
    if learned is None:
        return counted
    sizes = Sizes(*codebooks.shape)
    mixture = mix(counts_alone, _net(config, sizes, learned.weights), parts.held_out)
    summary = _summary(counts.summary, mixture, config, learned)
    for sentence in _sentences(mixture, learned, summary):
        report(Noted(sentence))
    if not learned.is_settled and not budget.epochs and not should_stop():
        report(
            Noted(
                "The net was still getting better when its time was up. Give it longer: "
                f"/sda/prior/train {model.header.name}."
            )
        )
    if not mixture.helps:
        return _with_prior(model, dataclasses.replace(counts, summary=summary))
    weights = learned.weights
    again_s = learned.seconds * len(by_file) / max(1, len(parts.learned))
    if time.monotonic() - began + again_s <= seconds:
        everything = learn_everything(
            by_file,
            codebooks,
            config,
            epochs=learned.best.epoch,
            seed=_SEED,
            on_progress=lambda share, left_s: progress.tell(
                _SEARCH_SHARE + (1.0 - _SEARCH_SHARE) * share, left_s, "learning all sounds"
            ),
            should_stop=should_stop,
        )
        weights = everything or weights
    net = dataclasses.replace(_net(config, sizes, weights), shares=mixture.shares)
    return _with_prior(model, dataclasses.replace(counts, summary=summary, net=net))


def _with_prior(model: Model, prior: CountPrior) -> Model:
    tensors = {
        name: array for name, array in model.tensors.items() if not name.startswith("prior.")
    }
    header = dataclasses.replace(model.header, prior=prior.summary)
    return Model(header, {**tensors, **prior.tensors()})


def _net(config: NetConfig, sizes: Sizes, weights: dict[str, Floats32]) -> Net:
    return Net(config, sizes, weights, np.zeros((sizes.n_levels, N_SURE_BINS), np.float32))


def _summary(
    counts: PriorSummary, mixture: Mixture, config: NetConfig, learned: "Learned"
) -> PriorSummary:
    return dataclasses.replace(
        counts,
        kind="mixture" if mixture.helps else "counts",
        epochs=learned.best.epoch if mixture.helps else counts.epochs,
        held_out_perplexity=_mean(mixture.mixture),
        counts_levels=mixture.counts,
        net_levels=mixture.net,
        mixture_levels=mixture.mixture,
        hidden_size=config.hidden_size,
        layers=config.layers,
        heads=config.heads,
        memorised_after=learned.memorised_after,
    )


def _sentences(mixture: Mixture, learned: "Learned", summary: PriorSummary) -> list[str]:
    """Return what the person should know about a net that has been learned."""
    by = "held-out sounds" if summary.held_out_by == "file" else "the held-out end of the sounds"
    figures = (
        f"perplexity on {by}: counts {_mean(mixture.counts):.1f}, net {_mean(mixture.net):.1f}, "
        f"both together {_mean(mixture.mixture):.1f}"
    )
    verdict = (
        f"The net is mixed into the prior; {figures}."
        if mixture.helps
        else f"The net foresees no better than the counts and is left out; {figures}."
    )
    if not learned.memorised_after:
        return [verdict]
    return [
        verdict,
        f"After epoch {learned.memorised_after} the net only learned its sounds by heart: it got "
        "better on them and worse on those held out. It is kept as it was before.",
    ]


class _Progress:
    """Tells progress that never goes back."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        self._report = report
        self._fraction = 0.0

    def tell(self, fraction: float, left_s: float, text: str) -> None:
        self._fraction = max(self._fraction, min(fraction, 1.0))
        self._report(Progressed(self._fraction, max(0.0, left_s), text))


class _Watch:
    """Passes on how the net learns, its levels once a second."""

    def __init__(
        self,
        names: tuple[str, ...],
        counts: tuple[float, ...],
        report: Callable[[Report], None],
        progress: _Progress,
    ) -> None:
        self._names, self._counts = names, counts
        self._report, self._progress = report, progress
        self._began = time.monotonic()
        self._told = -math.inf

    def hear(self, measured: "Measured") -> None:
        now = time.monotonic()
        elapsed_s = now - self._began
        net = tuple(math.exp(nats) for nats in measured.held_out)
        # Learning everything takes about as long again as was learned so far.
        left_s = measured.left_s + elapsed_s
        share = elapsed_s / (elapsed_s + measured.left_s + 1e-9)
        text = (
            f"epoch {measured.epoch}: held-out perplexity {_mean(net):.1f}, "
            f"counts {_mean(self._counts):.1f}"
        )
        self._progress.tell(_SEARCH_SHARE * share, left_s, text)
        if now - self._told >= _LEVELS_EVERY_S:
            self._told = now
            own = tuple(math.exp(nats) for nats in measured.own)
            self._report(PriorMeasured(measured.epoch, self._names, self._counts, net, own))


def _mean(perplexities: tuple[float, ...]) -> float:
    """Return the perplexity per code, mean over levels."""
    return math.exp(sum(map(math.log, perplexities)) / max(1, len(perplexities)))
