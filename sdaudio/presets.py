"""Presets of a training: how long, and with which shape of codec.

The one place to change either. A preset only gives defaults: minutes, levels and codebook size
that a person names win over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sdaudio.errors import UsageError, nearest_hint
from sdaudio.header import CodecConfig
from sdaudio.settings import PRESET_NAMES


@dataclass(frozen=True, slots=True)
class Preset:
    """A budget and a shape under one name.

    ``minutes`` is the wall time of the gradient steps. Levels, codebook size and sample rate of
    ``config`` give way to what is asked for.
    """

    name: str
    minutes: float
    config: CodecConfig = field(default_factory=CodecConfig)


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        # long enough to judge whether the sounds suit each other
        Preset("draft", minutes=2.0),
        Preset("standard", minutes=10.0),
        # a night, in which a wider decoder has something to do
        Preset("best", minutes=480.0, config=CodecConfig(column_channels=320)),
    )
}


def find_preset(name: str) -> Preset:
    """Return the preset of a name.

    Raises:
        UsageError: there is none.
    """
    if name not in PRESETS:
        raise UsageError(
            f"preset is '{name}'; allowed are {', '.join(PRESET_NAMES)}."
            f"{nearest_hint(name, PRESETS)}"
        )
    return PRESETS[name]
