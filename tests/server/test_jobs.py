"""Real worker processes: results, errors, cancelling, and workers that are killed."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from sdaudio.errors import FileError, JobError
from sdaudio.prior import SamplingOptions
from sdaudio.resources import starter_model
from sdaudio.settings import WorkerSettings
from sdaudio.tasks.requests import (
    Budget,
    CheckDataset,
    ColumnsMade,
    Decode,
    Decoded,
    Encode,
    Train,
    Warm,
)
from sdaudio.tasks.takes import Sample, Sampled
from sdaudio_server.jobs import Cancelled, CancelToken, JobTable, Lanes
from sdaudio_server.wire import Message

CODES = np.zeros((3, 4), np.uint16)
DECODE = Decode(starter_model(), CODES, (0, 1, 2))


def _with_lanes(work: Callable[[Lanes], Awaitable[None]], grace_s: float = 2.0) -> None:
    async def main() -> None:
        lanes = Lanes(WorkerSettings(cancel_grace_s=grace_s))
        try:
            async with asyncio.timeout(60):
                await work(lanes)
        finally:
            await lanes.close()

    asyncio.run(main())


def _sampling(n_columns: int = 20_000) -> Sample:
    return Sample(starter_model(), n_columns, SamplingOptions(seed=1))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def test_a_request_is_answered_from_another_process():
    async def work(lanes: Lanes) -> None:
        decoded = await lanes.run(DECODE)
        assert isinstance(decoded, Decoded)
        assert decoded.audio.shape == (4 * 1024,)
        assert lanes["live"].worker_pid != os.getpid()

    _with_lanes(work)


def test_an_error_crosses_with_its_class_and_text(tmp_path: Path):
    async def work(lanes: Lanes) -> None:
        with pytest.raises(FileError, match="no model file"):
            await lanes.run(Warm(tmp_path / "none.sda"))
        assert isinstance(await lanes.run(DECODE), Decoded)

    _with_lanes(work)


def test_requests_of_one_lane_are_answered_in_order():
    async def work(lanes: Lanes) -> None:
        order: list[int] = []

        async def one(number: int) -> None:
            await lanes.run(DECODE)
            order.append(number)

        await asyncio.gather(*(one(number) for number in range(8)))
        assert order == list(range(8))

    _with_lanes(work)


def test_a_killed_worker_fails_its_request_and_is_replaced():
    async def work(lanes: Lanes) -> None:
        made: list[ColumnsMade] = []
        running = asyncio.ensure_future(
            lanes.run(
                _sampling(), on_report=lambda r: made.append(r) if isinstance(r, ColumnsMade) else 0
            )
        )
        await _until(lambda: bool(made))
        first = lanes["render"].worker_pid
        assert first
        os.kill(first, signal.SIGKILL)
        with pytest.raises(JobError, match="lost"):
            await running
        again = await lanes.run(_sampling(10))
        assert isinstance(again, Sampled)
        assert lanes["render"].worker_pid not in (None, first)

    _with_lanes(work)


def test_a_waiting_request_survives_the_worker_it_waited_for():
    async def work(lanes: Lanes) -> None:
        made: list[object] = []
        running = asyncio.ensure_future(lanes.run(_sampling(), on_report=made.append))
        waiting = asyncio.ensure_future(lanes.run(_sampling(10)))
        await _until(lambda: bool(made))
        os.kill(lanes["render"].worker_pid or 0, signal.SIGKILL)
        with pytest.raises(JobError):
            await running
        assert isinstance(await waiting, Sampled)

    _with_lanes(work)


def test_cancelling_ends_a_request_at_a_column_and_keeps_the_worker():
    async def work(lanes: Lanes) -> None:
        token, made = CancelToken(), []
        running = asyncio.ensure_future(lanes.run(_sampling(), on_report=made.append, token=token))
        await _until(lambda: bool(made))
        pid = lanes["render"].worker_pid
        token.cancel()
        result = await running
        assert isinstance(result, Sampled)
        assert 0 < result.codes.shape[1] < 20_000
        assert lanes["render"].worker_pid == pid

    _with_lanes(work)


def test_a_request_cancelled_while_it_waits_never_runs():
    async def work(lanes: Lanes) -> None:
        token = CancelToken()
        running = asyncio.ensure_future(lanes.run(_sampling(50)))
        waiting = asyncio.ensure_future(lanes.run(_sampling(50), token=token))
        await asyncio.sleep(0)
        token.cancel()
        with pytest.raises(Cancelled):
            await waiting
        assert isinstance(await running, Sampled)

    _with_lanes(work)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process")
def test_a_worker_that_does_not_stop_is_replaced():
    async def work(lanes: Lanes) -> None:
        token, made = CancelToken(), []
        running = asyncio.ensure_future(lanes.run(_sampling(), on_report=made.append, token=token))
        await _until(lambda: bool(made))
        pid = lanes["render"].worker_pid or 0
        os.kill(pid, signal.SIGSTOP)
        token.cancel()
        with pytest.raises(Cancelled):
            await running
        assert isinstance(await lanes.run(_sampling(10)), Sampled)
        assert lanes["render"].worker_pid != pid

    _with_lanes(work, grace_s=0.3)


def test_no_worker_outlives_its_lanes():
    pids: list[int] = []

    async def work(lanes: Lanes) -> None:
        await asyncio.gather(lanes.run(DECODE), lanes.run(_sampling(4)))
        pids.extend(lanes[name].worker_pid or 0 for name in ("live", "render"))

    _with_lanes(work)
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_lanes_close_while_requests_run_that_nobody_waits_for_any_more():
    async def work(lanes: Lanes) -> None:
        made: list[object] = []
        running = asyncio.ensure_future(lanes.run(_sampling(), on_report=made.append))
        waiting = asyncio.ensure_future(lanes.run(_sampling(50)))
        await _until(lambda: bool(made))
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        await lanes.close()

    _with_lanes(work)


class _Peer:
    description = "test"
    is_open = True


def _table(lanes: Lanes, sent: list[Message]) -> JobTable:
    return JobTable(lanes, lambda _peer, message: sent.append(message))


def _terminal(sent: list[Message]) -> list[Message]:
    ends = ("/sda/job/done", "/sda/job/failed", "/sda/job/cancelled")
    return [message for message in sent if message.address in ends]


def test_a_job_has_one_terminal_answer_however_it_ends(tmp_path: Path):
    async def work(lanes: Lanes) -> None:
        sent: list[Message] = []
        table = _table(lanes, sent)

        async def good(job):
            await job.run(_sampling(4))
            return ("x",)

        async def missing(job):
            await job.run(Encode(starter_model(), tmp_path / "none.wav"))
            return ()

        async def bug(job):
            raise ZeroDivisionError("oops")

        for run in (good, missing, bug):
            table.start("/test", _Peer(), run)
        await _until(lambda: len(table) == 0)
        ends = {message.arguments[0]: message for message in _terminal(sent)}
        assert len(_terminal(sent)) == 3
        assert ends[1] == Message("/sda/job/done", (1, "/test", "x"))
        assert ends[2].arguments[1:3] == ("/test", "file")
        assert ends[3].arguments[2:] == ("error", "ZeroDivisionError: oops")

    _with_lanes(work)


def test_closing_the_table_ends_a_training_politely(sound_folder: Path, tmp_path: Path):
    async def work(lanes: Lanes) -> None:
        sent: list[Message] = []
        reports: list[object] = []
        table = _table(lanes, sent)
        request = Train(
            "t", sound_folder, tmp_path / "t.sda", Budget("draft", 5.0, 1, "cpu"), 2, "auto",
            True, 64, 0.25, 48_000, 0,
        )  # fmt: skip

        async def training(job):
            trained = await job.run(request, on_report=reports.append)
            return (int(trained.complete), trained.steps)

        table.start("/test", _Peer(), training)
        await _until(lambda: bool(reports))
        await table.close()
        [end] = _terminal(sent)
        assert end.address == "/sda/job/done"
        assert end.arguments[2] == 0
        assert (tmp_path / "t.sda").is_file()

    _with_lanes(work)


def test_a_dataset_is_checked_in_the_training_worker(sound_folder: Path):
    async def work(lanes: Lanes) -> None:
        found = await lanes.run(
            CheckDataset(sound_folder, 48_000, 3, "auto", Budget("draft", 0.02, 1, "cpu"))
        )
        assert found.n_used == 8
        assert found.codebook_size == 64
        assert found.prediction.steps > 0

    _with_lanes(work)
