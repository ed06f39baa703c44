"""Train a small neural codec on a handful of sounds and play with its discrete codes.

This package is the library: it knows sounds, codes, models and grids, and neither sockets nor
sound cards. The daemon that speaks OSC and MIDI is ``sdaudio_server``.

For notebooks and scripts it gives `load`, `train`, `encode`, `decode`, `edit`, `blend`,
`sample`, `novelty`, `plot`, `read_codes`, `write_codes`
and `write_sound`; see `sdaudio.api`. They are read when
they are asked for: importing this package loads neither numpy nor torch.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdaudio.api import (
        CodecModel,
        blend,
        decode,
        edit,
        encode,
        load,
        novelty,
        plot,
        read_codes,
        sample,
        train,
        write_codes,
        write_sound,
    )

__version__ = "0.1.0"
__all__ = [
    "CodecModel",
    "blend",
    "decode",
    "edit",
    "encode",
    "load",
    "novelty",
    "plot",
    "read_codes",
    "sample",
    "train",
    "write_codes",
    "write_sound",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (whatever is asked for)
    if name not in __all__:
        raise AttributeError(f"module 'sdaudio' has no attribute '{name}'")
    from sdaudio import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
