import numpy as np
import pytest

from sdaudio.dataset import Dataset
from sdaudio.errors import UsageError
from sdaudio.header import SourceFile
from sdaudio.render import Renderer
from sdaudio.training import Noted, TrainingOptions, train
from sdaudio.training.framing import suits_long_frames

RATE = 48_000
TIME = np.arange(RATE) / RATE


def tone(frequency):
    return (0.3 * np.sin(2 * np.pi * frequency * TIME)).astype(np.float32)


def clicks(seed=0):
    chance = np.random.default_rng(seed)
    sound = np.zeros(RATE, np.float32)
    for start in chance.integers(0, RATE - 400, 12):
        sound[start : start + 400] += chance.normal(0, 0.3, 400) * np.exp(-np.arange(400) / 60)
    return sound


def hiss(seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, RATE).astype(np.float32)


@pytest.mark.parametrize(
    ("sounds", "expected"),
    [
        ([tone(220.0), tone(331.0), tone(440.0) + tone(557.0)], True),
        ([clicks(0), clicks(1)], False),
        ([hiss()], False),
        ([clicks(), tone(220.0), clicks(1)], False),
        ([np.zeros(5000, np.float32)], False),
        ([np.ones(1, np.float32)], False),
    ],
    ids=["tones", "clicks", "noise", "mostly clicks", "silence", "one sample"],
)
def test_tones_take_long_frames_and_everything_else_short_ones(sounds, expected):
    assert suits_long_frames(sounds, RATE) is expected


def test_many_and_long_sounds_are_judged_by_a_part_of_them():
    assert suits_long_frames([np.tile(tone(220.0), 60)] * 2 + [tone(220.0)] * 300, RATE)


def test_at_low_sample_rates_short_frames_are_long_enough():
    assert not suits_long_frames([tone(220.0)], 16_000)


@pytest.mark.parametrize(
    ("frames", "sound", "n_fft"),
    [
        ("auto", tone(220.0), 2048),
        ("auto", clicks(), 1024),
        ("short", tone(220.0), 1024),
        ("long", clicks(), 2048),
    ],
)
def test_a_training_takes_the_frames_that_suit_or_that_were_asked_for(frames, sound, n_fft):
    notes = []
    model = train(
        Dataset((sound,), (SourceFile("a.wav", 1.0),), "f" * 64, RATE),
        TrainingOptions("m", steps=0, frames=frames),
        on_event=lambda event: notes.append(event) if isinstance(event, Noted) else None,
        on_snapshot=lambda _model: None,
        should_stop=lambda: False,
    )

    codec = model.header.codec
    assert (codec.n_fft, codec.column_length) == (n_fft, 1024)
    assert any("long frames" in note.text for note in notes) == (frames == "auto" and n_fft == 2048)
    play = Renderer(model)
    assert play.decode(play.encode(sound)).size >= sound.size


def test_frames_of_another_name_are_refused():
    with pytest.raises(UsageError, match="auto, short, long"):
        TrainingOptions("m", frames="tiny")
