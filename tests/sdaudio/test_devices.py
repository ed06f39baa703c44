import numpy as np
import pytest
import torch
from tiny_training import TINY, hits
from torch.overrides import TorchFunctionMode

from sdaudio.audio.transforms import mel_filterbank
from sdaudio.codec import closed_form
from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec
from sdaudio.errors import UsageError
from sdaudio.losses import RESOLUTIONS
from sdaudio.training import TrainingOptions, devices
from sdaudio.training.devices import choose_device, has_bfloat16
from sdaudio.training.objective import Objective

FACTORIES = {
    torch.zeros, torch.ones, torch.empty, torch.full, torch.arange, torch.linspace, torch.rand,
    torch.randn, torch.randint, torch.hann_window, torch.eye, torch.tensor,
}  # fmt: skip


def machine_with(monkeypatch, *names):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in names)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in names)


@pytest.mark.parametrize(
    ("there", "requested", "chosen"),
    [
        ((), "auto", "cpu"),
        (("cuda",), "auto", "cuda"),
        (("mps",), "auto", "mps"),
        (("cuda", "mps"), "auto", "cuda"),
        (("cuda",), "cpu", "cpu"),
        (("mps",), "mps", "mps"),
    ],
)
def test_a_gpu_is_taken_when_there_is_one_and_nobody_objects(monkeypatch, there, requested, chosen):
    machine_with(monkeypatch, *there)

    assert choose_device(requested).type == chosen


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused_with_what_is(monkeypatch, name):
    machine_with(monkeypatch)

    with pytest.raises(UsageError, match=f"'{name}'.*there is cpu"):
        choose_device(name)


def test_an_unknown_device_is_refused():
    with pytest.raises(UsageError, match="allowed are auto, cpu, cuda, mps"):
        choose_device("tpu")


def test_bfloat16_is_used_only_where_the_device_has_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    assert has_bfloat16(torch.device("cuda"))
    assert not has_bfloat16(torch.device("mps"))
    for capabilities, expected in (({"avx2": True}, False), ({"amx_bf16": True}, True)):
        monkeypatch.setattr(
            devices.torch.cpu, "get_capabilities", lambda c=capabilities: c, raising=False
        )
        assert has_bfloat16(torch.device("cpu")) is expected


def test_a_preset_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match=r"draft, standard, best.*Did you mean 'draft'"):
        TrainingOptions("m", preset="draught")


def test_minutes_win_over_the_preset():
    assert TrainingOptions("m", preset="standard").seconds == 600.0
    assert TrainingOptions("m", preset="standard", minutes=3.0).seconds == 180.0


class Makers(TorchFunctionMode):
    """Notes every tensor that is made without saying on which device.

    What comes from numpy is on the CPU; it counts until it is sent somewhere by ``to``.
    """

    def __init__(self):
        self.careless = []
        self.from_numpy = {}

    def __torch_function__(self, function, types, arguments=(), options=None):
        options = options or {}
        made = function(*arguments, **options)
        name = getattr(function, "__name__", "")
        if function in FACTORIES and options.get("device") is None:
            self.careless.append(name)
        elif function is torch.from_numpy:
            self.from_numpy[id(made)] = made
        elif name == "to":
            self.from_numpy.pop(id(arguments[0]), None)
        return made


def losses_of_both_stages(sounds):
    codec, bank = Codec(TINY), ColumnBank(sounds, TINY)
    closed_form.fit(codec, bank, generator=torch.Generator().manual_seed(0))
    objective = Objective(codec, bank, chance=np.random.default_rng(0), generator=torch.Generator())
    # cached for good, on the CPU
    for resolution in RESOLUTIONS:
        mel_filterbank(resolution.n_fft, resolution.n_mels, TINY.sample_rate)
    with Makers() as makers:
        for fraction in (0.0, 0.9):
            losses = objective.losses(fraction)
            loss = losses.spectral + losses.phase + losses.coherence + losses.commitment
            loss.backward()
    return makers


def test_training_makes_no_tensor_without_naming_its_device():
    makers = losses_of_both_stages(hits(2))

    assert makers.careless == []
    assert makers.from_numpy == {}
