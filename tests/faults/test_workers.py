"""Workers may die, stop or hang: it is told, one job fails, a replacement works, nothing leaks."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sdaudio.errors import JobError
from sdaudio_server.client import Client

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are looked at under /proc"
)
LANES = ("live", "render")


@pytest.fixture(scope="module")
def daemon(spare_daemon: Any) -> Any:
    return spare_daemon


@pytest.fixture
def client(daemon: Any) -> Iterator[Client]:
    with daemon.client() as client, daemon.client() as warm:
        warm.job("/sda/grid/render", "starter")
        client.call("/sda/subscribe")
        yield client


def worker(client: Client, lane: str) -> tuple[int, int, str]:
    """Process id, whether it is ready, and why its jobs are refused."""
    client.events.clear()
    client.call("/sda/worker/list")
    _, pid, ready, reason = client.wait_for("/sda/worker/state", lambda v: v[0] == lane)
    return int(pid), int(ready), str(reason)


def until(is_so: Callable[[], object], *, timeout_s: float, what: str) -> float:
    """Wait for something; returns the seconds that it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < timeout_s, f"{what}: not within {timeout_s} s"
        time.sleep(0.02)
    return time.monotonic() - began


def use(client: Client, lane: str) -> None:
    """Let a lane work, and wait for what comes of it."""
    if lane == "render":
        assert client.job("/sda/prior/sample", "used", "starter", 0.5, "seed", 1)[1] == 23
        client.call("/sda/grid/close", "used")
    else:
        client.call("/sda/play/code", "starter", 0, 5)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_worker_that_dies_is_told_and_replaced_within_a_second(
    client: Client, lane: str, number: signal.Signals
):
    until(lambda: worker(client, lane)[1], timeout_s=5, what=f"the {lane} worker is ready")
    pid, _, _ = worker(client, lane)
    assert pid > 0
    client.events.clear()
    began = time.monotonic()
    os.kill(pid, number)
    client.wait_for("/sda/worker/state", lambda v: v[0] == lane and v[2] == 0, timeout_s=2)
    client.wait_for("/sda/worker/state", lambda v: v[0] == lane and v[2] == 1, timeout_s=5)
    assert time.monotonic() - began < 5
    assert worker(client, lane)[0] not in (0, pid)
    use(client, lane)
    # lived long enough for the next death not to be one of a row
    time.sleep(2.2)


@pytest.mark.parametrize("lane", LANES)
def test_a_worker_that_stops_is_ended_within_ten_seconds_and_keeps_nobody(
    client: Client, daemon: Any, lane: str
):
    until(lambda: worker(client, lane)[1], timeout_s=5, what=f"the {lane} worker is ready")
    pid, _, _ = worker(client, lane)
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    with daemon.client() as other:
        # more than a pipe holds is on its way to it
        other.send("/sda/grid/new", "long", "starter", 40_000)
        for _ in range(20):
            other.send("/sda/grid/render", "long")
            other.send("/sda/play/loop", "long")
        slowest = 0.0
        while worker(client, lane)[0] == pid:
            asked = time.monotonic()
            client.call("/sda/hello")
            slowest = max(slowest, time.monotonic() - asked)
            assert time.monotonic() - began < 12
            time.sleep(0.05)
        assert slowest < 1.0
        other.call("/sda/grid/close", "long")
        for job, *_ in jobs(client):
            other.send("/sda/job/cancel", job)
    until(lambda: not jobs(client), timeout_s=20, what="jobs end")
    until(lambda: worker(client, lane)[1], timeout_s=5, what="the next one is ready")
    use(client, lane)


def jobs(client: Client) -> list[tuple[Any, ...]]:
    client.events.clear()
    client.call("/sda/job/list")
    return [values for address, values in client.events if address == "/sda/job/state"]


def test_a_job_of_a_worker_that_stops_ends_in_one_message(client: Client):
    (job,) = client.call("/sda/prior/sample", "stopped", "starter", 30.0, "seed", 1)
    client.wait_for("/sda/job/progress", timeout_s=10)
    pid, _, _ = worker(client, "render")
    assert pid > 0
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(JobError, match="no sign of life for 8 s"):
        client.wait_for_job(int(job), timeout_s=12)
    client.call("/sda/hello")
    ends = ("/sda/job/done", "/sda/job/failed", "/sda/job/cancelled")
    assert not [1 for address, values in client.events if address in ends and values[0] == job]
    client.send("/sda/grid/close", "stopped")
    use(client, "render")


def test_a_playback_that_stops_is_replaced_and_keeps_nobody(client: Client):
    client.call("/sda/play/loop", "starter")
    pid, _, _ = worker(client, "playback")
    assert pid > 0
    os.kill(pid, signal.SIGSTOP)
    began, slowest = time.monotonic(), 0.0
    for number in range(3000):
        client.send("/sda/grid/set", "starter", 0, number % 200, number % 128)
        client.send("/sda/play/column", "starter", number % 200)
        if number % 100 == 0:
            asked = time.monotonic()
            client.call("/sda/hello")
            slowest = max(slowest, time.monotonic() - asked)
    assert slowest < 1.0

    def is_replaced() -> bool:
        return worker(client, "playback")[0] not in (0, pid)

    until(is_replaced, timeout_s=12 - (time.monotonic() - began), what="another one plays")
    # what looped goes on
    client.events.clear()
    first = client.wait_for("/sda/play/head", timeout_s=5)
    client.wait_for("/sda/play/head", lambda v: v[1:] != first[1:], timeout_s=5)
    client.call("/sda/play/silence")


def test_one_that_keeps_dying_is_degraded_and_lives_again(client: Client):
    def kill() -> bool:
        pid, ready, reason = worker(client, "render")
        if pid and ready:
            os.kill(pid, signal.SIGKILL)
        return bool(reason)

    until(kill, timeout_s=20, what="the lane is degraded")
    with pytest.raises(JobError, match="ends as soon as it is started"):
        client.job("/sda/prior/sample", "refused", "starter", 0.5)
    # it is tried again, and nobody kills it now
    until(lambda: not worker(client, "render")[2], timeout_s=15, what="it lives again")
    client.send("/sda/grid/close", "refused")
    use(client, "render")


def test_nothing_leaks_when_workers_die(client: Client, daemon: Any):
    def held() -> tuple[int, int, int]:
        pid = daemon.process.pid
        children = sum(
            len((task / "children").read_text().split())
            for task in Path(f"/proc/{pid}/task").iterdir()
        )
        shared = sum(1 for _ in Path("/dev/shm").iterdir())
        return len(list(Path(f"/proc/{pid}/fd").iterdir())), children, shared

    use(client, "render")
    before = held()
    for _ in range(4):
        for lane in LANES:
            pid, _, _ = worker(client, lane)
            assert pid > 0
            os.kill(pid, signal.SIGKILL)

            def is_replaced(lane: str = lane, pid: int = pid) -> bool:
                now, ready, _ = worker(client, lane)
                return bool(ready) and now != pid

            until(is_replaced, timeout_s=5, what="the next one is ready")
        time.sleep(2.2)
    use(client, "render")
    until(lambda: all(now <= was for now, was in zip(held(), before, strict=True)), timeout_s=5,
          what=f"as much is held as before, {before}")  # fmt: skip
