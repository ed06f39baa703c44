"""Short sounds to click on: one code, one moment; rendered once and kept.

After the first code of a level was heard the others are rendered ahead, in the worker that renders
files, so that the next click finds its sound ready and no edit waits for it.
"""

import asyncio
import logging
from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import SdaudioError
from sdaudio.tasks.freshness import state_of_file
from sdaudio.tasks.requests import Codes, Decode, DecodeAhead, Decoded

from .jobs import Cancelled, Lanes
from .library import LoadedModel

logger = logging.getLogger(__name__)

CACHED_BYTES = 96 << 20
"""What is kept, some 500 codes of a second, as keyboards hold them; those not heard for longest go
first."""

Audio = NDArray[np.float32]
_Key = tuple[object, ...]


class Previews:
    """Renders short sounds and keeps them.

    Args:
        lanes: where they are rendered.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._cached: OrderedDict[_Key, Audio] = OrderedDict()
        self._n_bytes = 0
        self._ahead: asyncio.Task[None] | None = None
        self._wanted: dict[tuple[Path, int, int], tuple[LoadedModel, int]] = {}
        """Levels whose codes are to be rendered ahead, with the code that was heard first."""
        self._whole: set[_Key] = set()
        """Levels, as their model was, all of whose codes are kept."""

    async def code(self, model: LoadedModel, level: int, code: int, columns: int) -> Audio:
        """Return the sound of one code with the other levels absent, held for some columns.

        Raises:
            UsageError: the level or the code is out of range.
            SdaudioError: it cannot be rendered.
        """
        model.check_level(level)
        model.check_code(code)
        audio = await self._audio(_of_code(model, level, code, columns))
        if _level_key(model, level, columns) in self._whole:
            return audio
        self._wanted.setdefault((model.path, level, columns), (model, code))
        if self._ahead is None or self._ahead.done():
            self._ahead = asyncio.get_running_loop().create_task(self._render_wanted())
        return audio

    async def moment(
        self, model: LoadedModel, column: Codes, active: tuple[int, ...], columns: int
    ) -> Audio:
        """Return the sound of one column's codes, (level, 1), held for some columns.

        Raises:
            SdaudioError: it cannot be rendered.
        """
        return await self._audio(Decode(model.path, np.repeat(column, columns, axis=1), active))

    async def close(self) -> None:
        """End rendering ahead."""
        if self._ahead:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)

    async def _audio(self, request: Decode) -> Audio:
        key = _key(request)
        audio = self._cached.get(key)
        if audio is not None:
            self._cached.move_to_end(key)
            return audio
        decoded = await self._lanes.run(request)
        if not isinstance(decoded, Decoded):
            raise TypeError(f"a preview was answered with {decoded!r}")
        self._keep(key, decoded.audio)
        return decoded.audio

    def _keep(self, key: _Key, audio: Audio) -> None:
        before = self._cached.pop(key, None)
        self._n_bytes += audio.nbytes - (before.nbytes if before is not None else 0)
        self._cached[key] = audio
        while self._n_bytes > CACHED_BYTES and len(self._cached) > 1:
            self._n_bytes -= self._cached.popitem(last=False)[1].nbytes
            self._whole.clear()

    async def _render_wanted(self) -> None:
        while self._wanted:
            (_, level, columns), (model, code) = next(iter(self._wanted.items()))
            await self._render_ahead(model, level, code, columns)
            self._wanted.pop((model.path, level, columns), None)

    async def _render_ahead(self, model: LoadedModel, level: int, near: int, columns: int) -> None:
        """Render a level's other codes, those with numbers near the one that was heard first."""
        found = _level_key(model, level, columns)
        self._whole.add(found)
        try:
            for code in sorted(range(model.codebook_size), key=lambda other: abs(other - near)):
                request = _of_code(model, level, code, columns)
                if _key(request) not in self._cached:
                    ahead = DecodeAhead(request.model, request.codes, request.active)
                    decoded = await self._lanes.run(ahead)
                    if isinstance(decoded, Decoded):
                        self._keep(_key(request), decoded.audio)
        except (SdaudioError, Cancelled) as error:
            self._whole.discard(found)
            # each click renders what it needs
            logger.info("codes of '%s' are not rendered ahead: %s", model.name, error)


def _of_code(model: LoadedModel, level: int, code: int, columns: int) -> Decode:
    codes = np.zeros((model.n_levels, columns), np.uint16)
    codes[level] = code
    return Decode(model.path, codes, (level,))


def _level_key(model: LoadedModel, level: int, columns: int) -> _Key:
    return model.path, state_of_file(model.path), level, columns


def _key(request: Decode) -> _Key:
    heard = request.codes[list(request.active)]
    return request.model, state_of_file(request.model), heard.shape, request.active, heard.tobytes()
