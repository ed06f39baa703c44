"""Commands that a running daemon carries out for the command line (``--server``)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from sdaudio.errors import JobError, NoAnswerError, SdaudioError, UsageError, error_of

from ..client import DaemonAddress, Value
from ..shell.exchange import Exchange, Listener
from ..shell.terminal import JobBar


class Errands:
    """What a daemon is asked to do, one thing after the other.

    Args:
        daemon: where it is.
    """

    def __init__(self, daemon: DaemonAddress) -> None:
        self._daemon = daemon

    def run(self, address: str, *arguments: Value, ends_by: str = "") -> tuple[Value, ...]:
        """Run a command and wait until it, or its job, has ended.

        Args:
            address: of the command.
            arguments: for it.
            ends_by: a command that ends it politely at Ctrl-C, with the first argument; without
                one its job is cancelled.

        Raises:
            SdaudioError: it was refused, or its job failed or was cancelled.
            KeyboardInterrupt: it was ended with Ctrl-C.
        """
        # each in a connection of its own, so that no late answer of the one is taken for the next's
        with self._daemon.connect() as client, JobBar() as bar:
            listener = Listener(lambda _event: None, bar.show)
            timeout_s = self._daemon.timeout_s
            exchange = Exchange(client, address, listener, timeout_s=timeout_s)
            exchange.send(arguments)
            try:
                answers = exchange.wait()
            except KeyboardInterrupt:
                if not ends_by:
                    exchange.cancel()
                    raise
                client.send(ends_by, arguments[0])
                answers = exchange.wait()
        answer = answers[0]
        if answer.outcome == "done":
            return answer.results
        if answer.outcome == "cancelled":
            raise JobError(answer.text)
        raise error_of(answer.code, answer.text)

    @contextmanager
    def grid(self) -> Iterator[str]:
        """A name for a grid that is closed at the end."""
        name = f"command line {uuid4().hex[:8]}"
        try:
            yield name
        finally:
            with self._daemon.connect() as client, suppress(SdaudioError):
                client.call("/sda/grid/close", name)


def errands(daemon: DaemonAddress) -> Errands:
    """Return the errands of a daemon of this machine, which is there.

    Raises:
        UsageError: it is on another one, where the files are not.
        NoAnswerError: there is none.
    """
    if not daemon.is_local:
        raise UsageError(
            f"The daemon at {daemon.host} does not see the files of this machine. Leave --server "
            "out, or run the command there."
        )
    with daemon.connect() as client:
        try:
            client.call("/sda/hello", *((daemon.token,) if daemon.token else ()))
        except NoAnswerError as error:
            raise NoAnswerError(f"{error} Without --server none is needed.") from error
    return Errands(daemon)


def absolute(path: Path) -> str:
    """Return a path as the daemon takes it."""
    return str(path.expanduser().absolute())
