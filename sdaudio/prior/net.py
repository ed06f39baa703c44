"""The neural prior as it is stored: its shape, its weights, and how much each level trusts it.

A small temporal transformer hears the columns before through their codebook vectors, and a depth
net goes down the levels of the next one. Every level has a copy gate, as pointer networks have
(Merity et al. 2016, arXiv 1609.07843): it says how likely the code before stays, also one that no
other sound uses. Distances are told by a bias on attention that falls with them (ALiBi, Press et
al. 2021, arXiv 2108.12409), so that keys and values can be kept. Nothing here learns (see
`sdaudio.prior.learning`) or walks (see `sdaudio.prior.listening`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.header import CodecConfig

Floats32 = NDArray[np.float32]

# How long a code has lasted matters up to here.
MAX_RUN = 32
# How sure the counts are of their likeliest code, in steps of a sixth.
N_SURE_BINS = 6
# What LayerNorm adds to a variance.
EPSILON = 1e-5
RANGES: Mapping[str, tuple[int, int]] = {
    "hidden_size": (16, 256),
    "layers": (1, 4),
    "heads": (1, 8),
}
_PREFIX = "prior.net."


@dataclass(frozen=True, slots=True)
class NetConfig:
    """The shape of a net: ``hidden_size`` numbers for a column, ``context`` columns in sight."""

    hidden_size: int = 96
    layers: int = 2
    heads: int = 4
    context: int = 96

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise UsageError(f"{name} is {value}; allowed are {low} to {high}.")
        if not 1 <= self.context <= 128:
            raise UsageError(f"context is {self.context}; allowed are 1 to 128 columns.")
        if self.hidden_size % self.heads:
            raise UsageError(
                f"hidden_size is {self.hidden_size}; it must be a multiple of heads ({self.heads})."
            )


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a net is about: levels, codes per level, and numbers in a codebook vector."""

    n_levels: int
    codebook_size: int
    latent_dim: int


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """A trained net. ``weights`` are float32 by name, as `expected_shapes` lists them.

    ``shares`` (level, `N_SURE_BINS`) float32 is the part of the mixture that is the net's, by how
    sure the counts are of their likeliest code; 0 leaves it to the counts.
    """

    config: NetConfig
    sizes: Sizes
    weights: Mapping[str, Floats32]
    shares: Floats32

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the net as plain arrays for a model file."""
        shape = (
            self.config.hidden_size, self.config.layers, self.config.heads, self.config.context,
        )  # fmt: skip
        return {
            f"{_PREFIX}shape": np.array(shape, np.int64),
            f"{_PREFIX}shares": self.shares,
            **{f"{_PREFIX}{name}": array for name, array in self.weights.items()},
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], codec: CodecConfig) -> "Net | None":
        """Build the net from the arrays of a model file, checking every one; None without a net.

        Raises:
            ValueError: an array is missing or contradicts the others or the codec.
        """
        found = {
            name.removeprefix(_PREFIX): array
            for name, array in tensors.items()
            if name.startswith(_PREFIX)
        }
        if not found:
            return None
        shape = found.pop("shape", None)
        if shape is None or shape.shape != (4,) or shape.dtype != np.int64:
            raise ValueError(f"{_PREFIX}shape must be four int64 numbers")
        try:
            config = NetConfig(*shape.tolist())
        except UsageError as error:
            raise ValueError(f"{_PREFIX}shape is wrong: {error}") from error
        sizes = Sizes(codec.n_levels, codec.codebook_size, codec.latent_dim)
        expected = expected_shapes(config, sizes) | {"shares": (sizes.n_levels, N_SURE_BINS)}
        if found.keys() != expected.keys():
            odd = sorted(found.keys() ^ expected.keys())[0]
            raise ValueError(f"{_PREFIX}{odd} is {'not known' if odd in found else 'missing'}")
        for name, array in found.items():
            if array.dtype != np.float32 or array.shape != expected[name]:
                raise ValueError(
                    f"{_PREFIX}{name} is {array.dtype} {array.shape}, not float32 {expected[name]}"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{_PREFIX}{name} holds NaN or infinity")
        shares = found.pop("shares")
        if shares.min() < 0 or shares.max() > 1:
            raise ValueError(f"{_PREFIX}shares must lie in 0 to 1")
        return cls(config, sizes, found, shares)


def expected_shapes(config: NetConfig, sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every weight of a net; linear ones are (out, in)."""
    d, k, v = config.hidden_size, sizes.codebook_size, sizes.latent_dim
    shapes: dict[str, tuple[int, ...]] = {
        "vectors": (sizes.n_levels, k + 1, v),
        "embedding": (sizes.n_levels, k + 1, d),
        "entrance.weight": (d, sizes.n_levels * (v + 1)),
        "entrance.bias": (d,),
        "norm.weight": (d,),
        "norm.bias": (d,),
    }
    for layer in range(config.layers):
        of_layer = {
            "norm_heard": (d,), "heard": (3 * d, d), "told": (d, d),
            "norm_thought": (d,), "up": (2 * d, d), "down": (d, 2 * d),
        }  # fmt: skip
        for name, shape in of_layer.items():
            shapes[f"layers.{layer}.{name}.weight"] = shape
            shapes[f"layers.{layer}.{name}.bias"] = shape[:1]
    for level in range(sizes.n_levels):
        shapes[f"depth.{level}.known.weight"] = (d, (level + 1) * v + 1)
        n_symbols = k + (level == 0)
        of_level = {"hidden": (d, d), "aim": (v, d), "scores": (n_symbols, d), "copy": (1, d)}
        for name, shape in of_level.items():
            shapes[f"depth.{level}.{name}.weight"] = shape
            shapes[f"depth.{level}.{name}.bias"] = shape[:1]
    return shapes


def slopes(heads: int) -> Floats32:
    """Return by how much each head hears a column less for every column of distance."""
    return (2.0 ** (-8.0 * np.arange(1, heads + 1) / heads)).astype(np.float32)


def unit_vectors(codebooks: NDArray[np.floating]) -> Floats32:
    """Scale the codebooks (level, code, latent_dim) to variance 1; a zero vector more is no code.

    Returns:
        (level, code + 1, latent_dim).
    """
    centred = codebooks - codebooks.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=(1, 2), keepdims=True))
    return np.pad(centred / np.maximum(scale, 1e-6), ((0, 0), (0, 1), (0, 0))).astype(np.float32)


def run_feature(run_lengths: NDArray[np.integer]) -> Floats32:
    """Return how long codes have lasted as the net hears it, about 0 to 1."""
    feature: Floats32 = (np.log2(1.0 + np.minimum(run_lengths, MAX_RUN)) / 5.0).astype(np.float32)
    return feature
