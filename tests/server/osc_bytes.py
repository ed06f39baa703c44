"""OSC messages built by python-osc, an encoder that is not ours."""

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder


def message(address: str, *arguments: int | float | str | bytes) -> OscMessage:
    builder = OscMessageBuilder(address=address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build()
