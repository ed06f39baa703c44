"""The neural prior as a torch network, to learn with; `sdaudio.prior.listening` walks with it."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from sdaudio.prior.net import EPSILON, Floats32, NetConfig, Sizes, slopes, unit_vectors

_NEVER = -30.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of columns: what was before each, and what came.

    ``before`` and ``now`` (window, column, level) int64 hold codebook_size for no code, ``runs``
    (window, column, level) float32 how long the code before has lasted, ``sounds`` (window,
    column) int64 which sound a column is of.
    """

    before: Tensor
    now: Tensor
    runs: Tensor
    sounds: Tensor


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What the network says of one level, as log probabilities (window, column, symbol).

    ``changed`` leaves out the copy gate: what comes if not the code before.
    """

    all: Tensor
    changed: Tensor


class Network(nn.Module):
    """The network; its parameters have the names and shapes of `sdaudio.prior.net`.

    Args:
        config: its shape.
        codebooks: (level, code, latent_dim), as they stand in the codec.
        dropout: which share of the hidden numbers is left out while learning.
        forgetting: which share of the codes heard is replaced by chance while learning.
    """

    vectors: Tensor
    _slopes: Tensor

    def __init__(
        self,
        config: NetConfig,
        codebooks: NDArray[np.floating],
        *,
        dropout: float = 0.3,
        forgetting: float = 0.3,
    ) -> None:
        super().__init__()
        self.config = config
        self.sizes = Sizes(*codebooks.shape)
        self._forgetting = forgetting
        d, n_levels = config.hidden_size, self.sizes.n_levels
        self.register_buffer("vectors", torch.tensor(unit_vectors(codebooks)))
        self.register_buffer("_slopes", torch.tensor(slopes(config.heads)), persistent=False)
        self.embedding = nn.Parameter(0.02 * torch.randn(n_levels, self.sizes.codebook_size + 1, d))
        self.entrance = nn.Linear(n_levels * (self.sizes.latent_dim + 1), d)
        self.layers = nn.ModuleList(_Layer(config, dropout) for _ in range(config.layers))
        self.norm = nn.LayerNorm(d, eps=EPSILON)
        self.depth = nn.ModuleList(
            _Depth(config, self.sizes, level, dropout) for level in range(n_levels)
        )

    def forward(self, batch: Batch) -> list[Beliefs]:
        """Return what is believed of every level, the coarser codes of the column known."""
        before, now = batch.before, batch.now
        levels = torch.arange(self.sizes.n_levels)
        heard = self._half_forgotten(before)
        column = torch.cat([self.vectors[levels, heard].flatten(2), batch.runs], -1)
        hidden = self.entrance(column) + self.embedding[levels, heard].sum(2)
        bias = self._bias(batch.sounds)
        for layer in self.layers:
            hidden = layer(hidden, bias)
        hidden = self.norm(hidden)
        known = self.vectors[levels, now]
        beliefs = []
        for level, depth in enumerate(self.depth):
            repeats = (now[..., :level] == before[..., :level]).all(-1, keepdim=True)
            of_level = torch.cat(
                [
                    known[..., :level, :].flatten(2),
                    repeats.float() if level else torch.zeros(repeats.shape),
                    self.vectors[level][before[..., level]],
                ],
                -1,
            )
            beliefs.append(depth(hidden, of_level, self.vectors[level], before[..., level]))
        return beliefs

    def surprise(
        self, batch: Batch, nearness: Tensor | None = None, *, softness: float = 0.0
    ) -> Tensor:
        """Return how unlikely what came was, in nats, (level, window, column).

        Args:
            batch: the windows.
            nearness: (level, code, code), how alike codes are; a row sums to 1.
            softness: which part of the surprise is that of codes alike, where a code changes.
        """
        surprises = []
        size = self.sizes.codebook_size
        for level, beliefs in enumerate(self(batch)):
            now, before = batch.now[..., level], batch.before[..., level]
            # Only the first level tells that a sound ends; nobody asks the others there.
            known = now.clamp(max=beliefs.all.shape[-1] - 1)
            surprise = -beliefs.all.gather(-1, known[..., None])[..., 0]
            if nearness is not None:
                alike = nearness[level][now.clamp(max=size - 1)]
                soft = -(alike * beliefs.changed[..., :size]).sum(-1)
                softened = (1.0 - softness) * surprise + softness * soft
                surprise = torch.where((now < size) & (now != before), softened, surprise)
            surprises.append(surprise)
        return torch.stack(surprises)

    def weights(self) -> dict[str, Floats32]:
        """Return the parameters as arrays, by the names of `sdaudio.prior.net`."""
        return {name: value.detach().numpy().copy() for name, value in self.state_dict().items()}

    def _half_forgotten(self, codes: Tensor) -> Tensor:
        if not self.training or not self._forgetting:
            return codes
        chance = torch.rand(codes.shape) < self._forgetting
        return torch.where(chance, torch.randint(self.sizes.codebook_size, codes.shape), codes)

    def _bias(self, sounds: Tensor) -> Tensor:
        places = torch.arange(sounds.shape[1])
        distance = places[:, None] - places
        heard = (distance >= 0) & (distance < self.config.context)
        heard = heard & (sounds[:, :, None] == sounds[:, None, :])
        bias = -self._slopes[:, None, None] * distance
        return bias.expand(len(sounds), -1, -1, -1).masked_fill(~heard[:, None], float("-inf"))


class _Layer(nn.Module):
    def __init__(self, config: NetConfig, dropout: float) -> None:
        super().__init__()
        d = config.hidden_size
        self._heads = config.heads
        self.norm_heard = nn.LayerNorm(d, eps=EPSILON)
        self.heard = nn.Linear(d, 3 * d)
        self.told = nn.Linear(d, d)
        self.norm_thought = nn.LayerNorm(d, eps=EPSILON)
        self.up = nn.Linear(d, 2 * d)
        self.down = nn.Linear(2 * d, d)
        self._dropout = nn.Dropout(dropout)

    def forward(self, column: Tensor, bias: Tensor) -> Tensor:
        n_windows, n_columns, d = column.shape
        heard = self.heard(self.norm_heard(column)).view(n_windows, n_columns, 3, self._heads, -1)
        query, key, value = heard.permute(2, 0, 3, 1, 4)
        told = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        told = self.told(told.transpose(1, 2).reshape(n_windows, n_columns, d))
        column = column + self._dropout(told)
        thought = self.down(functional.silu(self.up(self.norm_thought(column))))
        after: Tensor = column + self._dropout(thought)
        return after


class _Depth(nn.Module):
    def __init__(self, config: NetConfig, sizes: Sizes, level: int, dropout: float) -> None:
        super().__init__()
        d = config.hidden_size
        self.known = nn.Linear((level + 1) * sizes.latent_dim + 1, d, bias=False)
        self.hidden = nn.Linear(d, d)
        self.aim = nn.Linear(d, sizes.latent_dim)
        self.scores = nn.Linear(d, sizes.codebook_size + (level == 0))
        self.copy = nn.Linear(d, 1)
        self._dropout = nn.Dropout(dropout)
        for module in (self.scores, self.copy):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, column: Tensor, known: Tensor, vectors: Tensor, before: Tensor) -> Beliefs:
        hidden = self._dropout(functional.silu(self.hidden(column + self.known(known))))
        toward = self.aim(hidden) @ vectors[:-1].T / math.sqrt(vectors.shape[1])
        scores = self.scores(hidden)
        scores = scores + functional.pad(toward, (0, scores.shape[-1] - toward.shape[-1]))
        changed = functional.log_softmax(scores, -1)
        something = (before < len(vectors) - 1)[..., None]
        gate = torch.where(something, self.copy(hidden), _NEVER)
        rest = changed + functional.logsigmoid(-gate)
        place = before[..., None].clamp(max=len(vectors) - 2)
        stays = torch.logaddexp(functional.logsigmoid(gate), rest.gather(-1, place))
        return Beliefs(torch.where(something, rest.scatter(-1, place, stays), changed), changed)
