import itertools

import librosa
import numpy as np
import pytest
import torch

from sdaudio.errors import UsageError
from sdaudio.metrics import (
    SpliceRun,
    border_level,
    choose_runs,
    envelope_error,
    hop_periodicity,
    log_spectral_distance,
    mel_distance,
    mr_stft,
    pre_echo,
    si_sdr,
    splice,
    splice_codes,
    splice_distance,
    sustained_periodicity,
    texture_ratio,
)

RATE = 48_000


def noise(seed=0, n_samples=24_000, gain=0.1):
    return (gain * np.random.default_rng(seed).standard_normal(n_samples)).astype(np.float32)


def tone(frequency_hz=440.0, n_samples=24_000):
    return (0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(n_samples) / RATE)).astype(np.float32)


def test_equal_sounds_have_no_distance():
    assert mr_stft(noise(), noise()) == 0.0
    assert mel_distance(noise(), noise(), RATE) == 0.0
    assert log_spectral_distance(noise(), noise()) == 0.0
    assert envelope_error(noise(), noise(), RATE) == 0.0
    assert si_sdr(noise(), noise()) > 100


def test_mr_stft_equals_its_published_values():
    # auraloss 0.4.0, MultiResolutionSTFTLoss()(estimate, reference)
    assert mr_stft(tone(), noise()) == pytest.approx(9.443633079528809, rel=1e-4)
    assert mr_stft(noise(), tone()) == pytest.approx(12.01784896850586, rel=1e-4)


def test_mel_distance_equals_the_definition_of_its_paper():
    first, second = noise(), tone()
    expected = 0.0
    for n_mels, length in zip(
        (5, 10, 20, 40, 80, 160, 320), (32, 64, 128, 256, 512, 1024, 2048), strict=True
    ):
        filters = torch.from_numpy(librosa.filters.mel(sr=RATE, n_fft=length, n_mels=n_mels))
        mels = [
            filters @ torch.stft(torch.from_numpy(sound), length, length // 4,
                                 window=torch.hann_window(length), return_complex=True).abs()
            for sound in (first, second)
        ]  # fmt: skip
        logs = [mel.clamp(1e-5).log10() for mel in mels]
        expected += float(torch.nn.L1Loss()(*logs))
    assert mel_distance(first, second, RATE) == pytest.approx(expected, rel=1e-4)


def test_a_distance_grows_with_the_error():
    sound = tone()
    for distance in (mr_stft, lambda a, b: mel_distance(a, b, RATE), lambda a, b: -si_sdr(a, b)):
        near, far = (distance(sound, sound + noise(gain=gain)) for gain in (0.001, 0.1))
        assert near < far


def test_the_longer_sound_is_cut_and_a_short_one_is_accepted():
    assert mr_stft(noise(), noise()[:20_000]) == 0.0
    assert mel_distance(noise()[:1024], noise()[:1024] * 0.5, RATE) > 0.1
    with pytest.raises(UsageError):
        mr_stft(noise(), noise()[:0])


def test_si_sdr_ignores_gain_and_measures_noise():
    sound, error = tone(), noise(gain=1.0)
    error *= np.linalg.norm(sound) / np.linalg.norm(error) / 10
    assert si_sdr(sound, 0.3 * (sound + error)) == pytest.approx(20.0, abs=0.2)


def test_hop_periodicity_tells_a_buzz_from_noise():
    buzz = np.tile(noise(n_samples=256), 100)
    assert hop_periodicity(noise(), RATE) < 0.05
    assert hop_periodicity(buzz, RATE) > 0.95
    assert hop_periodicity(np.tile(noise(n_samples=250), 100), RATE) < 0.5
    assert hop_periodicity(np.zeros(5000, np.float32), RATE) == 0.0


def test_hop_periodicity_hears_only_the_upper_band():
    low_buzz = np.tile(tone(RATE / 256, 256), 100)
    assert hop_periodicity(low_buzz + noise(n_samples=25_600, gain=0.01), RATE) < 0.1


def test_half_the_level_is_six_decibels():
    sound = noise(gain=0.3)
    assert log_spectral_distance(sound, 0.5 * sound) == pytest.approx(6.02, abs=0.05)
    assert envelope_error(sound, 0.5 * sound, RATE) == pytest.approx(6.02, abs=0.01)


def test_the_log_spectral_distance_equals_its_definition():
    first, second = noise(0), noise(1) + tone()
    levels = [
        20 * np.log10(np.maximum(np.abs(librosa.stft(sound, n_fft=2048, pad_mode="reflect")), 1e-9))
        for sound in (first, second)
    ]
    levels = [np.maximum(level, levels[0].max() - 80) for level in levels]
    expected = np.sqrt(((levels[0] - levels[1]) ** 2).mean(axis=0)).mean()
    assert log_spectral_distance(first, second) == pytest.approx(expected, rel=1e-3)


def test_what_lies_under_the_floor_does_not_count():
    sound = tone()
    assert envelope_error(sound, sound + noise(gain=1e-6), RATE) < 0.01
    quiet = np.concatenate([sound, np.zeros(24_000, np.float32)])
    assert envelope_error(quiet, quiet + noise(n_samples=48_000, gain=1e-5), RATE) < 0.01


def test_a_buzz_is_heard_in_sustained_noise_and_not_sought_in_tones():
    original, buzz = noise(0, 96_000), np.tile(noise(n_samples=256), 375)
    found = sustained_periodicity(original, buzz, RATE)
    assert found.n_segments == 4
    assert found.original < 0.1
    assert found.estimate > 0.95
    assert sustained_periodicity(np.tile(tone(3000.0), 4), buzz, RATE).n_segments == 0


def test_a_decaying_hit_is_no_sustained_segment():
    decay = np.exp(-np.arange(48_000) / 4_000).astype(np.float32)
    assert sustained_periodicity(noise(0, 48_000) * decay, noise(0, 48_000), RATE).n_segments == 0


def test_energy_before_an_attack_is_pre_echo():
    hit = np.zeros(24_000, np.float32)
    hit[9_600:] = noise(n_samples=14_400)
    smeared = hit.copy()
    smeared[9_000:9_600] += noise(1, 600, gain=0.01)
    assert pre_echo(hit, hit, RATE) == 0.0
    assert pre_echo(hit, smeared, RATE) > 20
    assert np.isnan(pre_echo(noise(), noise(), RATE))


def test_a_click_stands_out_at_its_border():
    sound = noise(gain=0.01)
    clicked = sound.copy()
    clicked[12_000:] += 2.0
    assert border_level(sound, [6_000, 12_000, 18_000], RATE) == pytest.approx(0.0, abs=1.0)
    assert border_level(clicked, [12_000], RATE) > 10
    assert border_level(clicked, [6_000], RATE) < 2
    assert np.isnan(border_level(sound, [0], RATE))


def test_texture_ratio_is_one_for_other_noise_and_small_for_a_buzz():
    assert texture_ratio(noise(0), noise(1)) == pytest.approx(1.0, abs=0.02)
    assert texture_ratio(noise(0, 96_000), np.tile(noise(n_samples=256), 375)) < 0.5


def test_a_splice_takes_whole_columns_from_the_source():
    result = splice(np.zeros(8 * 1024, np.float32), np.ones(8 * 1024, np.float32),
                    [SpliceRun(2, 5, 3)])  # fmt: skip
    assert not result[: 2 * 1024 - 128].any()
    assert (result[2 * 1024 + 128 : 5 * 1024 - 128] == 1).all()
    assert not result[5 * 1024 + 128 :].any()
    assert result[2 * 1024 - 1 : 2 * 1024 + 1].mean() == pytest.approx(0.5, abs=1e-3)
    assert (np.diff(result[: 3 * 1024]) >= 0).all()


def test_a_splice_takes_its_samples_from_the_right_place():
    source = noise(n_samples=6 * 1024)
    result = splice(np.zeros(4 * 1024, np.float32), source, [SpliceRun(1, 3, 2)])
    assert np.array_equal(result[1024 + 128 : 3072 - 128], source[3072 + 128 : 5120 - 128])


def test_a_splice_at_the_ends_stays_inside_both_sounds():
    result = splice(
        noise(0, 3 * 1024), noise(1, 3 * 1024), [SpliceRun(0, 0, 1), SpliceRun(2, 2, 1)]
    )
    assert np.array_equal(result[:800], noise(1, 3 * 1024)[:800])
    assert np.array_equal(result[-800:], noise(1, 3 * 1024)[-800:])
    fading = splice(np.ones(3 * 1024, np.float32), np.zeros(1024, np.float32), [SpliceRun(1, 0, 1)])
    assert np.abs(np.diff(fading)).max() < 0.02
    for run in (SpliceRun(2, 0, 2), SpliceRun(0, 2, 2), SpliceRun(-1, 0, 1), SpliceRun(0, 0, 0)):
        with pytest.raises(UsageError, match="inside both"):
            splice(noise(0, 3 * 1024), noise(1, 3 * 1024), [run])


def test_splicing_a_sound_with_itself_changes_nothing():
    sound = noise(n_samples=5000)
    result = splice(sound, sound, [SpliceRun(1, 1, 2)])
    assert result.shape == (5120,)
    assert np.abs(result[:5000] - sound).max() < 1e-6


def test_chosen_runs_cover_their_share_without_touching():
    runs = choose_runs(200, 50, np.random.default_rng(1), share=0.1)
    assert 18 <= sum(run.n_columns for run in runs) <= 26
    for before, after in itertools.pairwise(runs):
        assert before.column + before.n_columns < after.column
    assert all(1 <= run.n_columns <= 6 and run.source_column + run.n_columns <= 50 for run in runs)
    assert len(choose_runs(1, 1, np.random.default_rng(0))) == 1


def test_spliced_codes_follow_the_same_runs_as_spliced_audio():
    codes, source = np.zeros((3, 6), np.uint16), np.arange(18, dtype=np.uint16).reshape(3, 6)
    result = splice_codes(codes, source, [SpliceRun(1, 3, 2)])
    assert result[:, 1:3].tolist() == source[:, 3:5].tolist()
    assert not result[:, [0, 3, 4, 5]].any()
    assert not codes.any()


def test_a_perfect_decoder_has_a_small_splice_distance():
    # A "codec" of one level whose code names a column of one of two sounds.
    sounds = [noise(0, 40 * 1024), np.tile(tone(500.0), 2)[: 40 * 1024]]
    library = np.concatenate(sounds).reshape(80, 1024)
    codes = [np.arange(40)[None], np.arange(40, 80)[None]]

    def decode(grid):
        return library[grid[0]].ravel()

    perfect = splice_distance(decode, sounds, codes, RATE)
    deaf = splice_distance(lambda grid: 0.5 * decode(np.arange(40)[None]), sounds, codes, RATE)
    assert perfect.mel < 0.25 * deaf.mel
    assert perfect.mr_stft < 0.25 * deaf.mr_stft
    with pytest.raises(UsageError, match="two sounds"):
        splice_distance(decode, sounds[:1], codes[:1], RATE)
