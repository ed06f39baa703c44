"""Learns the weights of the neural prior, in torch, from the codes of the training sounds.

Sounds are laid end to end in a new order every epoch and cut into windows anywhere; attention stays
within a sound. A code that changes is learned together with those whose vectors are alike, which
halves what the net gives to codes it never saw (as label smoothing, Szegedy et al. 2015, arXiv
1512.00567, but towards neighbours). What is held out decides where to stop.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sdaudio.prior.holding import Codes, Excerpt, Parts, shortened
from sdaudio.prior.net import Floats32, NetConfig, run_feature
from sdaudio.prior.network import Batch, Network

WINDOWS = 8
WINDOW_COLUMNS = 96
LEARNING_RATE = 2e-3
WARM_UP_STEPS = 20
WEIGHT_DECAY = 0.05
# Measured on percussion, textures and synthesised phrases: how much of a surprise is that of codes
# alike, and how far alike reaches, in variances of the codebook.
SOFTNESS = 0.5
ALIKE = 0.3
# Evaluated every two epochs, within these bounds.
EPOCHS_BETWEEN = 2
STEPS_BETWEEN = (5, 50)
# Ends when nothing got better for this much of the time it took, and a few epochs or steps.
PATIENCE = 1.6
PATIENCE_EPOCHS = 6
PATIENCE_STEPS = 40
# Held-out codes are measured in stretches of this many columns.
_STRETCH_COLUMNS = 512
# Past this, a perplexity that rises has risen.
_RISEN = 1.05


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to learn: at most ``epochs`` and at most ``seconds`` of wall time."""

    epochs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a net foresees codes after so many epochs: nats per level, and seconds left.

    ``held_out`` is on what it is tested on, ``own`` on a part of what it learned.
    """

    epoch: int
    held_out: tuple[float, ...]
    own: tuple[float, ...]
    left_s: float


@dataclass(frozen=True, slots=True)
class Learned:
    """A net at its best held-out point.

    ``seconds`` is when that was; ``memorised_after`` is the epoch after which it only learned its
    own sounds by heart, 0 if it never did; ``is_settled`` is whether nothing got better any more,
    as against a stop or an end of the time.
    """

    weights: dict[str, Floats32]
    best: Measured
    seconds: float
    memorised_after: int
    is_settled: bool


def learn(
    parts: Parts,
    codebooks: NDArray[np.floating],
    config: NetConfig,
    *,
    limits: Limits,
    seed: int,
    on_measured: Callable[[Measured], None],
    should_stop: Callable[[], bool],
) -> Learned | None:
    """Learn until what is held out gets no better, and return the net at its best.

    Args:
        parts: what to learn from and what to test on.
        codebooks: (level, code, latent_dim) of the codec.
        config: the shape of the net.
        limits: when to end at the latest.
        seed: the same gives the same net on the same machine.
        on_measured: called with every measurement.
        should_stop: asked before every step.

    Returns:
        None when it was stopped before the first measurement.
    """
    began = time.monotonic()
    with _alone(seed):
        learner = _Learner(
            parts.learned, codebooks, config, seed=seed, tells_ends=parts.by == "file"
        )
        held_out = [_stretches(excerpt, learner.network) for excerpt in shortened(parts.held_out)]
        own = [_stretches(excerpt, learner.network) for excerpt in _as_many(parts)]
        fewest, most = STEPS_BETWEEN
        every = max(fewest, min(EPOCHS_BETWEEN * learner.steps_per_epoch, most))
        patience = max(PATIENCE_EPOCHS * learner.steps_per_epoch, PATIENCE_STEPS)
        best: Learned | None = None
        best_step = memorised_after = 0
        is_settled = False
        last_step = limits.epochs * learner.steps_per_epoch
        for step in range(1, last_step + 1):
            if should_stop():
                break
            learner.step()
            elapsed_s = time.monotonic() - began
            is_last = step == last_step or elapsed_s > limits.seconds
            if step % every and not is_last:
                continue
            patient_until = PATIENCE * (best_step or step) + patience
            epoch = max(1, round(step / learner.steps_per_epoch))
            measured = Measured(
                epoch,
                _surprise(held_out, learner.network),
                _surprise(own, learner.network),
                min(
                    limits.seconds - elapsed_s,
                    elapsed_s / step * (min(patient_until, last_step) - step),
                ),
            )
            if best is None or np.mean(measured.held_out) < np.mean(best.best.held_out):
                best = Learned(learner.network.weights(), measured, elapsed_s, 0, is_settled=False)
                best_step, memorised_after = step, 0
            elif _has_memorised(measured, best.best):
                memorised_after = best.best.epoch
            on_measured(measured)
            is_settled = step > patient_until
            if is_last or is_settled:
                break
    if best is None:
        return None
    return dataclasses.replace(best, memorised_after=memorised_after, is_settled=is_settled)


def learn_everything(
    codes_by_file: Sequence[Codes],
    codebooks: NDArray[np.floating],
    config: NetConfig,
    *,
    epochs: int,
    seed: int,
    on_progress: Callable[[float, float], None],
    should_stop: Callable[[], bool],
) -> dict[str, Floats32] | None:
    """Learn all sounds for a number of epochs that was found on a part of them.

    Args:
        codes_by_file: (level, column) of each file.
        codebooks: (level, code, latent_dim) of the codec.
        config: the shape of the net.
        epochs: how many.
        seed: the same gives the same net on the same machine.
        on_progress: called with the share done and the seconds left.
        should_stop: asked before every step.

    Returns:
        The weights, or None when it was stopped before the end.
    """
    began = time.monotonic()
    with _alone(seed):
        files = [codes for codes in codes_by_file if codes.size]
        learner = _Learner(files, codebooks, config, seed=seed, tells_ends=True)
        n_steps = epochs * learner.steps_per_epoch
        for step in range(n_steps):
            if should_stop():
                return None
            learner.step()
            if step % 10 == 0:
                left_s = (time.monotonic() - began) / (step + 1) * (n_steps - step - 1)
                on_progress((step + 1) / n_steps, left_s)
        return learner.network.weights()


@dataclass(frozen=True, slots=True)
class _Laid:
    """One sound as the network takes it: (column, level) each, one column more for its end."""

    before: NDArray[np.int64]
    now: NDArray[np.int64]
    runs: Floats32


class _Learner:
    """A network, its optimiser and an endless supply of windows."""

    def __init__(
        self,
        codes_by_file: Sequence[Codes],
        codebooks: NDArray[np.floating],
        config: NetConfig,
        *,
        seed: int,
        tells_ends: bool,
    ) -> None:
        self.network = Network(config, codebooks)
        self._size = codebooks.shape[1]
        self._tells_ends = tells_ends
        self._laid = [_lay(codes, self._size) for codes in codes_by_file]
        n_columns = sum(len(laid.now) for laid in self._laid)
        self.steps_per_epoch = math.ceil(n_columns / WINDOW_COLUMNS / WINDOWS)
        self._nearness = _nearness(self.network)
        self._optimiser = torch.optim.AdamW(
            self.network.parameters(),
            lr=LEARNING_RATE,
            betas=(0.9, 0.98),
            weight_decay=WEIGHT_DECAY,
        )
        self._windows = self._endless(np.random.default_rng(seed))
        self._n_steps = 0

    def step(self) -> None:
        """Make one gradient step."""
        self._n_steps += 1
        for group in self._optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, self._n_steps / WARM_UP_STEPS)
        batch = next(self._windows)
        surprise = self.network.surprise(batch, self._nearness, softness=SOFTNESS)
        is_end = batch.now[..., 0] == self._size
        counted = (~is_end).expand(surprise.shape).clone()
        # Where a sound goes on behind what was held out of it, nothing ends.
        counted[0] |= is_end & self._tells_ends
        loss = (surprise * counted).sum() / counted.sum() * len(surprise)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimiser.step()

    def _endless(self, chance: np.random.Generator) -> Iterator[Batch]:
        while True:
            order = chance.permutation(len(self._laid))
            laid = [self._laid[n] for n in order]
            sounds = np.repeat(order, [len(one.now) for one in laid])
            # Cut anywhere; the last window is filled up from the beginning.
            n_windows = math.ceil(sounds.size / WINDOW_COLUMNS)
            places = np.arange(n_windows * WINDOW_COLUMNS) + chance.integers(sounds.size)
            windows = (places % sounds.size).reshape(n_windows, WINDOW_COLUMNS)
            windows = windows[chance.permutation(n_windows)]
            before, now, runs = (
                np.concatenate([getattr(one, name) for one in laid])
                for name in ("before", "now", "runs")
            )
            for first in range(0, n_windows, WINDOWS):
                chosen = windows[first : first + WINDOWS]
                yield Batch(*(torch.tensor(array[chosen]) for array in (before, now, runs, sounds)))


def _lay(codes: Codes, size: int) -> _Laid:
    nothing = np.full((1, codes.shape[0]), size, np.int64)
    columns = codes.T.astype(np.int64)
    before = np.concatenate([nothing, columns])
    lengths = np.zeros(before.shape, np.int64)
    for place in range(1, len(before)):
        lengths[place] = np.where(before[place] == before[place - 1], lengths[place - 1], 0) + 1
    return _Laid(before, np.concatenate([columns, nothing]), run_feature(lengths))


def _nearness(network: Network) -> torch.Tensor:
    """Return how alike the codes of each level are, (level, code, code); rows sum to 1."""
    vectors = network.vectors[:, :-1]
    distances = (vectors[:, :, None] - vectors[:, None]).square().mean(-1)
    return torch.softmax(-distances / ALIKE, -1)


def _as_many(parts: Parts) -> list[Excerpt]:
    """Return about as much of what is learned as is tested on."""
    wanted = sum(excerpt.n_columns for excerpt in shortened(parts.held_out))
    excerpts: list[Excerpt] = []
    for codes in parts.learned:
        if wanted <= 0:
            break
        excerpts.append(Excerpt(codes[:, :wanted]))
        wanted -= codes.shape[1]
    return excerpts


def _stretches(excerpt: Excerpt, network: Network) -> list[tuple[Batch, int]]:
    """Cut an excerpt into stretches with all they can hear; the number is where one counts from."""
    laid = _lay(excerpt.codes, network.sizes.codebook_size)
    reach = network.config.layers * network.config.context
    stretches = []
    n_columns = excerpt.codes.shape[1]
    for start in range(excerpt.start, n_columns, _STRETCH_COLUMNS):
        part = slice(max(0, start - reach), min(n_columns, start + _STRETCH_COLUMNS))
        sounds = np.zeros(part.stop - part.start, np.int64)
        arrays = (laid.before[part], laid.now[part], laid.runs[part], sounds)
        batch = Batch(*(torch.tensor(array)[None] for array in arrays))
        stretches.append((batch, start - part.start))
    return stretches


def _surprise(excerpts: Sequence[list[tuple[Batch, int]]], network: Network) -> tuple[float, ...]:
    """Return the mean surprise per level, in nats."""
    network.eval()
    with torch.no_grad():
        surprises = [
            network.surprise(batch)[:, 0, start:]
            for stretches in excerpts
            for batch, start in stretches
        ]
    network.train()
    means: list[float] = torch.cat(surprises, 1).mean(1).tolist()
    return tuple(means)


def _has_memorised(now: Measured, best: Measured) -> bool:
    rises = np.mean(now.held_out) - np.mean(best.held_out)
    return bool(rises > math.log(_RISEN) and np.mean(now.own) < np.mean(best.own))


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Compute with one thread, quickest with products this small, and with chance of its own."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
