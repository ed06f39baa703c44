"""``sdaudio bench``: how fast this machine encodes, decodes, edits and samples."""

import json
import time
from collections.abc import Callable

import numpy as np

from sdaudio import api
from sdaudio.prior import SamplingOptions
from sdaudio.tasks.rendering import renderer

from ..library import Library

_SECONDS = 10.0
_ENOUGH_S = 0.6
_EDITED = 100


def bench(library: Library, model: str, *, as_json: bool) -> int:
    """Measure and print; returns the exit code.

    Raises:
        SdaudioError: there is no such model.
    """
    loaded = api.load(library.find(model))
    network, rate = renderer(loaded.path), loaded.columns_per_second
    codes = np.random.default_rng(0).integers(
        0, loaded.header.codec.codebook_size,
        (loaded.header.codec.n_levels, round(_SECONDS * rate)), np.uint16,
    )  # fmt: skip
    sound = network.decode(codes)
    reach = 2 * network.reach
    window = codes[:, _EDITED - reach : _EDITED + 1 + reach]
    first = _EDITED - reach
    found = {
        "decode_times_real_time": _SECONDS / _median(lambda: network.decode(codes)),
        "encode_times_real_time": _SECONDS / _median(lambda: network.encode(sound)),
        "edit_ms": 1000 * _median(
            lambda: network.decode_window(window, reach, reach + 1, first_column=first)
        ),
    }  # fmt: skip
    if loaded.header.has_prior:
        api.sample(loaded, 0.1)
        found["sample_times_real_time"] = 2.0 / _median(
            lambda: api.sample(loaded, 2.0, SamplingOptions(seed=1))
        )
    if as_json:
        print(json.dumps({name: round(value, 2) for name, value in found.items()}))
        return 0
    print(f"{loaded.name}, one core:")
    print(f"  sounds are rendered {found['decode_times_real_time']:.0f} times as fast as they play")
    print(f"  and encoded {found['encode_times_real_time']:.0f} times as fast;")
    print(f"  an edited column is rendered in {found['edit_ms']:.1f} ms")
    if "sample_times_real_time" in found:
        print(f"  the prior draws {found['sample_times_real_time']:.0f} times as fast as it plays")
    return 0


def _median(work: Callable[[], object]) -> float:
    """Return the median seconds that something takes."""
    work()
    times: list[float] = []
    while sum(times) < _ENOUGH_S or len(times) < 3:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return float(np.median(times))
