"""All that plays now: starts and stops tracks, keeps them on the beat, tells where they are.

It renders nothing and owns no process; see `transport`.
"""

import math
from collections.abc import Callable, Iterator

from sdaudio.errors import UsageError

from .clients import Clients
from .playback import SPEED_RANGE, Playback
from .rendering import Part
from .sessions import Session
from .tempo import Tempo
from .tracks import Mix, Track, correction
from .wire import Argument

TICK_S = 0.05
"""Seconds between two looks at what plays, or less where playheads are told more often."""
_SOON_S = 0.02
"""A beat that is nearer cannot be met."""
_UNSEEN = 3
_SETTLING_S = 0.15
"""Seconds that a track is left alone after its start."""


class Stage:
    """The tracks.

    Args:
        playback: what plays them.
        clients: who hears about them.
        head_rate: playhead events per second; 0 for none.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        playback: Playback,
        clients: Clients,
        *,
        head_rate: float,
        clock: Callable[[], float],
    ) -> None:
        self.tempo = Tempo(clock)
        self.head_rate = head_rate
        self._playback = playback
        self._clients = clients
        self._clock = clock
        self._mixes: dict[Session, Mix] = {}
        self._tracks: dict[Part, Track] = {}
        self._next_heads_s = 0.0
        self.on_end: Callable[[Part], None] = lambda _part: None
        """Called when a track is silent."""

    def __iter__(self) -> Iterator[Track]:
        return iter(list(self._tracks.values()))

    def __len__(self) -> int:
        return len(self._tracks)

    def get(self, part: Part) -> Track | None:
        """The track of a part, or None when it does not play."""
        return self._tracks.get(part)

    def of(self, session: Session) -> list[Track]:
        """The tracks of a grid and of its levels alone."""
        return [track for part, track in self._tracks.items() if part.session is session]

    def state(self) -> list[tuple[str, tuple[Argument, ...]]]:
        """What subscribers would have been told of all that plays: (address, arguments)."""
        told = [_state_of(part, is_playing=True) for part in self._tracks]
        for session, mix in self._mixes.items():
            told.append(("/sda/play/mix", (session.name, mix.gain_db, mix.speed)))
        if self.tempo.is_on:
            tempo = self.tempo
            told.append(("/sda/play/tempo", (tempo.bpm, tempo.columns_per_beat, tempo.quantum)))
        return told

    def mix(self, session: Session) -> Mix:
        """How a grid is mixed."""
        return self._mixes.get(session, Mix())

    def start(
        self,
        part: Part,
        voice: str,
        *,
        start: int,
        columns: int,
        loop: bool,
        gain_db: float,
        fade_s: float,
        in_phase: bool,
        at_s: float | None,
    ) -> None:
        """Start a track, or move it; without a time it waits for the beat if there is one.

        Raises:
            UsageError: with this tempo it would go too fast or too slowly.
            DeviceError: playback is not running.
        """
        session, now = part.session, self._clock()
        in_phase = in_phase and part in self._tracks
        if at_s is None and self.tempo.is_on and not in_phase:
            at_s = self.tempo.next_start(now + _SOON_S)
        begins_s = now if at_s is None else at_s
        mix = self.mix(session)
        speed = self._speed(session, mix, self.tempo)
        self._playback.set_voice(voice, gain_db=mix.gain_db, speed=speed)
        track = Track(
            part, voice, start, columns, loop=loop, gain_db=gain_db, begins_s=max(begins_s, now),
            position=start * session.model.column_length,
        )  # fmt: skip
        if self.tempo.is_on and not in_phase:
            track.anchor(self.tempo, mix.speed, track.first_sample, begins_s)
        self._playback.play(
            voice,
            start_sample=track.first_sample,
            stop_sample=track.stop_sample,
            loop=loop,
            gain_db=gain_db,
            fade_s=fade_s,
            in_phase=in_phase,
            at_s=at_s,
        )
        self._begin(track)

    def scrub(self, part: Part, voice: str, position: int, *, hold_s: float) -> None:
        """Let a hand on a part be heard.

        Raises:
            DeviceError: playback is not running.
        """
        mix = self.mix(part.session)
        self._playback.set_voice(voice, gain_db=mix.gain_db, speed=mix.speed)
        self._playback.scrub(voice, position, hold_s=hold_s)
        known = self._tracks.get(part)
        if known is None or known.columns:
            column = position // part.session.model.column_length
            self._begin(
                Track(part, voice, column, 0, loop=False, gain_db=0.0, begins_s=self._clock(),
                      position=position)
            )  # fmt: skip

    def stop(self, part: Part, *, fade_s: float = 0.0, at_s: float | None = None) -> None:
        """Fade a track out, now or at a time; a part that does not play stays as it is."""
        track = self._tracks.get(part)
        if track is None:
            return
        if self._playback.is_running:
            self._playback.stop(track.voice, fade_s=fade_s, at_s=at_s)
        if at_s is None:
            self.end(part)

    def stop_all(self) -> None:
        """Fade everything out, one-shots too."""
        if self._playback.is_running:
            self._playback.stop_all()
        for part in list(self._tracks):
            self.end(part)

    def end(self, part: Part) -> None:
        """Take it that a track is silent."""
        if self._tracks.pop(part, None) is not None:
            self._tell_state(part, is_playing=False)
            self.on_end(part)

    def forget(self, session: Session) -> None:
        """End the tracks of a grid and forget how it was mixed."""
        for track in self.of(session):
            self.end(track.part)
        self._mixes.pop(session, None)

    def resized(self, session: Session) -> None:
        """Follow a change of a grid's length: what went to its end goes to the new one."""
        for track in self.of(session):
            n_columns = session.grid.n_columns
            if track.columns and (track.to_end or track.start + track.columns > n_columns):
                track.columns = max(1, n_columns - track.start)

    def hand_over(self, part: Part, voice: str) -> None:
        """Let another voice go on with a part.

        Raises:
            DeviceError: playback is not running.
        """
        track = self._tracks.get(part)
        if track is not None and track.voice != voice:
            self._playback.hand_over(track.voice, voice)
            track.voice = voice

    def set_mix(self, session: Session, mix: Mix) -> None:
        """Set the level and the speed of a grid, now and whenever it plays.

        Raises:
            UsageError: with the tempo that is set it would go too fast or too slowly.
        """
        self._speed(session, mix, self.tempo)
        is_slower = mix.speed != self.mix(session).speed
        self._mixes[session] = mix
        for track in self.of(session):
            if is_slower:
                track.anchor_beat = math.nan
            self._tell_mix(track)
        self._clients.announce("/sda/play/mix", session.name, mix.gain_db, mix.speed)

    def set_tempo(self, bpm: float, columns_per_beat: float, quantum: float) -> None:
        """Start, change or stop the beat; what plays follows from where it is.

        Raises:
            UsageError: a value is not allowed, or what plays would go too fast or too slowly.
        """
        planned = Tempo(self._clock)
        planned.set(bpm, columns_per_beat, quantum)
        for track in self:
            session = track.part.session
            self._speed(session, self.mix(session), planned)
        is_new = not self.tempo.is_on or self.tempo.columns_per_beat != columns_per_beat
        self.tempo.set(bpm, columns_per_beat, quantum)
        for track in self:
            if is_new:
                track.anchor_beat = math.nan
            track.correction = 1.0
            self._tell_mix(track)
        self._clients.announce("/sda/play/tempo", bpm, columns_per_beat, quantum)

    def tick(self) -> None:
        """Look where everything is: tell playheads, keep to the beat, notice what has ended."""
        positions, time_s = self._playback.moment()
        now = self._clock()
        tells = self.head_rate > 0.0 and now >= self._next_heads_s
        if tells:
            # in step with the rate, but not behind by more than one
            due_s = self._next_heads_s + 1.0 / self.head_rate
            self._next_heads_s = due_s if due_s > now - TICK_S else now
        for track in self:
            position = positions.get(track.voice)
            if position is None:
                track.unseen += 1
                if track.unseen > _UNSEEN:
                    self.end(track.part)
                continue
            track.unseen = 0
            if position != track.position:
                track.position = position
                if tells:
                    self._tell_head(track)
            if self.tempo.is_on and track.columns and time_s > track.begins_s + _SETTLING_S:
                self._keep_time(track, position, time_s)

    def _begin(self, track: Track) -> None:
        is_new = track.part not in self._tracks
        self._tracks[track.part] = track
        if is_new:
            self._tell_state(track.part, is_playing=True)

    def _keep_time(self, track: Track, position: int, time_s: float) -> None:
        rate = self.mix(track.part.session).speed
        if math.isnan(track.anchor_beat):
            track.anchor(self.tempo, rate, position, time_s)
        late_s = track.late_s(self.tempo, rate, position, time_s)
        wanted = correction(late_s)
        if wanted is None:
            self._jump(track, position + round(late_s / track.column_s * track.column_length))
            track.begins_s, wanted = self._clock(), 1.0
        if wanted != track.correction:
            track.correction = wanted
            self._tell_mix(track)

    def _jump(self, track: Track, position: int) -> None:
        """Go on at another place, such as after the device stood still."""
        offset, length = position - track.first_sample, track.columns * track.column_length
        offset = offset % length if track.loop else max(0, offset)
        if offset < length:
            self._playback.play(
                track.voice, start_sample=track.first_sample, stop_sample=track.stop_sample,
                loop=track.loop, gain_db=track.gain_db, offset=offset,
            )  # fmt: skip

    def _speed(self, session: Session, mix: Mix, tempo: Tempo) -> float:
        model = session.model
        speed = mix.speed
        if tempo.is_on:
            speed *= tempo.speed(model.column_length / model.sample_rate)
        low, high = SPEED_RANGE
        if not low <= speed <= high:
            raise UsageError(
                f"With {tempo.bpm:g} beats per minute and {tempo.columns_per_beat:g} columns per "
                f"beat grid '{session.name}' would go at {speed:.3g} times its speed; allowed are "
                f"{low:g} to {high:g}. Take other columns per beat or another /sda/play/speed."
            )
        return speed

    def _tell_mix(self, track: Track) -> None:
        mix = self.mix(track.part.session)
        low, high = SPEED_RANGE
        speed = self._speed(track.part.session, mix, self.tempo)
        if self.tempo.is_on:
            speed *= track.correction
        self._playback.set_voice(track.voice, gain_db=mix.gain_db, speed=min(max(speed, low), high))

    def _tell_head(self, track: Track) -> None:
        name, level = track.part.session.name, track.part.level
        fraction = track.position % track.column_length / track.column_length
        if level is None:
            self._clients.announce("/sda/play/head", name, track.column, fraction)
        else:
            self._clients.announce("/sda/play/row/head", name, level, track.column, fraction)

    def _tell_state(self, part: Part, *, is_playing: bool) -> None:
        address, arguments = _state_of(part, is_playing=is_playing)
        self._clients.announce(address, *arguments)


def _state_of(part: Part, *, is_playing: bool) -> tuple[str, tuple[Argument, ...]]:
    name = part.session.name
    if part.level is None:
        return "/sda/play/state", (name, int(is_playing))
    return "/sda/play/row/state", (name, part.level, int(is_playing))
