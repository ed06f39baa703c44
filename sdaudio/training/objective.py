"""What one gradient step strives for: the losses of one batch, in two stages.

Stage one, *finding codes*: encoder, codebooks and decoder learn together on whole crops, and the
phase counts. Stage two, *learning to decode*: the codes of every sound are settled and only the
decoder goes on, mostly on spliced crops, which is what an edited grid looks like. A person who
plays meanwhile keeps a grid that stays valid from then on, and steps without the encoder are
quicker, so there are more of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec, Rendition
from sdaudio.losses import SpectralLoss, coherence_loss, phase_loss
from sdaudio.training import schedule
from sdaudio.training.checkpoint import State
from sdaudio.training.sampler import Sampler, joints, target_audio
from sdaudio.training.snapshot import SoundCodes, encode_sounds

BATCH_SIZE = 4
# Updates of the codebooks after which an unchosen code is dead.
DEAD_AFTER = 50


@dataclass(frozen=True, slots=True)
class Losses:
    """The parts of the loss of one batch; ``commitment`` is 0 once the codes are settled."""

    spectral: Tensor
    phase: Tensor
    coherence: Tensor
    commitment: Tensor


class Objective:
    """Draws batches and computes their losses; moves the codebooks on the way.

    Args:
        codec: what is trained.
        bank: the training sounds.
        chance: source of chance for crops, splices and grids of the losses.
        generator: source of chance for codes that are moved.
    """

    def __init__(
        self,
        codec: Codec,
        bank: ColumnBank,
        *,
        chance: np.random.Generator,
        generator: torch.Generator,
    ) -> None:
        self._codec, self._bank = codec, bank
        self._chance, self._generator = chance, generator
        self._sampler = Sampler(bank, batch_size=BATCH_SIZE, chance=chance)
        self._spectral_loss = SpectralLoss(codec.config.sample_rate)
        self._updates = 0
        self.settled: SoundCodes | None = None
        """The codes of all sounds, once they are final."""
        self.usage = np.zeros(codec.quantizer.codebooks.shape[:2], np.int64)
        """How often each code was chosen by batches, (level, code); the reader sets it back."""

    def state(self) -> State:
        """Return what the next batches and codebooks depend on, beside the sources of chance."""
        state = State({"updates": self._updates}, {"usage": torch.from_numpy(self.usage.copy())})
        if self.settled is not None:
            state.tensors["codes"] = torch.from_numpy(self.settled.codes.astype(np.int32))
        state.put("sampler", self._sampler.state())
        return state

    def restore(self, state: State) -> None:
        """Take back what `state` gave."""
        self._updates = int(state.values["updates"])
        self.usage[:] = state.tensors["usage"].numpy()
        if "codes" in state.tensors:
            codes = state.tensors["codes"].numpy().astype(np.uint16)
            self.settled = SoundCodes(codes, self._bank.lengths.astype(np.int64))
        self._sampler.restore(state.part("sampler"))

    def losses(self, fraction: float) -> Losses:
        """Return the losses of a new batch when ``fraction`` of the budget is gone."""
        if schedule.codes_are_settled(fraction):
            return self._learn_to_decode()
        return self._find_codes(fraction)

    def _find_codes(self, fraction: float) -> Losses:
        columns = self._sampler.draw()
        windows = self._read(columns)
        spectrum = self._codec.spectral.spectrum(self._put(windows))
        latents = self._codec.encode_spectrum(spectrum)
        quantised = self._codec.quantizer(latents)
        self._count(quantised.codes)
        self._move_codebooks(latents.detach().flatten(0, 1), quantised.codes, fraction)
        rendition = self._render(quantised.latents)
        return Losses(
            self._spectral(rendition.audio, windows, columns),
            *self._phase(rendition.learned, rendition.coherence, spectrum, columns),
            quantised.commitment,
        )

    def _learn_to_decode(self) -> Losses:
        if self.settled is None:
            self.settled = encode_sounds(self._codec, self._bank)
        n_spliced = round(schedule.SPLICED_SHARE * BATCH_SIZE)
        columns = self._sampler.splice(self._sampler.draw(), n_items=n_spliced)
        windows = self._read(columns)
        codes = self._put(self.settled.codes[:, columns].astype(np.int64)).movedim(0, -1)
        self._count(codes)
        rendition = self._render(self._codec.quantizer.embed(codes))
        whole = slice(0, BATCH_SIZE - n_spliced)
        spectrum = self._codec.spectral.spectrum(self._put(windows[whole]))
        return Losses(
            self._spectral(rendition.audio, windows, columns),
            *self._phase(
                rendition.learned[whole], rendition.coherence[whole], spectrum, columns[whole]
            ),
            torch.zeros((), device=spectrum.device),
        )

    def _render(self, latents: Tensor) -> Rendition:
        # Anywhere in a grid, so that no angle is learned along with a sound.
        return self._codec.render(latents, self._chance.integers(1 << 20, size=len(latents)))

    def _put(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self._codec.device)

    def _read(self, columns: NDArray[np.int64]) -> NDArray[np.float32]:
        return self._bank.read(columns.ravel()).reshape(*columns.shape, -1)

    def _spectral(
        self, estimate: Tensor, windows: NDArray[np.float32], columns: NDArray[np.int64]
    ) -> Tensor:
        target = self._put(target_audio(self._bank, windows, columns))
        loss: Tensor = self._spectral_loss(estimate, target, chance=self._chance)
        return loss

    def _phase(
        self,
        learned: Tensor,
        coherence: Tensor,
        spectrum: Tensor,
        columns: NDArray[np.int64],
    ) -> tuple[Tensor, Tensor]:
        """Return the losses of phase and coherence against every column in its own sound.

        Frames that reach over a joint are left out; nobody can know them.
        """
        frames = self._codec.config.frames_per_column
        kept = np.ones((columns.shape[0], columns.shape[1] * frames), np.float32)
        for item, position in zip(*np.nonzero(joints(self._bank, columns)), strict=True):
            middle = (position + 1) * frames
            kept[item, middle - 2 : middle + 2] = 0.0
        weights = self._put(kept)
        heard = self._codec.spectral.spectrum(self._codec.spectral.columns(learned))
        return (
            phase_loss(heard, spectrum, weights=weights),
            coherence_loss(coherence, heard, spectrum, weights=weights),
        )

    def _count(self, codes: Tensor) -> None:
        size = self.usage.shape[1]
        for level, chosen in enumerate(codes.flatten(0, 1).T):
            self.usage[level] += torch.bincount(chosen, minlength=size).cpu().numpy()

    def _move_codebooks(self, latents: Tensor, codes: Tensor, fraction: float) -> None:
        quantizer = self._codec.quantizer
        quantizer.update(latents, codes.flatten(0, 1))
        self._updates += 1
        if schedule.moves_dead_codes(fraction) and self._updates % DEAD_AFTER == 0:
            quantizer.reset_dead(latents, patience=DEAD_AFTER, generator=self._generator)
