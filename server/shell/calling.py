"""``sdaudio call``: send one command, wait until it has ended, and tell how."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sdaudio.errors import NoAnswerError, SdaudioError, UsageError

from ..client import Client, DaemonAddress, Event
from ..patterns import is_pattern
from .exchange import Answer, Exchange, Listener, as_record
from .terminal import JobBar, tell
from .usage import Usage, parse_usage
from .words import read_words, show_words

_FAILED, _WRONG, _NO_ANSWER, _INTERRUPTED = 1, 2, 3, 130


def call(
    words: Sequence[str], daemon: DaemonAddress, *, types: str = "", as_json: bool = False
) -> int:
    """Send a command, print what it answers, and return the exit code.

    Args:
        words: the address and its arguments, as the shell gives them.
        daemon: where the daemon is. A job may take as long as it likes while the daemon says that
            it runs.
        types: see `read_words`.
        as_json: print one JSON object instead of lines.

    Returns:
        0 done, 1 failed, 2 wrong usage, 3 no daemon or no answer, 130 cancelled by Ctrl-C.
    """
    address, *rest = words
    messages: list[Event] = []
    interrupted = False

    def hear(event: Event) -> None:
        messages.append(event)
        if not as_json:
            print(event[0], show_words(event[1]), flush=True)

    with contextlib.ExitStack() as stack:
        bar = stack.enter_context(JobBar())
        try:
            if not address.startswith("/"):
                raise UsageError(
                    f"An address begins with '/', as /sda/hello; '{address}' does not."
                )
            arguments, tags = read_words(rest, types)
            client = stack.enter_context(daemon.connect())
            if daemon.is_local and not tags:
                arguments = absolute_paths(client, address, arguments)
            listener = Listener(hear, bar.show)
            exchange = Exchange(client, address, listener, timeout_s=daemon.timeout_s)
            exchange.send(arguments, tags)
            try:
                answers = exchange.wait()
            except KeyboardInterrupt:
                interrupted = True
                answers = exchange.cancel()
        except NoAnswerError as error:
            answers = [Answer(address, "no answer", code="no_answer", text=str(error))]
        except SdaudioError as error:
            answers = [Answer(address, "failed", code=error.code, text=str(error))]
    if as_json:
        print(_json(address, answers, messages))
    else:
        _print_lines(address, answers)
    if interrupted:
        return _INTERRUPTED
    return next((code for code in map(_exit_code, answers) if code), 0)


def absolute_paths(client: Client, address: str, arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Return arguments in which relative paths are absolute, since the daemon runs elsewhere.

    Raises:
        NoAnswerError: the daemon does not say what the arguments are called.
    """
    if is_pattern(address) or not any(isinstance(value, str) for value in arguments):
        return tuple(arguments)
    try:
        usage = parse_usage(str(client.call("/sda/help", address)[0]))
    except UsageError:
        # the command itself will be refused, with a better text
        usage = Usage(address)
    words = [str(value) for value in arguments]
    return tuple(
        str(Path.cwd() / value)
        if isinstance(value, str)
        and value
        and not value.startswith("~")
        and usage.names_path(words[:position])
        else value
        for position, value in enumerate(arguments)
    )


def _exit_code(answer: Answer) -> int:
    if answer.outcome == "done":
        return 0
    return {"usage": _WRONG, "no_answer": _NO_ANSWER}.get(answer.code, _FAILED)


def _json(address: str, answers: Sequence[Answer], messages: Sequence[Event]) -> str:
    told = [[name, *values] for name, values in messages]
    record: dict[str, object]
    if is_pattern(address):
        failed = [answer.outcome for answer in answers if answer.outcome != "done"]
        record = {
            "address": address,
            "outcome": failed[0] if failed else "done",
            "answers": [as_record(answer) for answer in answers],
        }
    else:
        record = as_record(answers[0])
    return json.dumps({**record, "messages": told}, ensure_ascii=False)


def _print_lines(address: str, answers: Sequence[Answer]) -> None:
    several = is_pattern(address)
    for answer in answers:
        if answer.outcome != "done":
            where = f"{answer.address}: " if several else ""
            tell(f"{where}{answer.text}")
        elif several:
            print(answer.address, show_words(answer.results))
        elif answer.results:
            print(show_words(answer.results))
