"""Where a training computes: the CPU, or a GPU when torch finds one."""

import torch

from sdaudio.errors import UsageError
from sdaudio.settings import DEVICE_NAMES


def choose_device(requested: str) -> torch.device:
    """Return the device to train on.

    Args:
        requested: ``auto`` takes CUDA, else MPS (Apple), else the CPU; the others insist.

    Raises:
        UsageError: it is none of `DEVICE_NAMES`, or this machine's torch has no such device.
    """
    if requested not in DEVICE_NAMES:
        raise UsageError(f"device is '{requested}'; allowed are {', '.join(DEVICE_NAMES)}.")
    there = [name for name in ("cuda", "mps") if _is_there(name)]
    if requested == "auto":
        return torch.device(there[0] if there else "cpu")
    if requested != "cpu" and requested not in there:
        raise UsageError(
            f"device is '{requested}', but torch {torch.__version__} finds none here; there is "
            f"{', '.join([*there, 'cpu'])}. Install a torch with {requested} support, or take "
            "'auto'."
        )
    return torch.device(requested)


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device multiplies bfloat16 itself; where it does not, it would be slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    # Newer torch only; without it training is as good and a third slower.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _is_there(name: str) -> bool:
    backend = torch.cuda if name == "cuda" else torch.backends.mps
    return bool(backend.is_available())
