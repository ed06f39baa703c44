"""Sound on disk and in memory: read, inspect and write sound files; mel filters for torch.

``import sdaudio.audio`` needs numpy, soundfile and soxr only. What needs torch and torchaudio is
in `sdaudio.audio.transforms`, which is imported by name where it is wanted.
"""

from sdaudio.audio.files import SoundInfo, peak, read_info, read_sound, stream_sound
from sdaudio.audio.loudness import LoudnessMeter, measure_loudness
from sdaudio.audio.rates import convert_rate
from sdaudio.audio.writing import LOSSY, SoundWriter, Subtype, Tags, check_format, write_sound

__all__ = [
    "LOSSY",
    "LoudnessMeter",
    "SoundInfo",
    "SoundWriter",
    "Subtype",
    "Tags",
    "check_format",
    "convert_rate",
    "measure_loudness",
    "peak",
    "read_info",
    "read_sound",
    "stream_sound",
    "write_sound",
]
