"""`Renderer`: what a process that plays needs of a model. Plain numpy, no torch.

Sounds of any length are worked through in stretches with as much context as the network sees, so
memory stays bounded, and a window of changed columns is computed by the same code as the whole.
"""

import functools
import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sdaudio.codebooks import quantise
from sdaudio.errors import UsageError
from sdaudio.header import ModelHeader
from sdaudio.modelfile import CODEBOOKS, Model
from sdaudio.render.network import Decoder, Encoder, check_weights

_LOGGER = logging.getLogger(__name__)

# As many as fit one product of matrices with what is seen around them.
STRETCH_COLUMNS = 294
_QUANTISED_COLUMNS = 128


class Renderer:
    """Turns sounds into codes and codes into sounds with one model.

    Args:
        model: as read from its file; its arrays are used, not copied.

    Raises:
        FileError: a weight is missing or does not fit the header.
    """

    def __init__(self, model: Model) -> None:
        check_weights(model.header.name, model.header.codec, model.tensors)
        self.header: ModelHeader = model.header
        self.codebooks: NDArray[np.float32] = model.tensors[CODEBOOKS]
        self._encoder = Encoder(model.header.codec, model.tensors)
        self._decoder = Decoder(model.header.codec, model.tensors)

    @property
    def reach(self) -> int:
        """How many columns to each side of a code its change can be heard."""
        return self.header.codec.decoder_reach

    @property
    def log_magnitudes(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What codes mean before the network has its say, as natural logarithms of magnitudes.

        (level, code, frame * bin), and what is added to the sum of a column's codes,
        (frame * bin,), counted from the loudest that a frame may be.
        """
        return self._decoder.skip_table, self._decoder.skip_bias

    def encode(self, audio: NDArray[np.float32]) -> NDArray[np.uint16]:
        """Turn a sound into codes.

        Args:
            audio: mono (sample,) float32 at the sample rate of the model; the last column is
                filled up with silence.

        Returns:
            (level, column) uint16.

        Raises:
            UsageError: the sound is empty or not mono.
        """
        return self._quantise(self.latents(audio))

    def latents(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map a sound to what `encode` quantises, (column, latent_dim).

        Raises:
            UsageError: as `encode`.
        """
        if audio.ndim != 1 or audio.size == 0:
            raise UsageError(
                f"A sound to encode must be mono with one sample at least, not {audio.shape}."
            )
        n_columns = -(-audio.size // self.header.codec.column_length)
        return np.concatenate(
            [self._encoder.latents(audio, *stretch) for stretch in _stretches(0, n_columns)]
        )

    def decode(
        self,
        codes: NDArray[np.integer],
        *,
        active: tuple[int, ...] | None = None,
        first_column: int = 0,
    ) -> NDArray[np.float32]:
        """Turn codes into a sound.

        Args:
            codes: (level, column), 0 to codebook_size - 1.
            active: the levels that take part, the others add nothing; all by default.
            first_column: where in its grid the first of the codes stands, for models that sound
                by position.

        Returns:
            (column * column_length,) float32.

        Raises:
            UsageError: there is no column, or a code or level does not exist.
        """
        levels = self._check(codes, active)
        return self._span(codes, 0, codes.shape[1], levels, first_column=first_column)

    def decode_in_stretches(
        self,
        codes: NDArray[np.integer],
        start: int,
        stop: int,
        *,
        active: tuple[int, ...] | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Decode some columns of a grid part by part, for sounds that memory should not hold.

        Args:
            codes: the whole grid, (level, column).
            start: first column to decode.
            stop: column after the last one.
            active: as in `decode`.

        Yields:
            (sample,) float32; together they are what ``decode(codes)`` gives for these columns.

        Raises:
            UsageError: as `decode_window`.
        """
        levels = self._check(codes, active)
        _check_window(start, stop, codes.shape[1])
        for first, last in _stretches(start, stop):
            yield self._decoder.decode(codes, levels, first, last, first_column=0)

    def decode_window(
        self,
        codes: NDArray[np.integer],
        start: int,
        stop: int,
        *,
        active: tuple[int, ...] | None = None,
        first_column: int = 0,
    ) -> tuple[int, NDArray[np.float32]]:
        """Compute again what changes when the codes of columns [start, stop) change.

        Args:
            codes: the grid after the change, (level, column), or as much of it around the window
                as `reach` wants twice.
            start: first changed column, counted in ``codes``.
            stop: column after the last changed one.
            active: as in `decode`.
            first_column: as in `decode`.

        Returns:
            The first column of ``codes`` whose samples can have changed, and the audio from there
            to the last such column, bit for bit as in ``decode(codes)``.

        Raises:
            UsageError: as `decode`, or the window is not inside the grid.
        """
        levels = self._check(codes, active)
        n_columns = codes.shape[1]
        _check_window(start, stop, n_columns)
        if not self._windows_are_exact:
            return 0, self._span(codes, 0, n_columns, levels, first_column=first_column)
        first, last = max(0, start - self.reach), min(n_columns, stop + self.reach)
        return first, self._span(codes, first, last, levels, first_column=first_column)

    def _quantise(self, latents: NDArray[np.float32]) -> NDArray[np.uint16]:
        """Quantise (column, latent_dim), always as many columns at a time."""
        n_columns = len(latents)
        codes = np.empty((self.codebooks.shape[0], n_columns), np.uint16)
        for start in range(0, n_columns, _QUANTISED_COLUMNS):
            part = latents[start : start + _QUANTISED_COLUMNS]
            rows = np.zeros((_QUANTISED_COLUMNS, latents.shape[1]), np.float32)
            rows[: len(part)] = part
            found, _ = quantise(
                rows, self.codebooks, structure_dims=self.header.codec.structure_dims
            )
            codes[:, start : start + len(part)] = found[:, : len(part)]
        return codes

    def _span(
        self,
        codes: NDArray[np.integer],
        first: int,
        last: int,
        levels: tuple[int, ...],
        *,
        first_column: int,
    ) -> NDArray[np.float32]:
        """Decode columns [first, last) of the codes, which begin at ``first_column`` of a grid."""
        length = self.header.codec.column_length
        audio = np.empty((last - first) * length, np.float32)
        for start, stop in _stretches(first, last):
            audio[(start - first) * length : (stop - first) * length] = self._decoder.decode(
                codes, levels, start, stop, first_column=first_column
            )
        return audio

    @functools.cached_property
    def _windows_are_exact(self) -> bool:
        """Whether windows come out as the whole does; `sdaudio.render.products` sees to it.

        A matrix library that defeats it makes windows slow (the whole sound each time) instead of
        wrong.
        """
        size, reach = self.codebooks.shape[1], self.reach
        n_columns, n_levels = 6 * reach, self.codebooks.shape[0]
        codes = (np.arange(n_levels * n_columns).reshape(n_levels, -1) * 37) % size
        levels, length = tuple(range(n_levels)), self.header.codec.column_length
        whole = self._span(codes, 0, n_columns, levels, first_column=0)
        for first, last in ((0, reach + 1), (2 * reach, 4 * reach + 1)):
            window = self._span(codes, first, last, levels, first_column=0)
            if not np.array_equal(window, whole[first * length : last * length]):
                _LOGGER.warning("Windows are not exact on this machine; edits render slower.")
                return False
        return True

    def _check(self, codes: NDArray[np.integer], active: tuple[int, ...] | None) -> tuple[int, ...]:
        n_levels, size = self.codebooks.shape[:2]
        if codes.ndim != 2 or codes.shape[0] != n_levels or codes.shape[1] == 0:
            raise UsageError(
                f"Codes must be ({n_levels} levels, 1 column or more), not {codes.shape}."
            )
        if codes.dtype.kind not in "iu" or int(codes.min()) < 0 or int(codes.max()) >= size:
            raise UsageError(f"Codes must be whole numbers from 0 to {size - 1}.")
        levels = tuple(range(n_levels)) if active is None else tuple(sorted(set(active)))
        if any(not 0 <= level < n_levels for level in levels):
            raise UsageError(f"Active levels are {active}; this model has 0 to {n_levels - 1}.")
        return levels


def _check_window(start: int, stop: int, n_columns: int) -> None:
    if not 0 <= start < stop <= n_columns:
        raise UsageError(
            f"Columns {start} to {stop} are no window of a grid of {n_columns} columns."
        )


def _stretches(first: int, last: int) -> list[tuple[int, int]]:
    return [
        (start, min(last, start + STRETCH_COLUMNS)) for start in range(first, last, STRETCH_COLUMNS)
    ]
