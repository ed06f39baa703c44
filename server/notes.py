"""Sounds beside the grids that begin, are bent and lifted while they sound, and end, by a name."""

from .buffers import Audio
from .playback import Playback


class Notes:
    """Voices of playback that belong to no grid.

    Args:
        playback: what plays them.
    """

    def __init__(self, playback: Playback) -> None:
        self._playback = playback

    def sound(
        self,
        voice: str,
        audio: Audio,
        sample_rate: int,
        *,
        gain_db: float,
        attack_s: float,
        lift_db: float = 0.0,
        speed: float = 1.0,
    ) -> None:
        """Sound something once, beside the grids, under a name that it can be told by.

        Args:
            voice: the name.
            audio: (sample,), float32, finite.
            sample_rate: of the audio, in Hz.
            gain_db: its level.
            attack_s: how long it fades in.
            lift_db: of `shape`, as it begins.
            speed: of `shape`, as it begins.

        Raises:
            SdaudioError: it cannot be played.
        """
        self._playback.set_sound(voice, audio, sample_rate)
        self._playback.set_voice(voice, gain_db=lift_db, speed=speed)
        self._playback.play(voice, gain_db=gain_db, fade_s=attack_s)

    def shape(self, voice: str, *, gain_db: float, speed: float) -> None:
        """Move the level of what `sound` began, on top of its own, and its speed.

        Raises:
            SdaudioError: it is not there.
        """
        self._playback.set_voice(voice, gain_db=gain_db, speed=speed)

    def end(self, voice: str, *, fade_s: float) -> None:
        """Fade out what `sound` began.

        Raises:
            SdaudioError: it is not there.
        """
        self._playback.stop(voice, fade_s=fade_s)

    def forget(self, voice: str) -> None:
        """Free what `sound` began; what is not there is no mistake."""
        self._playback.remove(voice)
