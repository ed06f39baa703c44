"""The codec network in torch: encoder, quantiser, decoder.

ConvNeXt blocks (Liu et al. 2022, arXiv 2201.03545) at frame and column rate, and a head that
gives log-magnitude and phase to an inverse Fourier transform (Vocos, Siuzdak 2023,
arXiv 2306.00814). What differs: every kernel is 3, so that one code reaches only a few columns to
each side; and a fixed linear skip (`Pca`) goes around encoder and decoder, so that the codec works
before its first gradient step. `sdaudio.render` computes the same in numpy for playing.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sdaudio import noise
from sdaudio.codec.quantizer import Quantised, ResidualQuantizer
from sdaudio.codec.spectral import Spectral, compress, log_magnitude
from sdaudio.header import CodecConfig

LAYER_NORM_EPS = 1e-6
# Phases are not to be trusted before they have been learned: sigmoid(-1) is 0.27.
_FIRST_COHERENCE = -1.0


@dataclass(frozen=True, slots=True)
class Rendition:
    """What a decoder makes of latents.

    ``audio`` (B, sample) is what is heard; ``learned`` (B, sample) is the same before phases are
    scattered; ``coherence`` (B, frame, band), 0 to 1, tells how much of it can be trusted.
    """

    audio: Tensor
    learned: Tensor
    coherence: Tensor


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution over three steps, norm, two linear layers with SiLU, residual.

    Args:
        channels: of input and output.
        expansion: of the hidden layer, times channels.
        gamma: start value of the residual's gain.
    """

    def __init__(self, channels: int, *, expansion: int, gamma: float = 0.3) -> None:
        super().__init__()
        bound = 1 / math.sqrt(3)
        self.depthwise = nn.Parameter(torch.empty(3, channels).uniform_(-bound, bound))
        self.depthwise_bias = nn.Parameter(torch.zeros(channels))
        self.norm = nn.LayerNorm(channels, eps=LAYER_NORM_EPS)
        self.expand = nn.Linear(channels, expansion * channels)
        self.contract = nn.Linear(expansion * channels, channels)
        self.gamma = nn.Parameter(torch.full((channels,), gamma))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, step, channel) to the same shape."""
        # Three shifted adds keep channels last, which the linear layers want; conv1d would
        # transpose twice.
        padded = nn.functional.pad(x, (0, 0, 1, 1))
        left, middle, right = self.depthwise
        y = padded[:, :-2] * left + x * middle + padded[:, 2:] * right + self.depthwise_bias
        y = self.contract(nn.functional.silu(self.expand(self.norm(y))))
        result: Tensor = x + self.gamma * y
        return result


class Pca(nn.Module):
    """A fixed linear map between stacked log-magnitude frames of a column and its latent.

    ``components`` has orthonormal rows, ``scale`` makes the latents of order 1.
    """

    mean: Tensor
    components: Tensor
    scale: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        n_inputs = config.frames_per_column * config.n_bins
        self.frames_per_column = config.frames_per_column
        self.register_buffer("mean", torch.zeros(n_inputs))
        self.register_buffer("components", torch.zeros(config.latent_dim, n_inputs))
        self.register_buffer("scale", torch.ones(1))

    def forward(self, log_magnitudes: Tensor) -> Tensor:
        """Map (..., frame, bin) to latents (..., column, latent_dim)."""
        n_columns = log_magnitudes.shape[-2] // self.frames_per_column
        stacked = log_magnitudes.reshape(*log_magnitudes.shape[:-2], n_columns, -1)
        return self.project(stacked)

    def project(self, stacked: Tensor) -> Tensor:
        """Map columns of stacked frames (..., column, frame * bin) to latents."""
        latents: Tensor = (stacked - self.mean) @ self.components.T * self.scale
        return latents

    def invert(self, latents: Tensor) -> Tensor:
        """Map latents (..., column, latent_dim) to log-magnitudes (..., frame, bin)."""
        stacked = (latents / self.scale) @ self.components + self.mean
        n_frames = stacked.shape[-2] * self.frames_per_column
        frames: Tensor = stacked.reshape(*stacked.shape[:-2], n_frames, -1)
        return frames


class Encoder(nn.Module):
    """The learned part of the encoder; adds to the latents of the PCA, and not more than a little.

    Without a limit it moves everything to where the training sounds are told apart best, and a
    sound that it never heard anywhere: held-out drums ended up as far from the PCA's latents as
    these are long.
    """

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        channels, expansion = config.encoder_channels, config.expansion
        self.frames_per_column = config.frames_per_column
        self.input = nn.Linear(2 * config.n_bins, channels)
        self.input_norm = nn.LayerNorm(channels, eps=LAYER_NORM_EPS)
        self.frame_blocks = _blocks(config.encoder_frame_blocks, channels, expansion)
        self.stack = nn.Linear(config.frames_per_column * channels, channels)
        self.column_blocks = _blocks(config.encoder_column_blocks, channels, expansion)
        self.output = nn.Linear(channels, config.latent_dim)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        self.freedom = config.encoder_freedom
        self.reduced_precision = False

    def forward(self, compressed: Tensor) -> Tensor:
        """Map compressed spectra (B, frame, 2 * bin) to (B, column, latent_dim)."""
        with _autocast(compressed, enabled=self.reduced_precision):
            x = self.frame_blocks(self.input_norm(self.input(compressed)))
            x = self.stack(x.reshape(len(x), x.shape[1] // self.frames_per_column, -1))
            x = self.column_blocks(x)
        latents: Tensor = self.output(x.float())
        # At most `freedom` long, and as it was where it is much shorter.
        length = latents.square().sum(-1, keepdim=True)
        limited: Tensor = latents * (self.freedom * torch.rsqrt(length + self.freedom**2))
        return limited


class Decoder(nn.Module):
    """The learned part of the decoder: log-magnitude offsets, phases, and how sure they are.

    ``ceiling`` is the log of the largest magnitude, over all bins together, that a frame is let
    through with: codes that never stood together can add up to anything, and nobody's ears should
    pay for that.
    """

    ceiling: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        columns, frames = config.column_channels, config.frame_channels
        self.frames_per_column = config.frames_per_column
        self.input = nn.Linear(config.latent_dim, columns)
        self.column_blocks = _blocks(config.decoder_column_blocks, columns, config.expansion)
        self.unfold = nn.Linear(columns, config.frames_per_column * frames)
        self.frame_blocks = _blocks(config.decoder_frame_blocks, frames, config.expansion)
        self.norm = nn.LayerNorm(frames, eps=LAYER_NORM_EPS)
        self.head = nn.Linear(frames, 2 * config.n_bins)
        with torch.no_grad():
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()
            # Different phases for neighbouring bins: with equal ones every frame is a click.
            self.head.bias[config.n_bins :].uniform_(-math.pi, math.pi)
        self.coherence = nn.Linear(frames, noise.n_bands(config.n_bins))
        nn.init.zeros_(self.coherence.weight)
        nn.init.constant_(self.coherence.bias, _FIRST_COHERENCE)
        self.register_buffer("ceiling", torch.zeros(1))
        self.reduced_precision = False

    def forward(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map latents (B, column, latent_dim) to offset, phase and coherence.

        The first two are (B, frame, bin), the last is (B, frame, band).
        """
        with _autocast(latents, enabled=self.reduced_precision):
            x = self.unfold(self.column_blocks(self.input(latents)))
            x = self.frame_blocks(x.reshape(len(x), x.shape[1] * self.frames_per_column, -1))
        # A phase needs more digits than bfloat16 has.
        x = self.norm(x.float())
        offset, phase = self.head(x).chunk(2, dim=-1)
        return offset, phase, torch.sigmoid(self.coherence(x))


class Codec(nn.Module):
    """A whole codec.

    Args:
        config: its shape.
    """

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.spectral = Spectral(config)
        self.pca = Pca(config)
        self.encoder = Encoder(config)
        self.quantizer = ResidualQuantizer(config)
        self.decoder = Decoder(config)

    @property
    def device(self) -> torch.device:
        """Where the codec computes."""
        return self.pca.mean.device

    def use_bfloat16(self, *, enabled: bool) -> None:
        """Let the blocks compute in bfloat16: a third quicker to train where the device has it."""
        self.encoder.reduced_precision = self.decoder.reduced_precision = enabled

    def encode(self, audio: Tensor) -> Tensor:
        """Map audio (B, sample) to latents (B, column, latent_dim) before quantisation."""
        return self.encode_columns(self.spectral.columns(audio))

    def encode_columns(self, columns: Tensor) -> Tensor:
        """Map columns with margins (B, column, sample) to latents (B, column, latent_dim)."""
        return self.encode_spectrum(self.spectral.spectrum(columns))

    def encode_spectrum(self, spectrum: Tensor) -> Tensor:
        """Map spectra (B, frame, bin) complex to latents (B, column, latent_dim)."""
        latents: Tensor = self.pca(log_magnitude(spectrum)) + self.encoder(compress(spectrum))
        return latents

    def decode(self, latents: Tensor, *, first_column: int = 0) -> Tensor:
        """Map quantised latents (B, column, latent_dim) to audio (B, sample).

        Args:
            latents: as `ResidualQuantizer.embed` gives them.
            first_column: where in their grids the first columns stand.
        """
        first_frames = np.full(len(latents), first_column * self.config.frames_per_column)
        return self.render(latents, first_frames).audio

    def render(self, latents: Tensor, first_frames: NDArray[np.integer]) -> Rendition:
        """Decode latents (B, column, latent_dim) with and without scattered phases.

        Args:
            latents: as `ResidualQuantizer.embed` gives them.
            first_frames: (B,), the absolute number of the first frame of each.
        """
        offset, phase, coherence = self.decoder(latents)
        magnitude = self._limit(self.pca.invert(latents) + offset)
        gain, angle = self._scatter(coherence.detach(), first_frames)
        return Rendition(
            audio=self.spectral.synthesise(_polar(magnitude + gain, phase + angle)),
            learned=self.spectral.synthesise(_polar(magnitude, phase)),
            coherence=coherence,
        )

    def _limit(self, log_magnitude: Tensor) -> Tensor:
        """Turn frames down that are louder than the ceiling, (B, frame, bin)."""
        ceiling = self.decoder.ceiling
        limited = torch.minimum(log_magnitude, ceiling)
        loudness = 0.5 * torch.logsumexp(2.0 * limited, dim=-1, keepdim=True)
        return limited - (loudness - ceiling).clamp_min(0.0)

    def _scatter(
        self, coherence: Tensor, first_frames: NDArray[np.integer]
    ) -> tuple[Tensor, Tensor]:
        """Return what to add to log-magnitudes and phases, (B, frame, bin) each."""
        n_bins, n_frames = self.config.n_bins, coherence.shape[1]
        spread = noise.spread(coherence.cpu().numpy())
        bands = noise.band_of_bin(n_bins)
        frames = first_frames[:, None] + np.arange(n_frames)
        angles = noise.angles(frames.ravel(), n_bins).reshape(len(frames), n_frames, n_bins)
        gain = torch.from_numpy(noise.make_up(spread)[..., bands])
        angle = torch.from_numpy(spread[..., bands] * angles)
        return gain.to(coherence.device), angle.to(coherence.device)

    def encode_to_codes(self, audio: Tensor) -> Tensor:
        """Map audio (B, sample) to codes (B, column, level), int64."""
        return self.quantizer.encode(self.encode(audio))

    def decode_codes(self, codes: Tensor) -> Tensor:
        """Map codes (B, column, level) to audio (B, sample)."""
        return self.decode(self.quantizer.embed(codes))

    def forward(self, audio: Tensor) -> tuple[Tensor, Quantised]:
        """Encode, quantise and decode audio (B, sample)."""
        quantised: Quantised = self.quantizer(self.encode(audio))
        return self.decode(quantised.latents), quantised


def _polar(log_magnitude: Tensor, phase: Tensor) -> Tensor:
    magnitude = log_magnitude.exp()
    return torch.complex(magnitude * phase.cos(), magnitude * phase.sin())


def _autocast(x: Tensor, *, enabled: bool) -> torch.autocast:
    return torch.autocast(x.device.type, torch.bfloat16, enabled=enabled)


def _blocks(n: int, channels: int, expansion: int) -> nn.Sequential:
    return nn.Sequential(*(ConvNeXtBlock(channels, expansion=expansion) for _ in range(n)))
