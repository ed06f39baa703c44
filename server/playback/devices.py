"""Which devices there are, asked of a PortAudio that has just been started.

PortAudio looks once, when it starts, so the list of a process that plays is old; and one whose
device has died hangs when it is asked anything. So each list comes from a process that ends then.
"""

import contextlib
import multiprocessing
from multiprocessing.connection import Connection

from sdaudio.errors import DeviceError

from .outputs import output_devices

_ANSWER_S = 10.0
_END_S = 3.0


def list_devices() -> list[tuple[int, str]]:
    """Return the numbers and names of all devices that sound can go to; takes a third of a second.

    Raises:
        DeviceError: there is no PortAudio, or it does not answer.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs,), name="sdaudio devices", daemon=True)
    process.start()
    theirs.close()
    try:
        found: list[tuple[int, str]] | str = (
            ours.recv() if ours.poll(_ANSWER_S) else f"no answer within {_ANSWER_S:g} s"
        )
    except (EOFError, OSError) as error:
        found = f"its process ended ({error})"
    finally:
        ours.close()
        # A sound server may wait for a client that was killed.
        process.join(_END_S)
        if process.is_alive():
            process.kill()
            process.join()
    if isinstance(found, str):
        raise DeviceError(f"The devices cannot be listed: {found}")
    return found


def _answer(connection: Connection) -> None:
    with contextlib.suppress(OSError):
        try:
            connection.send(output_devices())
        except DeviceError as error:
            connection.send(str(error))
        connection.close()
