"""The closed-form start: a working codec in under a second, before any gradient step.

PCA of stacked log-magnitude frames gives the linear skip of encoder and decoder, k-means down the
levels gives the codebooks, the loudest frames give a ceiling. All of it is bounded: from long
datasets at most `MAX_COLUMNS` columns are looked at, taken evenly from every sound.
"""

import math

import torch
from torch import Tensor

from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec
from sdaudio.codec.spectral import log_magnitude

MAX_COLUMNS = 8192
_LLOYD_ROUNDS = 20
_POWER_ROUNDS = 6
# 6 dB: an edit may be louder than every training sound, but not by more
_HEADROOM = math.log(2.0)


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
    codec.pca.components.copy_(components)
    codec.pca.scale.fill_(1.0)
    spread = float(codec.pca.project(stacked).square().mean().sqrt())
    # Silence alone has no spread at all.
    codec.pca.scale.fill_(1.0 / spread if spread > 1e-3 else 1.0)
    latents = codec.pca.project(stacked)
    codebooks, shares = [], []
    for _ in range(codec.config.n_levels):
        codebook, chosen = kmeans(latents, codec.config.codebook_size, generator=generator)
        counts = torch.bincount(chosen, minlength=codec.config.codebook_size)
        latents = latents - codebook[chosen]
        codebooks.append(codebook)
        shares.append(counts / counts.sum())
    codec.quantizer.start(torch.stack(codebooks), torch.stack(shares) * 100)


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
    chosen = _assign(points, centres)
    for _ in range(_LLOYD_ROUNDS):
        sums = torch.zeros_like(centres).index_add_(0, chosen, points)
        counts = torch.bincount(chosen, minlength=k).unsqueeze(-1)
        centres = torch.where(counts > 0, sums / counts.clamp_min(1), centres)
        before, chosen = chosen, _assign(points, centres)
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


def _assign(points: Tensor, centres: Tensor) -> Tensor:
    return torch.argmin(centres.square().sum(-1) - 2.0 * (points @ centres.T), dim=-1)


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
