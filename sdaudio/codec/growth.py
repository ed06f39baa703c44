"""New sounds in old codebooks: codes that nothing uses become theirs, all others stay.

Nearly the k-means of the closed-form start, but with centres that may not move: what an old code
stands for is what every grid made so far relies on.
"""

import torch
from torch import Tensor

from sdaudio.codec.network import Codec
from sdaudio.codec.quantizer import nearest

_LLOYD_ROUNDS = 20
# Squared distance under which a column needs no code of its own; latents are of order 1.
_SERVED = 1e-8


@torch.no_grad()
def take_over_unused(
    codec: Codec, latents: Tensor, usage: Tensor, *, generator: torch.Generator
) -> list[int]:
    """Move unused codes to where new latents are served worst, level after level.

    Args:
        codec: its codebooks are changed in place, but for the codes in use.
        latents: of the new sounds, (column, latent_dim).
        usage: how often the old sounds use each code, (level, code).
        generator: source of chance.

    Returns:
        How many codes were moved, one number per level.
    """
    residual, moved = latents, []
    for level, codebook in enumerate(codec.quantizer.codebooks):
        free = torch.nonzero(usage[level] == 0).flatten()
        fixed, dims = codebook[usage[level] > 0], codec.quantizer.dims_of(level)
        new = _fill_gaps(residual, fixed, len(free), dims=dims, generator=generator)
        codebook[free[: len(new)]] = new
        moved.append(len(new))
        residual = residual - codebook[nearest(residual[:, :dims], codebook[:, :dims])]
    return moved


def _fill_gaps(
    points: Tensor, fixed: Tensor, n: int, *, dims: int, generator: torch.Generator
) -> Tensor:
    """Return up to ``n`` centres that serve points together with ``fixed`` ones, (centre, dim).

    What is near is decided by the first ``dims`` dimensions. Fewer come back when the points are
    served exactly before all are placed.
    """
    centres, seen = fixed, points[:, :dims]
    distance = _distance(seen, centres[:, :dims])
    while len(centres) < len(fixed) + n and float(distance.max()) > _SERVED:
        chosen = int(torch.multinomial(distance.cpu(), 1, generator=generator))
        centres = torch.cat((centres, points[chosen : chosen + 1]))
        distance = torch.minimum(distance, (seen - centres[-1, :dims]).square().sum(-1))
    for _ in range(_LLOYD_ROUNDS):
        chosen_by_point = nearest(seen, centres[:, :dims])
        counts = torch.bincount(chosen_by_point, minlength=len(centres)).unsqueeze(-1)
        sums = torch.zeros_like(centres).index_add_(0, chosen_by_point, points)
        means = torch.where(counts > 0, sums / counts.clamp_min(1), centres)
        centres = torch.cat((fixed, means[len(fixed) :]))
    return centres[len(fixed) :]


def _distance(points: Tensor, centres: Tensor) -> Tensor:
    if not len(centres):
        return (points - points.mean(0)).square().sum(-1) + 2 * _SERVED
    return (points - centres[nearest(points, centres)]).square().sum(-1)
