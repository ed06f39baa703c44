"""Sound on disk and in memory: read, inspect and write sound files; mel filters for torch.

``import sdaudio.audio`` needs numpy, soundfile and soxr only. What needs torch and torchaudio is
in `sdaudio.audio.transforms`, which is imported by name where it is wanted.
"""

from sdaudio.audio.files import SoundInfo, peak, read_info, read_sound, write_sound

__all__ = ["SoundInfo", "peak", "read_info", "read_sound", "write_sound"]
