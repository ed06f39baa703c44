"""Encoder and decoder of the codec in numpy, built from the tensors of a model file.

The same functions as `sdaudio.codec.network` (a test holds them together), with everything that
depends on single codes turned into tables: the first layer of the decoder and the whole linear
skip are sums of table rows.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdaudio import noise
from sdaudio.codebooks import quantise
from sdaudio.errors import FileError
from sdaudio.header import CodecConfig
from sdaudio.modelfile import CODEBOOKS
from sdaudio.render.layers import Linear, Weights, blocks, normalise
from sdaudio.render.products import multiply
from sdaudio.render.spectral import Spectral, compress, log_magnitude


class Encoder:
    """Sound to codes."""

    def __init__(self, config: CodecConfig, weights: Weights) -> None:
        self._config = config
        self._spectral = Spectral(config)
        self._codebooks = weights[CODEBOOKS]
        scale = weights["pca.scale"]
        self._project = np.ascontiguousarray((weights["pca.components"] * scale).T, np.float32)
        self._mean = weights["pca.mean"]
        self._input = Linear(weights, "encoder.input")
        self._frame_blocks = blocks(weights, "encoder.frame_blocks", config.encoder_frame_blocks)
        self._stack = Linear(weights, "encoder.stack")
        self._column_blocks = blocks(weights, "encoder.column_blocks", config.encoder_column_blocks)
        self._output = Linear(weights, "encoder.output")
        self._norm_gain = weights["encoder.input_norm.weight"]
        self._norm_bias = weights["encoder.input_norm.bias"]

    @property
    def reach(self) -> int:
        """How many columns to each side a code depends on."""
        config = self._config
        frames = config.encoder_frame_blocks + 1.5
        return config.encoder_column_blocks + math.ceil(frames / config.frames_per_column)

    def encode(self, audio: NDArray[np.float32]) -> NDArray[np.uint16]:
        """Map whole columns of audio with margins on both sides to codes (level, column)."""
        codes, _ = quantise(self.latents(audio), self._codebooks)
        return codes

    def latents(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map whole columns of audio with margins on both sides to (column, latent_dim)."""
        per_column = self._config.frames_per_column
        spectrum = self._spectral.analyse(audio)
        logarithm = log_magnitude(spectrum)
        x = normalise(self._input(compress(spectrum, logarithm)))
        x *= self._norm_gain
        x += self._norm_bias
        for block in self._frame_blocks:
            x = block(x)
        x = self._stack(x.reshape(-1, per_column * x.shape[1]))
        for block in self._column_blocks:
            x = block(x)
        stacked = logarithm.reshape(-1, per_column * logarithm.shape[1])
        latents = multiply(stacked - self._mean, self._project)
        latents += self._output(x)
        return latents


class Decoder:
    """Codes to sound."""

    def __init__(self, config: CodecConfig, weights: Weights) -> None:
        self._config = config
        self._spectral = Spectral(config)
        codebooks = weights[CODEBOOKS]
        first = Linear(weights, "decoder.input")
        components = weights["pca.components"] / weights["pca.scale"]
        # (level, code, channel) and (level, code, frame * bin)
        self._input_table = codebooks @ first.matrix
        self._input_bias = first.bias
        self._skip_table = codebooks @ components.astype(np.float32)
        self._skip_bias = weights["pca.mean"]
        self._column_blocks = blocks(weights, "decoder.column_blocks", config.decoder_column_blocks)
        self._unfold = Linear(weights, "decoder.unfold")
        self._frame_blocks = blocks(weights, "decoder.frame_blocks", config.decoder_frame_blocks)
        self._head = Linear(weights, "decoder.head", norm="decoder.norm")
        self._coherence = Linear(weights, "decoder.coherence", norm="decoder.norm")
        self._ceiling = weights["decoder.ceiling"]
        self._bands = noise.band_of_bin(config.n_bins)

    def decode(
        self, codes: NDArray[np.integer], levels: tuple[int, ...], *, first_column: int = 0
    ) -> NDArray[np.float32]:
        """Map codes (level, column) to audio (column * column_length,), in one piece.

        Args:
            codes: one column or more.
            levels: which levels take part.
            first_column: where in its grid the first of the codes stands.
        """
        config = self._config
        x = self._sum(self._input_table, self._input_bias, codes, levels)
        for block in self._column_blocks:
            x = block(x)
        x = self._unfold(x).reshape(-1, config.frame_channels)
        for block in self._frame_blocks:
            x = block(x)
        x = normalise(x)
        coherence = _sigmoid(self._coherence(x))
        x = self._head(x)
        magnitude = self._sum(self._skip_table, self._skip_bias, codes, levels)
        magnitude = magnitude.reshape(-1, config.n_bins)
        spread = noise.spread(coherence)
        magnitude += x[:, : config.n_bins]
        np.minimum(magnitude, self._ceiling, out=magnitude)
        magnitude += noise.make_up(spread)[:, self._bands] - self._excess(magnitude)
        np.exp(magnitude, out=magnitude)
        frames = first_column * config.frames_per_column + np.arange(len(x))
        phase = spread[:, self._bands]
        phase *= noise.angles(frames, config.n_bins)
        phase += x[:, config.n_bins :]
        spectrum = np.empty(magnitude.shape, np.complex64)
        np.multiply(magnitude, np.cos(phase), out=spectrum.real)
        np.multiply(magnitude, np.sin(phase), out=spectrum.imag)
        return self._spectral.synthesise(spectrum)

    def _excess(self, log_magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how much louder than the ceiling every frame is, (frame, 1)."""
        power = np.exp(np.float32(2.0) * (log_magnitude - self._ceiling))
        loudness = np.float32(0.5) * np.log(np.add.reduce(power, axis=1))
        excess: NDArray[np.float32] = np.maximum(loudness, np.float32(0.0))[:, None]
        return excess

    def _sum(
        self,
        table: NDArray[np.float32],
        bias: NDArray[np.float32],
        codes: NDArray[np.integer],
        levels: tuple[int, ...],
    ) -> NDArray[np.float32]:
        total = np.tile(bias, (codes.shape[1], 1))
        for level in levels:
            total += table[level, codes[level]]
        return total


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    np.exp(-np.maximum(x, np.float32(-80.0)), out=x)
    x += np.float32(1.0)
    return np.reciprocal(x, out=x)


def expected_shapes(config: CodecConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor that a model with this configuration must have."""
    shapes: dict[str, tuple[int, ...]] = {
        "pca.mean": (config.frames_per_column * config.n_bins,),
        "pca.components": (config.latent_dim, config.frames_per_column * config.n_bins),
        "pca.scale": (1,),
        CODEBOOKS: (config.n_levels, config.codebook_size, config.latent_dim),
    }

    def linear(name: str, n_in: int, n_out: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (n_out, n_in), (n_out,)

    def stack_of_blocks(name: str, n: int, channels: int) -> None:
        for index in range(n):
            block = f"{name}.{index}"
            shapes[f"{block}.depthwise"] = (3, channels)
            for part in ("depthwise_bias", "norm.weight", "norm.bias", "gamma"):
                shapes[f"{block}.{part}"] = (channels,)
            linear(f"{block}.expand", channels, config.expansion * channels)
            linear(f"{block}.contract", config.expansion * channels, channels)

    inner, frames, columns = config.encoder_channels, config.frame_channels, config.column_channels
    linear("encoder.input", 2 * config.n_bins, inner)
    shapes["encoder.input_norm.weight"] = shapes["encoder.input_norm.bias"] = (inner,)
    stack_of_blocks("encoder.frame_blocks", config.encoder_frame_blocks, inner)
    linear("encoder.stack", config.frames_per_column * inner, inner)
    stack_of_blocks("encoder.column_blocks", config.encoder_column_blocks, inner)
    linear("encoder.output", inner, config.latent_dim)
    linear("decoder.input", config.latent_dim, columns)
    stack_of_blocks("decoder.column_blocks", config.decoder_column_blocks, columns)
    linear("decoder.unfold", columns, config.frames_per_column * frames)
    stack_of_blocks("decoder.frame_blocks", config.decoder_frame_blocks, frames)
    shapes["decoder.norm.weight"] = shapes["decoder.norm.bias"] = (frames,)
    linear("decoder.head", frames, 2 * config.n_bins)
    shapes["decoder.ceiling"] = (1,)
    linear("decoder.coherence", frames, noise.n_bands(config.n_bins))
    return shapes


def check_weights(name: str, config: CodecConfig, weights: Weights) -> None:
    """Check that every tensor is there, is float32 and has the shape the header promises.

    Raises:
        FileError: names the model, the tensor and what is wrong with it.
    """
    for tensor, expected in expected_shapes(config).items():
        if tensor not in weights:
            raise FileError(f"The model '{name}' is damaged: weight '{tensor}' is missing.")
        found = weights[tensor]
        if found.shape != expected or found.dtype != np.float32:
            raise FileError(
                f"The model '{name}' contradicts itself: weight '{tensor}' is {found.dtype} "
                f"{found.shape}, its header says float32 {expected}."
            )
