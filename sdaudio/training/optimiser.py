"""The optimiser of a codec, and its moments for a checkpoint."""

import torch
from torch import Tensor

from sdaudio.codec.network import Codec
from sdaudio.training import schedule
from sdaudio.training.checkpoint import State, copied


def make_optimiser(codec: Codec) -> torch.optim.Optimizer:
    """Return the optimiser of all weights of a codec, on the device they are on."""
    # One pass over the weights instead of many; not every torch can do it on MPS.
    fused = codec.device.type in ("cpu", "cuda")
    return torch.optim.AdamW(
        codec.parameters(), lr=schedule.PEAK_LEARNING_RATE, betas=(0.8, 0.99), fused=fused
    )


def optimiser_state(optimiser: torch.optim.Optimizer) -> State:
    """Copy the moments of an optimiser."""
    moments = optimiser.state_dict()["state"]
    return State(
        tensors={
            f"{number}.{name}": copied(tensor)
            for number, tensors in moments.items()
            for name, tensor in tensors.items()
        }
    )


def restore_optimiser(optimiser: torch.optim.Optimizer, state: State) -> None:
    """Take back what `optimiser_state` gave."""
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in state.tensors.items():
        number, name = key.split(".", 1)
        moments.setdefault(int(number), {})[name] = tensor
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": moments, "param_groups": groups})
