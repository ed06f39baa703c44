"""/sda/code: what a code sounds like, how often it is used, and which are near to it."""

import asyncio
from typing import Annotated

from sdaudio.neighbours import nearest, ranks

from ..context import Context
from ..registry import Results, Spec, command
from .parameters import Code, Level, ModelName, one_of

Quality = Annotated[str, Spec("brightness or loudness")]
_NEIGHBOURS = 8


@command("/sda/code/neighbours", returns="model level code [neighbour distance] ...")
def neighbours(
    context: Context,
    model: ModelName,
    level: Level,
    code: Code,
    count: Annotated[int, Spec("how many", 1, 255)] = _NEIGHBOURS,
) -> Results:
    """Ask which codes of a level are nearest to one: pairs of a code and its distance.

    The distance is how far the sound of a column moves in the space of the codec when one takes the
    place of the other; those of a model can be compared, on all levels.
    """
    loaded = context.library.model(model)
    loaded.check_level(level)
    loaded.check_code(code)
    codes, distances = nearest(loaded.codebooks[level], code, min(count, loaded.codebook_size - 1))
    pairs = zip(codes.tolist(), distances.tolist(), strict=True)
    return model, level, code, *(value for pair in pairs for value in pair)


@command(
    "/sda/code/info",
    returns="model level code brightness_rank loudness_rank brightness loudness uses neighbour ...",
)
async def info(context: Context, model: ModelName, level: Level, code: Code) -> Results:
    """Ask what a code is.

    Answers its place among the codes of its level from dark to bright and from soft to loud (0 is
    the darkest, the softest), its brightness in Hz (the spectral centroid) and loudness in dB as it
    sounds alone, as ``/sda/play/code`` plays it; how often the training sounds use it; and the 8
    codes nearest to it. The first question about a model takes about a second.
    """
    loaded = context.library.model(model)
    loaded.check_level(level)
    loaded.check_code(code)
    uses = (await asyncio.to_thread(context.library.usage, model))[level, code]
    sounds = await context.descriptors.sounds(loaded)
    brightness, loudness = sounds.brightness_hz[level], sounds.loudness_db[level]
    near, _ = nearest(loaded.codebooks[level], code, _NEIGHBOURS)
    return (
        model, level, code, int(ranks(brightness)[code]), int(ranks(loudness)[code]),
        float(brightness[code]), float(loudness[code]), int(uses), *near.tolist(),
    )  # fmt: skip


@command("/sda/code/ranks", returns="model level quality rank ...")
async def all_ranks(
    context: Context, model: ModelName, level: Level, quality: Quality = "brightness"
) -> Results:
    """Ask how all codes of a level are ordered by brightness or loudness, to colour cells by it.

    Answers the rank of code 0, of code 1 and so on: 0 is the darkest or softest. They are measured
    as ``/sda/code/info`` tells.
    """
    loaded = context.library.model(model)
    loaded.check_level(level)
    wanted = one_of("quality", quality, ("brightness", "loudness"))
    sounds = await context.descriptors.sounds(loaded)
    values = sounds.brightness_hz if wanted == "brightness" else sounds.loudness_db
    return model, level, quality, *ranks(values[level]).tolist()
