"""Residual vector quantisation: each level takes the nearest code to what the levels before left.

Codebooks follow their data by exponential moving averages (van den Oord et al. 2017,
arXiv 1711.00937, appendix A.1) and start from k-means (`sdaudio.codec.closed_form`). Gradients
pass the quantiser by the rotation trick (Fifty et al. 2024, arXiv 2410.06424), applied once to
the sum of all levels. Codes that nothing chooses any more are put onto columns that are badly
served (Dhariwal et al. 2020, arXiv 2005.00341, section 3.1, there called random restart).

Where the levels are factors, the first one is chosen by a few dimensions (loudness and attack), of
several candidates the one that suits the levels below best, and all codebooks follow the error
that they leave together (as in additive quantisation, Babenko and Lempitsky 2014).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sdaudio.codebooks import CANDIDATES
from sdaudio.header import CodecConfig


@dataclass(frozen=True, slots=True)
class Quantised:
    """Latents after quantisation.

    ``latents`` (..., latent_dim) carries gradients to the encoder, ``codes`` is (..., level) and
    ``commitment`` the mean squared distance of the encoder's latents from their codes.
    """

    latents: Tensor
    codes: Tensor
    commitment: Tensor


class ResidualQuantizer(nn.Module):
    """Two to four codebooks, (level, code, latent_dim).

    Args:
        config: number of levels, codes and latent dimensions.
        decay: of the moving averages, per update.
    """

    codebooks: Tensor
    counts: Tensor
    sums: Tensor
    idle: Tensor

    def __init__(self, config: CodecConfig, *, decay: float = 0.97) -> None:
        super().__init__()
        self.decay = decay
        self.structure_dims = config.structure_dims
        shape = (config.n_levels, config.codebook_size, config.latent_dim)
        self.register_buffer("codebooks", torch.randn(shape))
        # What only training needs stays out of the model file.
        self.register_buffer("counts", torch.ones(shape[:2]), persistent=False)
        self.register_buffer("sums", self.codebooks.clone(), persistent=False)
        self.register_buffer("idle", torch.zeros(shape[:2], dtype=torch.long), persistent=False)

    @torch.no_grad()
    def start(self, codebooks: Tensor, counts: Tensor) -> None:
        """Set the codebooks and how many columns of a batch each code can expect."""
        self.codebooks.copy_(codebooks)
        self.counts.copy_(counts)
        self.sums.copy_(codebooks * counts.unsqueeze(-1))
        self.idle.zero_()

    def dims_of(self, level: int) -> int:
        """Return how many of the first dimensions decide on the code of a level."""
        structure = self.structure_dims if level == 0 else 0
        return structure or self.codebooks.shape[-1]

    @torch.no_grad()
    def encode(self, latents: Tensor) -> Tensor:
        """Return codes (..., level) for latents (..., latent_dim)."""
        n = self.structure_dims
        if not n:
            return _descend(latents, self.codebooks)[0]
        scores = _scores(latents[..., :n], self.codebooks[0, :, :n])
        # in the order of their codes, so that of equals the same one wins everywhere
        candidates = scores.topk(CANDIDATES, largest=False).indices.sort(dim=-1).values
        tried = latents.unsqueeze(-2) - self.codebooks[0, candidates]
        below, left = _descend(tried, self.codebooks[1:])
        codes = torch.cat((candidates.unsqueeze(-1), below), dim=-1)
        best = left.square().sum(-1).argmin(-1)[..., None, None]
        return codes.take_along_dim(best, dim=-2).squeeze(-2)

    def embed(self, codes: Tensor) -> Tensor:
        """Sum the codebook vectors of codes (..., level)."""
        vectors = [self.codebooks[level, codes[..., level]] for level in range(codes.shape[-1])]
        return torch.stack(vectors).sum(0)

    def forward(self, latents: Tensor) -> Quantised:
        """Quantise latents (..., latent_dim)."""
        codes = self.encode(latents)
        embedded = self.embed(codes)
        commitment = (latents - embedded).square().mean()
        return Quantised(_rotate(latents, embedded), codes, commitment)

    @torch.no_grad()
    def update(self, latents: Tensor, codes: Tensor) -> None:
        """Let the codebooks follow one batch: latents (column, latent_dim), codes (column, level).

        Rare codes keep their place: their sum and count decay together.
        """
        residual, error = latents, latents - self.embed(codes)
        for level in range(codes.shape[-1]):
            chosen = codes[:, level]
            counts = torch.bincount(chosen, minlength=self.counts.shape[1])
            place = self.codebooks[level, chosen]
            aim = place + error if self.structure_dims else residual
            sums = torch.zeros_like(self.sums[level]).index_add_(0, chosen, aim)
            residual = residual - place
            self.idle[level] = torch.where(counts > 0, 0, self.idle[level] + 1)
            self.counts[level].lerp_(counts.to(residual.dtype), 1 - self.decay)
            self.sums[level].lerp_(sums, 1 - self.decay)
            followed = self.sums[level] / self.counts[level].clamp_min(1e-6).unsqueeze(-1)
            # Under a thousandth of a column there is nothing to follow, only rounding.
            alive = (self.counts[level] > 1e-3).unsqueeze(-1)
            self.codebooks[level] = torch.where(alive, followed, self.codebooks[level])

    @torch.no_grad()
    def reset_dead(self, latents: Tensor, *, patience: int, generator: torch.Generator) -> int:
        """Move codes that no column chose for ``patience`` updates onto badly served columns.

        Args:
            latents: (column, latent_dim) of one batch.
            patience: updates without a single choice.
            generator: source of chance.

        Returns:
            How many codes were moved.
        """
        moved, residual, codes = 0, latents, self.encode(latents)
        for level in range(self.codebooks.shape[0]):
            dead = torch.nonzero(self.idle[level] >= patience).flatten()
            left = residual - self.codebooks[level, codes[:, level]]
            error = left[:, : self.dims_of(level)].square().sum(-1)
            # No more at once than the batch has really different columns to offer.
            n = min(len(dead), int((error > 1e-8).sum()))
            if n:
                # The source of chance is the CPU's, wherever the codec computes.
                drawn = torch.multinomial(error.cpu(), n, generator=generator)
                new = residual[drawn.to(residual.device)]
                self.codebooks[level, dead[:n]] = new
                self.counts[level, dead[:n]] = 1.0
                self.sums[level, dead[:n]] = new
                self.idle[level, dead] = 0
                moved += n
            residual = left
        return moved


def nearest(residual: Tensor, codebook: Tensor) -> Tensor:
    """Return the index of the nearest code (code, latent_dim) for each residual."""
    return torch.argmin(_scores(residual, codebook), dim=-1)


def _descend(residual: Tensor, codebooks: Tensor) -> tuple[Tensor, Tensor]:
    """Return the nearest codes (..., level) of (..., latent_dim), and what no level expresses."""
    codes = []
    for codebook in codebooks:
        codes.append(nearest(residual, codebook))
        residual = residual - codebook[codes[-1]]
    return torch.stack(codes, dim=-1), residual


def _scores(points: Tensor, codebook: Tensor) -> Tensor:
    # |p - c|^2 without |p|^2, which is the same for every code
    return codebook.square().sum(-1) - 2.0 * (points @ codebook.T)


def _rotate(source: Tensor, target: Tensor) -> Tensor:
    """Return ``target``, with gradients to ``source`` turned and scaled as source to target."""
    source_norm = source.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    target_norm = target.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    u, q = (source / source_norm).detach(), (target / target_norm).detach()
    w = nn.functional.normalize(u + q, dim=-1)
    turned = (
        source
        - 2 * (source * w).sum(-1, keepdim=True) * w
        + 2 * (source * u).sum(-1, keepdim=True) * q
    )
    rotated = turned * (target_norm / source_norm).detach()
    # The value is exactly the target, so that decoding codes equals the forward pass.
    passed: Tensor = rotated + (target - rotated).detach()
    return passed
