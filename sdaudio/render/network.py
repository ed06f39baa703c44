"""Encoder and decoder of the codec in numpy, built from the tensors of a model file.

The same functions as `sdaudio.codec.network` (a test holds them together), with everything that
depends on single codes turned into tables: the first layer of the decoder and the whole linear
skip are sums of table rows. Both compute what is asked for, from as much around it as that depends
on, and not more.
"""

import numpy as np
from numpy.typing import NDArray

from sdaudio import noise
from sdaudio.errors import FileError
from sdaudio.header import CodecConfig
from sdaudio.modelfile import CODEBOOKS
from sdaudio.render.layers import Linear, Weights, blocks, normalise, run
from sdaudio.render.products import MARGIN, Activations, inside, multiply, padded, padded_width
from sdaudio.render.spectral import Spectral, compress, log_magnitude

# So many frames are computed at a time: they and those around them fit one product.
_FRAMES_AT_ONCE = 296

Span = tuple[int, int]
"""The first of some steps and the one after the last."""


class Encoder:
    """Sound to latents."""

    def __init__(self, config: CodecConfig, weights: Weights) -> None:
        self._config = config
        self._spectral = Spectral(config)
        scale = weights["pca.scale"]
        self._project = np.ascontiguousarray(weights["pca.components"] * scale, np.float32)
        self._mean = weights["pca.mean"]
        self._input = Linear(weights, "encoder.input")
        self._frame_blocks = blocks(weights, "encoder.frame_blocks", config.encoder_frame_blocks)
        self._stack = Linear(weights, "encoder.stack")
        self._column_blocks = blocks(weights, "encoder.column_blocks", config.encoder_column_blocks)
        self._output = Linear(weights, "encoder.output")
        self._norm_gain = weights["encoder.input_norm.weight"][:, None]
        self._norm_bias = weights["encoder.input_norm.bias"][:, None]

    def latents(self, audio: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
        """Map columns [start, stop) of a sound to (column, latent_dim).

        Args:
            audio: the whole sound; the last column is filled up with silence.
            start: first column wanted.
            stop: column after the last wanted one.
        """
        config, per_column = self._config, self._config.frames_per_column
        n_columns = -(-audio.size // config.column_length)
        latents = np.empty((stop - start, config.latent_dim), np.float32)
        seen = _wider((start, stop), len(self._column_blocks), n_columns)
        x = np.empty((config.encoder_channels, seen[1] - seen[0]), np.float32)
        at_once = max(1, _FRAMES_AT_ONCE // per_column)
        for left in range(seen[0], seen[1], at_once):
            right = min(seen[1], left + at_once)
            columns = (left * per_column, right * per_column)
            frames = _wider(columns, len(self._frame_blocks), n_columns * per_column)
            spectrum = self._spectral.analyse(self._cut(audio, frames))
            logarithm = log_magnitude(spectrum)
            x[:, left - seen[0] : right - seen[0]] = self._fold(
                run(self._frame_blocks, self._first_layer(spectrum, logarithm), frames, columns)
            )
            first, last = max(left, start), min(right, stop)
            begin = first * per_column - frames[0]
            part = logarithm[begin : begin + (last - first) * per_column]
            latents[first - start : last - start] = self._skip(part)
        x = run(self._column_blocks, x, seen, (start, stop))
        features = padded(len(x), stop - start)
        inside(features, stop - start)[...] = x
        learned = inside(self._output(features), stop - start)
        length = np.zeros(stop - start, np.float32)
        # numpy's sum would choose its order by the number of columns
        for row in learned:
            length += row * row
        freedom = np.float32(config.encoder_freedom)
        latents += (learned * (freedom / np.sqrt(length + freedom * freedom))).T
        return latents

    def _cut(self, audio: NDArray[np.float32], frames: Span) -> NDArray[np.float32]:
        """Return the samples that some frames cover, zeros outside the sound."""
        hop_length, margin = self._config.hop_length, self._spectral.margin
        start, stop = frames[0] * hop_length - margin, frames[1] * hop_length + margin
        piece = np.zeros(stop - start, np.float32)
        first, last = max(0, start), min(audio.size, stop)
        piece[first - start : last - start] = audio[first:last]
        return piece

    def _first_layer(
        self, spectrum: NDArray[np.complex64], logarithm: NDArray[np.float32]
    ) -> Activations:
        n_frames = len(spectrum)
        rows = np.zeros((padded_width(n_frames), 2 * self._config.n_bins), np.float32)
        compress(spectrum, logarithm, rows[MARGIN : MARGIN + n_frames])
        x = normalise(inside(self._input(rows.T), n_frames))
        x *= self._norm_gain
        x += self._norm_bias
        return x

    def _fold(self, x: Activations) -> Activations:
        """Map (channel, frame) to (channel, column)."""
        per_column = self._config.frames_per_column
        n_columns = x.shape[1] // per_column
        stack = padded(per_column * len(x), n_columns)
        parts = x.reshape(len(x), n_columns, per_column).transpose(2, 0, 1)
        inside(stack, n_columns)[...] = parts.reshape(len(stack), n_columns)
        return inside(self._stack(stack), n_columns)

    def _skip(self, logarithm: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what log-magnitudes (frame, bin) of whole columns mean by themselves."""
        n_columns = len(logarithm) // self._config.frames_per_column
        rows = np.zeros((padded_width(n_columns), self._mean.size), np.float32)
        columns = logarithm.reshape(n_columns, -1)
        np.subtract(columns, self._mean, out=rows[MARGIN : MARGIN + n_columns])
        return inside(multiply(self._project, rows.T), n_columns).T


class Decoder:
    """Codes to sound."""

    def __init__(self, config: CodecConfig, weights: Weights) -> None:
        self._config = config
        self._spectral = Spectral(config)
        codebooks = weights[CODEBOOKS]
        first = Linear(weights, "decoder.input")
        components = weights["pca.components"] / weights["pca.scale"]
        # (level, code, channel) and (level, code, frame * bin)
        self._input_table = codebooks @ first.matrix.T
        self._input_bias = first.bias[:, 0]
        self.skip_table = codebooks @ components.astype(np.float32)
        # magnitudes are counted from the loudest that a frame may be
        self._ceiling = weights["decoder.ceiling"]
        self.skip_bias = weights["pca.mean"] - self._ceiling
        self._column_blocks = blocks(weights, "decoder.column_blocks", config.decoder_column_blocks)
        self._unfold = Linear(weights, "decoder.unfold")
        self._frame_blocks = blocks(weights, "decoder.frame_blocks", config.decoder_frame_blocks)
        self._head = Linear(weights, "decoder.head", norm="decoder.norm")
        self._coherence = Linear(weights, "decoder.coherence", norm="decoder.norm")
        self._widths_of_bands = np.bincount(noise.band_of_bin(config.n_bins))

    def decode(
        self,
        codes: NDArray[np.integer],
        levels: tuple[int, ...],
        start: int,
        stop: int,
        *,
        first_column: int = 0,
    ) -> NDArray[np.float32]:
        """Map codes to the audio of columns [start, stop).

        Args:
            codes: (level, column), those columns and all that is heard with them.
            levels: which levels take part.
            start: first column wanted, counted in ``codes``.
            stop: column after the last wanted one.
            first_column: where in its grid the first of the codes stands.

        Returns:
            (column * column_length,) float32.
        """
        length, n_columns = self._config.column_length, codes.shape[1]
        columns = self._columns_for(self._frames_in(start, stop, n_columns), n_columns)
        seen = _wider(columns, len(self._column_blocks), n_columns)
        rows = self._sum(self._input_table, self._input_bias, codes[:, slice(*seen)], levels)
        features = run(self._column_blocks, np.ascontiguousarray(rows.T), seen, columns)
        audio = np.empty((stop - start) * length, np.float32)
        at_once = max(1, _FRAMES_AT_ONCE // self._config.frames_per_column)
        for left in range(start, stop, at_once):
            right = min(stop, left + at_once)
            frames = self._frames_in(left, right, n_columns)
            needed = self._columns_for(frames, n_columns)
            x = features[:, needed[0] - columns[0] : needed[1] - columns[0]]
            spectrum = self._polar(
                self._skip(codes, levels, frames),
                *self._head_of_frames(x, needed, frames, n_columns),
                first_column * self._config.frames_per_column + np.arange(*frames),
            )
            begin = left * length - frames[0] * self._config.hop_length
            sound = self._spectral.synthesise(spectrum)[begin : begin + (right - left) * length]
            audio[(left - start) * length : (right - start) * length] = sound
        return audio

    def _frames_in(self, start: int, stop: int, n_columns: int) -> Span:
        """Return the frames that sound in columns [start, stop)."""
        per_column = self._config.frames_per_column
        columns = (start * per_column, stop * per_column)
        return _wider(columns, self._spectral.overlap // 2, n_columns * per_column)

    def _columns_for(self, frames: Span, n_columns: int) -> Span:
        """Return the columns whose features frames are made of."""
        per_column = self._config.frames_per_column
        first, last = _wider(frames, len(self._frame_blocks), n_columns * per_column)
        return first // per_column, -(-last // per_column)

    def _head_of_frames(
        self, features: Activations, columns: Span, frames: Span, n_columns: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the network says about frames, made of the features of those columns.

        Returns:
            Offsets of log-magnitudes above phases (2 * bin, frame), and coherences (frame, band).
        """
        per_column, channels = self._config.frames_per_column, self._config.frame_channels
        n_folded, n_frames = columns[1] - columns[0], frames[1] - frames[0]
        x = padded(len(features), n_folded)
        inside(x, n_folded)[...] = features
        parts = inside(self._unfold(x), n_folded).reshape(per_column, channels, n_folded)
        x = parts.transpose(1, 2, 0).reshape(channels, n_folded * per_column)
        seen = _wider(frames, len(self._frame_blocks), n_columns * per_column)
        x = x[:, seen[0] - columns[0] * per_column : seen[1] - columns[0] * per_column]
        heard = padded(channels, n_frames)
        inside(heard, n_frames)[...] = run(self._frame_blocks, x, seen, frames)
        normalise(inside(heard, n_frames))
        coherence = inside(self._coherence(heard), n_frames)
        return inside(self._head(heard), n_frames), _sigmoid(coherence.T)

    def _skip(
        self, codes: NDArray[np.integer], levels: tuple[int, ...], frames: Span
    ) -> NDArray[np.float32]:
        """Return the log-magnitudes (frame, bin) that the codes mean by themselves."""
        per_column = self._config.frames_per_column
        left, right = frames[0] // per_column, -(-frames[1] // per_column)
        rows = self._sum(self.skip_table, self.skip_bias, codes[:, left:right], levels)
        rows = rows.reshape(-1, self._config.n_bins)
        return rows[frames[0] - left * per_column : frames[1] - left * per_column]

    def _polar(
        self,
        magnitude: NDArray[np.float32],
        head: NDArray[np.float32],
        coherence: NDArray[np.float32],
        frames: NDArray[np.integer],
    ) -> NDArray[np.complex64]:
        """Put together the spectrum (frame, bin).

        Args:
            magnitude: logarithms (frame, bin), as `_skip` gives them; overwritten.
            head: with ``coherence`` as `_head_of_frames` gives them.
            coherence: (frame, band).
            frames: their numbers in the grid.
        """
        n_bins, widths = self._config.n_bins, self._widths_of_bands
        spread = noise.spread(coherence)
        magnitude += head[:n_bins].T
        np.minimum(magnitude, np.float32(0.0), out=magnitude)
        np.exp(magnitude, out=magnitude)
        loudness = np.sqrt(np.add.reduce(magnitude * magnitude, axis=1))
        gain = np.exp(self._ceiling + noise.make_up(spread))
        gain /= np.maximum(loudness, np.float32(1.0))[:, None]
        magnitude *= np.repeat(gain, widths, axis=1)
        phase = np.repeat(spread, widths, axis=1)
        phase *= noise.angles(frames, n_bins)
        phase += head[n_bins:].T
        spectrum = np.empty(magnitude.shape, np.complex64)
        np.multiply(magnitude, np.cos(phase), out=spectrum.real)
        np.multiply(magnitude, np.sin(phase, out=phase), out=spectrum.imag)
        return spectrum

    def _sum(
        self,
        table: NDArray[np.float32],
        bias: NDArray[np.float32],
        codes: NDArray[np.integer],
        levels: tuple[int, ...],
    ) -> NDArray[np.float32]:
        total = np.tile(bias, (codes.shape[1], 1))
        for level in levels:
            total += table[level].take(codes[level], axis=0)
        return total


def _wider(steps: Span, n: int, n_steps: int) -> Span:
    """Return some steps and ``n`` more on each side, of ``n_steps`` that there are."""
    return max(0, steps[0] - n), min(n_steps, steps[1] + n)


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    y = np.exp(-np.maximum(x, np.float32(-80.0)))
    y += np.float32(1.0)
    return np.reciprocal(y, out=y)


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
