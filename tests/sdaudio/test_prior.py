import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from sdaudio.errors import UsageError
from sdaudio.header import CodecConfig, ModelHeader, PriorSummary
from sdaudio.modelfile import Model, read_model, write_model
from sdaudio.prior import CountPrior, SamplingOptions, fit, infill, sample
from sdaudio.prior.contexts import (
    COPY,
    MAX_LAG,
    N_EXPERTS,
    context_keys,
    contexts,
    copy_bin,
    count_bins,
)
from sdaudio.prior.counts import SMOOTHING
from sdaudio.prior.drawing import uniform
from sdaudio.prior.mixture import prepare
from sdaudio.prior.walker import Walker, walk

SIZE = 64
PLAIN = SamplingOptions(temperature=1.0, top_k=0, top_p=0.0)


def phrases(n_files=12, n_columns=60, n_levels=3, seed=0):
    """Files in which held notes follow a fixed melody and finer levels follow coarser ones."""
    generator = np.random.default_rng(seed)
    files = []
    for _ in range(n_files):
        notes, note = [], int(generator.integers(8))
        while len(notes) < n_columns:
            notes += [note] * int(generator.integers(1, 6))
            note = (note + 1 if generator.random() < 0.8 else int(generator.integers(8))) % 8
        first = np.array(notes[:n_columns])
        levels = [first]
        for level in range(1, n_levels):
            levels.append((levels[-1] * 3 + level + (generator.random(n_columns) < 0.1)) % SIZE)
        files.append(np.stack(levels).astype(np.uint16))
    return files


def best(*arguments, **options):
    return infill(*arguments, **options)[0].codes


def cycle(n_repeats=10):
    return np.tile(np.array([[0, 1, 2, 3], [4, 5, 6, 7]], np.uint16), (1, n_repeats))


@pytest.fixture(scope="module")
def prior():
    return fit(phrases(), SIZE)


@pytest.fixture(scope="module")
def codec():
    return CodecConfig(codebook_size=SIZE)


def test_the_prior_knows_more_than_how_common_codes_are(prior):
    summary = prior.summary
    assert summary.held_out_by == "file"
    assert summary.columns == 12 * 60
    assert summary.epochs > 0
    assert 1 < summary.held_out_perplexity < 0.4 * summary.unigram_perplexity
    assert summary.unigram_perplexity < 20


def test_noise_is_not_predictable():
    noise = [np.random.default_rng(n).integers(0, SIZE, (2, 300)) for n in range(10)]
    summary = fit(noise, SIZE).summary
    assert 0.9 * SIZE < summary.held_out_perplexity < 1.3 * SIZE


def test_few_files_are_held_out_by_time_and_very_little_not_at_all():
    assert fit(phrases(7), SIZE).summary.held_out_by == "time"
    tiny = fit(phrases(1, 3), SIZE).summary
    assert (tiny.held_out_by, tiny.held_out_perplexity) == ("none", 0.0)
    assert sample(fit(phrases(1, 1), SIZE), n_columns=20, options=PLAIN).shape == (3, 20)


@pytest.mark.parametrize("n_levels", [2, 3, 4])
def test_every_number_of_levels_can_be_fitted_stored_and_sampled(n_levels):
    files = phrases(n_levels=n_levels, n_files=8)
    files = [codes + np.uint16(192) for codes in files]
    fitted = fit(files, 256)
    again = CountPrior.from_tensors(
        fitted.tensors(), CodecConfig(n_levels=n_levels, codebook_size=256)
    )
    codes = sample(again, n_columns=50, options=SamplingOptions())
    assert codes.shape == (n_levels, 50)
    assert codes.max() < 256


def test_fitting_is_deterministic_and_tells_its_progress():
    shares = []
    first = fit(phrases(), SIZE, on_progress=shares.append, date="2030-01-01").tensors()
    second = fit(phrases(), SIZE)
    assert all(np.array_equal(first[name], array) for name, array in second.tensors().items())
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "there are none"),
        ([np.zeros((3, 0), np.uint16)], "there are none"),
        ([np.full((3, 4), SIZE)], "0 to 63"),
        ([np.full((3, 4), -1)], "0 to 63"),
        ([np.zeros((3, 4), int), np.zeros((2, 4), int)], "3 levels"),
        ([np.zeros(4, int)], "levels"),
    ],
)
def test_codes_that_do_not_fit_are_refused(files, sentence):
    with pytest.raises(UsageError, match=sentence):
        fit(files, SIZE)


def test_what_the_sampler_believes_is_the_mixture_as_defined(prior):
    past = phrases(1, 30, seed=5)[0]
    lags = [np.pad(past, ((0, 0), (MAX_LAG, 0)), constant_values=SIZE)[:, MAX_LAG - lag :][:, :30]
            for lag in range(MAX_LAG + 1)]  # fmt: skip
    walker = Walker(prepare(prior), SIZE, past[:, :0])
    run_lengths = [0, 0, 0]
    for column in range(30):
        expected = 0.0
        for level in range(3):
            n_symbols = SIZE + (level == 0)
            top = bottom = 0.0
            for index, context in enumerate(contexts(3, level)):
                table = prior.tables[level][index]
                key = context_keys([lag[:, column : column + 1] for lag in lags], context, SIZE + 1)
                row = np.flatnonzero(table.keys == key)
                counts = np.zeros(n_symbols)
                if row.size:
                    part = slice(table.offsets[row[0]], table.offsets[row[0] + 1])
                    counts[table.symbols[part]] = table.counts[part]
                weight = prior.weights[level, index][
                    count_bins(np.array(int(counts.sum())), np.array(int((counts > 0).sum())))
                ]
                code = past[level, column]
                top += weight * (counts[code] + SMOOTHING / n_symbols) / (counts.sum() + SMOOTHING)
                bottom += weight
            repeats = level > 0 and (lags[0][:level, column] == lags[1][:level, column]).all()
            trust = prior.weights[level, COPY, copy_bin(run_lengths[level], coarser_repeat=repeats)]
            if run_lengths[level]:
                top += trust * (past[level, column] == past[level, column - 1])
                bottom += trust
            expected += np.log(top / bottom)
        assert walker.follow(past[:, column].tolist()) == pytest.approx(expected, abs=1e-6)
        same = past[:, column] == lags[1][:, column]
        run_lengths = [run + 1 if keep else 1
                       for run, keep in zip(run_lengths, same, strict=True)]  # fmt: skip


def test_a_plain_sample_has_the_habits_of_its_material(prior):
    codes = sample(prior, n_columns=3000, options=PLAIN)
    material = np.concatenate(phrases(), axis=1)
    stays = [(c[0, 1:] == c[0, :-1]).mean() for c in (codes, material)]
    assert stays[0] == pytest.approx(stays[1], abs=0.06)
    for column in range(1, 200):
        before, now = codes[0, column - 1 : column + 1]
        assert now < 8
        assert before < 8
    rules = [((c[1] - (c[0] * 3 + 1)) % SIZE < 2).mean() for c in (codes, material)]
    assert rules[0] > 0.95 * rules[1]


@pytest.mark.parametrize(
    "options", [SamplingOptions(temperature=0.1), SamplingOptions(top_k=1), SamplingOptions()]
)
def test_careful_sampling_does_not_freeze_on_a_long_note(prior, options):
    codes = sample(prior, n_columns=500, options=options)
    changes = np.flatnonzero(np.diff(codes[0].astype(int)))
    assert changes.size > 60
    assert np.diff(changes).max() < 40


def test_bold_and_careful_sampling_differ_as_they_should(prior):
    def rare(options):
        codes = sample(prior, n_columns=700, options=options)
        moves = codes[0][np.flatnonzero(np.diff(codes[0].astype(int), prepend=-1))]
        return (np.diff(moves.astype(int)) % 8 != 1).mean()

    assert rare(SamplingOptions(temperature=0.1, top_p=0.0)) < 0.05
    assert rare(SamplingOptions(top_k=1, top_p=0.0)) < 0.05
    assert rare(SamplingOptions(top_p=0.5)) < rare(PLAIN) < rare(
        SamplingOptions(temperature=2.0, top_p=0.0)
    )  # fmt: skip


def test_a_filter_that_is_off_changes_nothing(prior):
    takes = [
        sample(prior, n_columns=200, options=SamplingOptions(top_k=top_k, top_p=top_p))
        for top_k, top_p in [(0, 0.0), (0, 1.0)]
    ]
    assert np.array_equal(*takes)


def test_the_same_seed_gives_the_same_take_and_another_seed_another(prior):
    takes = [sample(prior, n_columns=100, options=SamplingOptions(seed=seed)) for seed in (7, 7, 8)]
    assert np.array_equal(takes[0], takes[1])
    assert not np.array_equal(takes[0], takes[2])


def test_a_longer_take_begins_like_a_shorter_one_and_can_be_continued(prior):
    options = SamplingOptions(seed=3)
    whole = sample(prior, n_columns=150, options=options)
    start = sample(prior, n_columns=67, options=options)
    rest = sample(prior, n_columns=83, options=options, prompt=start)
    assert np.array_equal(np.concatenate([start, rest], axis=1), whole)


def test_columns_arrive_as_they_are_made(prior):
    chunks = []
    codes = sample(
        prior, n_columns=40, options=PLAIN, on_columns=lambda *chunk: chunks.append(chunk)
    )
    assert [start for start, _ in chunks] == [0, 8, 16]
    assert np.array_equal(np.concatenate([chunk for _, chunk in chunks], axis=1), codes)


def test_a_prompt_is_continued(prior):
    melody = fit([cycle()], SIZE)
    codes = sample(melody, n_columns=8, options=PLAIN, prompt=cycle()[:, :6])
    assert codes[0].tolist() == [2, 3, 0, 1, 2, 3, 0, 1]
    assert codes[1].tolist() == [6, 7, 4, 5, 6, 7, 4, 5]


def test_after_the_end_of_one_sound_another_begins():
    sounds = [np.array([[n, n + 1, n + 2]] * 2, np.uint16) for n in (0, 10, 20, 30)] * 6
    codes = sample(fit(sounds, SIZE), n_columns=90, options=SamplingOptions(top_p=0.5))
    starts = codes[0, ::3]
    assert set(starts.tolist()) <= {0, 10, 20, 30}
    assert len(set(starts.tolist())) > 1
    assert np.array_equal(codes[0, 1::3], starts + 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0.09),
        ("temperature", 2.1),
        ("temperature", float("nan")),
        ("top_k", -1),
        ("top_k", 513),
        ("top_p", -0.1),
        ("top_p", 1.1),
        ("seed", -1),
        ("seed", 2**63),
    ],
)
def test_an_option_out_of_range_names_what_is_allowed(name, value):
    with pytest.raises(UsageError, match=f"{name} is .*allowed are"):
        SamplingOptions(**{name: value})


def test_wrong_sizes_and_codes_are_usage_errors(prior):
    for n_columns in (0, 100_001):
        with pytest.raises(UsageError, match="allowed are 1 to 100000"):
            sample(prior, n_columns=n_columns, options=PLAIN)
    for prompt in (np.zeros((2, 4), int), np.full((3, 4), SIZE), np.zeros(4, int)):
        with pytest.raises(UsageError, match="The prompt"):
            sample(prior, n_columns=4, options=PLAIN, prompt=prompt)


def test_a_gap_is_filled_with_what_leads_to_the_right():
    # After "0 1" comes either 2 or 3; only the right side tells which.
    way = {2: [0, 1, 2, 4, 5], 3: [0, 1, 3, 6, 7]}
    files = [np.array([way[2 + n % 2]] * 2, np.uint16) for n in range(40)]
    fitted = fit(files, SIZE)
    for middle in (2, 3):
        grid = np.array([way[middle]] * 2, np.uint16)
        for seed in range(5):
            options = SamplingOptions(seed=seed)
            filled = best(fitted, grid, start=2, stop=3, options=options, n_tries=16)
            assert filled.tolist() == [[middle], [middle]]


def test_kept_cells_stay_and_the_rest_is_filled(prior):
    grid = phrases(1, 40, seed=9)[0]
    keep = np.zeros((3, 20), bool)
    keep[0] = True
    keep[:, 4] = True
    options = SamplingOptions(seed=1)
    filled = best(prior, grid, start=10, stop=30, options=options, keep=keep)
    assert np.array_equal(filled[keep], grid[:, 10:30][keep])
    assert filled.shape == (3, 20)
    assert np.array_equal(best(prior, grid, start=10, stop=30, options=options, keep=keep), filled)
    other = grid.copy()
    other[1:, 10:14] = 63
    assert np.array_equal(best(prior, other, start=10, stop=30, options=options, keep=keep), filled)


def test_a_gap_at_the_end_can_be_filled(prior):
    grid = phrases(1, 40)[0]
    assert best(prior, grid, start=30, stop=40, options=PLAIN).shape == (3, 10)


@pytest.mark.parametrize(
    "arguments",
    [
        {"start": 5, "stop": 5},
        {"start": -1, "stop": 5},
        {"start": 5, "stop": 41},
        {"start": 5, "stop": 8, "n_candidates": 0},
        {"start": 5, "stop": 8, "n_tries": 65},
        {"start": 5, "stop": 8, "keep": np.zeros((3, 2), bool)},
    ],
)
def test_a_gap_that_is_not_there_is_a_usage_error(prior, arguments):
    with pytest.raises(UsageError):
        infill(prior, phrases(1, 40)[0], options=PLAIN, **arguments)


def test_the_prior_goes_through_a_model_file_unchanged(prior, codec, tmp_path):
    header = ModelHeader("m", codec, ("a", "b", "c"), prior=prior.summary)
    tensors = {"quantizer.codebooks": np.zeros((3, SIZE, 32), np.float32), **prior.tensors()}
    write_model(tmp_path / "m.sda", Model(header, tensors))
    read = read_model(tmp_path / "m.sda")
    again = CountPrior.from_tensors(read.tensors, read.header.codec, summary=read.header.prior)
    assert again.summary == prior.summary
    takes = [sample(p, n_columns=200, options=SamplingOptions(seed=5)) for p in (prior, again)]
    assert np.array_equal(*takes)
    assert CountPrior.from_tensors(read.tensors, codec).summary == PriorSummary()


def change(name, how):
    def apply(tensors):
        tensors[f"prior.{name}"] = how(tensors[f"prior.{name}"].copy())

    return apply


def put(index, value):
    def apply(array):
        array[index] = value
        return array

    return apply


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors: tensors.pop("prior.keys"),
        change("weights", put((0, 0, 3), np.nan)),
        change("weights", put((1, 2, 3), -1.0)),
        change("weights", put((2, 0), 0.0)),
        change("weights", lambda array: array[:, :, 1:]),
        change("weights", lambda array: array.astype(np.float64)),
        change("n_rows", put(0, 2)),
        change("n_rows", put(3, -5)),
        change("n_rows", put(3, 2**62)),
        change("keys", put(-1, 0)),
        change("keys", put(-1, 2**62)),
        change("keys", lambda array: array[:-1]),
        change("row_lengths", put(0, 0)),
        change("row_lengths", lambda array: array + np.uint32(1)),
        change("row_lengths", lambda array: array.reshape(1, -1)),
        change("symbols", put(0, SIZE + 1)),
        change("symbols", put(-1, SIZE)),
        change("symbols", put(1, 0)),
        change("symbols", lambda array: array[:-1]),
        change("symbols", lambda array: array.astype(np.int64)),
        change("counts", put(5, 0)),
        change("counts", lambda array: array[:-1]),
    ],
)
def test_damaged_arrays_are_refused(prior, codec, damage):
    tensors = dict(prior.tensors())
    damage(tensors)
    with pytest.raises(ValueError, match="prior"):
        CountPrior.from_tensors(tensors, codec)


def test_a_prior_that_only_knows_ends_is_refused(prior, codec):
    first = prior.tables[0][0]
    only_end = dataclasses.replace(
        first,
        offsets=np.array([0, 1]),
        symbols=np.array([SIZE], np.uint16),
        counts=np.array([9], np.uint32),
    )
    tables = ((only_end, *prior.tables[0][1:]), *prior.tables[1:])
    with pytest.raises(ValueError, match="no code at all"):
        CountPrior.from_tensors(dataclasses.replace(prior, tables=tables).tensors(), codec)


def test_a_prior_for_another_codec_is_refused(prior, codec):
    for other in ({"codebook_size": 128}, {"n_levels": 2}):
        with pytest.raises(ValueError, match="prior"):
            CountPrior.from_tensors(prior.tensors(), dataclasses.replace(codec, **other))


def test_random_numbers_are_even_and_keyed_by_every_part():
    numbers = np.array([uniform(1, column, 0) for column in range(4000)])
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert np.bincount((numbers * 10).astype(int), minlength=10).min() > 320
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.05
    keys = [(1, 2, 0), (2, 2, 0), (1, 3, 0), (1, 2, 1), (1, 2, 256), (2, 1, 0)]
    assert len({uniform(*key) for key in keys}) == len(keys)


def test_the_contexts_of_every_level_fit_the_experts():
    for n_levels in (2, 3, 4):
        for level in range(n_levels):
            cells = contexts(n_levels, level)
            assert len(set(cells)) == N_EXPERTS - 1
            assert all(
                (lag > 0 or other < level) and lag <= MAX_LAG
                for context in cells
                for other, lag in context
            )
            assert max(map(len, cells)) * np.log2(257) < 63


def test_sampling_needs_no_torch():
    check = "import sys, sdaudio.prior; print({'torch', 'librosa'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert answer.stdout.strip() == "set()"


def test_a_copied_walker_goes_on_by_itself(prior):
    past = phrases(1, 30)[0]
    walker = walk(prior, past)
    other = walker.copy()
    expected = walk(prior, past).follow([1, 2, 3])
    walker.forget()
    walker.follow([4, 5, 6])
    assert other.last == past[:, -1].tolist()
    assert other.follow([1, 2, 3]) == expected
