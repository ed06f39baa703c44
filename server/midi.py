"""MIDI ports: the home of mido. Works without any MIDI system and says so."""

import warnings
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MidiPorts:
    """The names of the ports there are, or the reason why there are none."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    problem: str


def list_ports() -> MidiPorts:
    """Return the MIDI ports of this machine; never raises.

    It may take some hundred milliseconds, so the daemon calls it on a thread.
    """
    try:
        import mido

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inputs = tuple(dict.fromkeys(mido.get_input_names()))
            outputs = tuple(dict.fromkeys(mido.get_output_names()))
    except ImportError as error:
        text = f"MIDI is not available ({error}); pip install 'sdaudio[midi]'"
        return MidiPorts((), (), text)
    except (OSError, RuntimeError, SystemError) as error:
        # rtmidi raises SystemError where there is no ALSA sequencer
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "unknown reason"
        return MidiPorts((), (), f"MIDI is not available ({reason})")
    problem = "" if inputs or outputs else "no MIDI ports"
    return MidiPorts(inputs, outputs, problem)
