"""The closed-form start: a working codec in under a second, before any gradient step.

PCA of stacked log-magnitude frames gives the linear skip of encoder and decoder, k-means down the
levels gives the codebooks. Where the levels are factors, the cells of the first one lie in the
dimensions of loudness and attack, and all codebooks are then refitted together. Everything is
bounded: from long datasets at most `MAX_COLUMNS` columns are looked at, taken evenly from every
sound.
"""

import math

import torch
from torch import Tensor

from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec
from sdaudio.codec.quantizer import ResidualQuantizer, nearest
from sdaudio.codec.spectral import log_magnitude

MAX_COLUMNS = 8192
_LLOYD_ROUNDS = 20
_POWER_ROUNDS = 6
# 3 dB: an edit may be louder than every training sound, but not by much
_HEADROOM = 0.5 * math.log(2.0)
# Ten rounds gain 1 % of mel more.
_REFIT_ROUNDS = 3
# So many columns speak for the old place of every code; rare codes would learn single columns.
_REFIT_INERTIA = 3.0


@torch.no_grad()
def fit(codec: Codec, bank: ColumnBank, *, generator: torch.Generator) -> None:
    """Fit the PCA and the codebooks of a codec to sounds; the rest of the network stays.

    Args:
        codec: freshly made; changed in place.
        bank: the training sounds.
        generator: source of chance.
    """
    stacked = _stacked_log_magnitudes(codec, spread_columns(bank), bank)
    mean = stacked.mean(0)
    components = _principal_components(stacked - mean, codec.config.latent_dim, generator)
    codec.decoder.ceiling.fill_(_ceiling(stacked, codec.config.n_bins))
    codec.pca.mean.copy_(mean)
    if codec.config.factors:
        frames = stacked.reshape(len(stacked), codec.config.frames_per_column, -1)
        rotation = _turn_to_loudness(
            frames, (stacked - mean) @ components.T, codec.config.structure_dims
        )
        components = rotation @ components
    codec.pca.components.copy_(components)
    codec.pca.scale.fill_(1.0)
    spread = float(codec.pca.project(stacked).square().mean().sqrt())
    # Silence alone has no spread at all.
    codec.pca.scale.fill_(1.0 / spread if spread > 1e-3 else 1.0)
    latents = codec.pca.project(stacked)
    _fit_codebooks(codec.quantizer, latents, generator)


@torch.no_grad()
def raise_ceiling(codec: Codec, bank: ColumnBank) -> None:
    """Let through what is louder than the sounds that a codec was fitted to.

    Args:
        codec: on the CPU; its ceiling is raised in place, never lowered.
        bank: all training sounds.
    """
    stacked = _stacked_log_magnitudes(codec, spread_columns(bank), bank)
    codec.decoder.ceiling.clamp_min_(float(_ceiling(stacked, codec.config.n_bins)))


def kmeans(points: Tensor, k: int, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Cluster points by k-means++ (Arthur and Vassilvitskii 2007) and Lloyd's rounds.

    With fewer different points than clusters, the clusters left over stay near random points;
    nothing chooses them.

    Args:
        points: (point, dimension).
        k: number of clusters.
        generator: source of chance.

    Returns:
        Centres (k, dimension) and the centre of every point, (point,).
    """
    centres = _spread_seeds(points, k, generator)
    chosen = nearest(points, centres)
    for _ in range(_LLOYD_ROUNDS):
        sums = torch.zeros_like(centres).index_add_(0, chosen, points)
        counts = torch.bincount(chosen, minlength=k).unsqueeze(-1)
        centres = torch.where(counts > 0, sums / counts.clamp_min(1), centres)
        before, chosen = chosen, nearest(points, centres)
        if torch.equal(before, chosen):
            break
    return centres, chosen


def spread_columns(bank: ColumnBank) -> Tensor:
    """Choose columns: all when there are few, else evenly spaced ones, evenly from every sound."""
    if bank.n_columns <= MAX_COLUMNS:
        return torch.arange(bank.n_columns)
    # The longest share per sound that stays in the bound: short sounds give all they have.
    lengths = torch.from_numpy(bank.lengths)
    share = int(lengths.max())
    while int(lengths.clamp_max(share).sum()) > MAX_COLUMNS and share > 1:
        share = share * 9 // 10
    picks = [
        int(start) + torch.linspace(0, int(n) - 1, min(int(n), share)).long()
        for start, n in zip(bank.starts[:-1], bank.lengths, strict=True)
    ]
    return torch.cat(picks)[:MAX_COLUMNS]


def _fit_codebooks(
    quantizer: ResidualQuantizer, latents: Tensor, generator: torch.Generator
) -> None:
    n_levels, size, _ = quantizer.codebooks.shape
    residual = latents
    for level in range(n_levels):
        if level == 0 and quantizer.structure_dims:
            codebook, chosen = _cells(latents, quantizer.structure_dims, size, generator)
        else:
            codebook, chosen = kmeans(residual, size, generator=generator)
        quantizer.codebooks[level] = codebook
        residual = residual - codebook[chosen]
    if quantizer.structure_dims:
        for _ in range(_REFIT_ROUNDS):
            quantizer.codebooks.copy_(
                _refit(quantizer.codebooks, latents, quantizer.encode(latents))
            )
    codes = quantizer.encode(latents)
    counts = torch.stack([torch.bincount(chosen, minlength=size) for chosen in codes.T])
    quantizer.start(quantizer.codebooks, counts * (100 / len(latents)))


def _turn_to_loudness(frames: Tensor, latents: Tensor, dims: int) -> Tensor:
    """Find the rotation of latents after which the first dimensions tell their loudness.

    That is: how loud a column is, whether it rises and, with more than two frames in a column,
    whether it swells. Plain averages of the log-magnitudes would not do: what is loud is decided
    by the few strongest bins.

    Args:
        frames: log-magnitudes (column, frame, bin).
        latents: (column, latent_dim), centred.
        dims: how many of the three.

    Returns:
        (latent_dim, latent_dim), orthonormal rows.
    """
    energies = (2.0 * frames).logsumexp(-1)
    position = torch.linspace(-1.0, 1.0, frames.shape[1])
    swell = position.square() - position.square().mean()
    told = torch.stack((energies.logsumexp(-1), energies @ position, energies @ swell)[:dims], -1)
    gram = latents.T @ latents
    # Ridge regression: directions in which hardly anything varies stay out.
    ridge = 1e-3 * gram.diagonal().mean().clamp_min(1e-6) * torch.eye(len(gram))
    directions = torch.linalg.solve(gram + ridge, latents.T @ (told - told.mean(0)))
    # The rest of the space keeps the order of the principal components as far as it can.
    rotation: Tensor = torch.linalg.qr(torch.cat((directions, torch.eye(len(gram))), dim=1)).Q.T
    return rotation


def _cells(latents: Tensor, dims: int, k: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Cluster latents in their first dimensions alone; the codes are the means of whole latents."""
    centres, chosen = kmeans(latents[:, :dims], k, generator=generator)
    sums = torch.zeros(k, latents.shape[1]).index_add_(0, chosen, latents)
    counts = torch.bincount(chosen, minlength=k).unsqueeze(-1)
    # Codes without a column: no two alike, and none like one in use.
    spare = torch.cat((centres, latents[nearest(centres, latents[:, :dims]), dims:]), dim=1)
    return torch.where(counts > 0, sums / counts.clamp_min(1), spare), chosen


def _refit(codebooks: Tensor, latents: Tensor, codes: Tensor) -> Tensor:
    """Move all codes of all levels at once to where their sums come nearest to the latents.

    Least squares for given codes (column, level), as in additive quantisation (Babenko and
    Lempitsky 2014), held back by `_REFIT_INERTIA`.
    """
    n_levels, size, latent_dim = codebooks.shape
    rows = codes + size * torch.arange(n_levels)
    gram = _REFIT_INERTIA * torch.eye(n_levels * size)
    pairs = (rows.unsqueeze(-1), rows.unsqueeze(-2))
    gram.index_put_(pairs, torch.ones(()), accumulate=True)
    error = latents - codebooks.reshape(-1, latent_dim)[rows].sum(1)
    pull = torch.zeros(n_levels * size, latent_dim)
    pull.index_add_(0, rows.flatten(), error.repeat_interleave(n_levels, dim=0))
    moved: Tensor = codebooks + torch.linalg.solve(gram, pull).view_as(codebooks)
    return moved


def _spread_seeds(points: Tensor, k: int, generator: torch.Generator) -> Tensor:
    n = points.shape[0]
    first = int(torch.randint(n, (1,), generator=generator))
    seeds = [points[first]]
    distance = (points - seeds[0]).square().sum(-1)
    while len(seeds) < k:
        if float(distance.max()) <= 1e-10:
            rest = points[torch.randint(n, (k - len(seeds),), generator=generator)]
            noise = torch.randn(rest.shape, generator=generator)
            seeds.extend(rest + 1e-2 * (points.std(unbiased=False) + 1.0) * noise)
            break
        seed = points[int(torch.multinomial(distance, 1, generator=generator))]
        seeds.append(seed)
        distance = torch.minimum(distance, (points - seed).square().sum(-1))
    return torch.stack(seeds)


def _stacked_log_magnitudes(codec: Codec, columns: Tensor, bank: ColumnBank) -> Tensor:
    stacked = []
    for chunk in torch.split(columns, 1024):
        window = torch.from_numpy(bank.read(chunk.numpy())).unsqueeze(1)
        stacked.append(log_magnitude(codec.spectral.spectrum(window)).flatten(1))
    return torch.cat(stacked)


def _ceiling(stacked: Tensor, n_bins: int) -> Tensor:
    """Return the log-magnitude of the loudest frame, all bins together, with headroom."""
    frames = stacked.reshape(-1, n_bins)
    return 0.5 * torch.logsumexp(2.0 * frames, dim=-1).amax() + _HEADROOM


def _principal_components(centred: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Find the first directions by subspace iteration; 50 times quicker than all of them."""
    width = centred.shape[1]
    basis = torch.linalg.qr(torch.randn(width, n + 8, generator=generator)).Q
    for _ in range(_POWER_ROUNDS):
        basis = torch.linalg.qr(centred.T @ (centred @ basis)).Q
    # Rotate the subspace to its own principal axes, strongest first.
    within = centred @ basis
    _, vectors = torch.linalg.eigh(within.T @ within)
    components: Tensor = (basis @ vectors.flip(-1))[:, :n].T.contiguous()
    return components
