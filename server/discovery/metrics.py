"""``/metrics``: how the daemon is, in the text format that Prometheus and others read.

Reference: the exposition format 0.0.4 of Prometheus.
"""

import gc
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import sdaudio

from ..context import Context

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

_Sample = tuple[str, float]
_Metric = tuple[str, str, str, list[_Sample]]


def metrics(context: Context) -> str:
    """Return everything that is measured, a line each."""
    lines = []
    for name, kind, about, samples in _all(context):
        lines += [f"# HELP sdaudio_{name} {about}", f"# TYPE sdaudio_{name} {kind}"]
        lines += [f"sdaudio_{name}{labels} {value:.10g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _all(context: Context) -> Iterator[_Metric]:
    yield "info", "gauge", "Version of the daemon.", [(f'{{version="{sdaudio.__version__}"}}', 1)]
    uptime_s = time.monotonic() - context.started_at
    yield "uptime_seconds", "gauge", "Since the start.", [("", uptime_s)]
    states = [job.state for job in context.jobs]
    yield "jobs", "gauge", "Jobs by their state.", [
        (f'{{state="{state}"}}', states.count(state)) for state in ("running", "waiting")
    ]  # fmt: skip
    yield "worker_up", "gauge", "Whether the process of a lane is ready.", [
        *((f'{{lane="{lane.name}"}}', float(lane.alive)) for lane in context.lanes),
        ('{lane="playback"}', float(bool(context.transport.playback_pid))),
    ]  # fmt: skip
    yield "worker_degraded", "gauge", "Whether jobs of a lane are refused.", [
        (f'{{lane="{lane.name}"}}', float(bool(lane.degraded))) for lane in context.lanes
    ]  # fmt: skip
    yield "workers_lost_total", "counter", "Processes that died or hung.", [
        (f'{{lane="{lane.name}"}}', lane.n_lost) for lane in context.lanes
    ]  # fmt: skip
    heard = context.transport.player.device_state[2]
    yield "sound_heard", "gauge", "Whether there is a sound card.", [("", heard)]
    yield "blocks_missed_total", "counter", "Blocks of sound that came too late.", [
        ("", context.transport.player.playback.missed_blocks())
    ]  # fmt: skip
    yield "grids", "gauge", "Open grids.", [("", sum(1 for _ in context.sessions))]
    yield "models_loaded", "gauge", "Loaded models.", [("", len(context.library.loaded))]
    yield "clients", "gauge", "Subscribed clients.", [("", len(context.clients))]
    totals = context.network.totals
    yield "packets_total", "counter", "Packets that came.", [("", totals.packets)]
    yield "packets_malformed_total", "counter", "Packets that were no OSC.", [
        ("", totals.malformed)
    ]  # fmt: skip
    yield "packets_dropped_total", "counter", "Packets that came too quickly.", [
        ("", totals.dropped)
    ]  # fmt: skip
    yield "messages_unsent_total", "counter", "Answers and events that could not be sent.", [
        ("", totals.unsent)
    ]  # fmt: skip
    yield "tcp_connections", "gauge", "Clients over TCP.", [("", totals.connections)]
    yield from _process()


def _process() -> Iterator[_Metric]:
    yield "threads", "gauge", "Threads of the daemon.", [("", threading.active_count())]
    yield "collections_total", "counter", "Full collections of garbage.", [
        ("", gc.get_stats()[-1]["collections"])
    ]  # fmt: skip
    own = Path("/proc/self")
    if own.is_dir():
        pages = int((own / "statm").read_text().split()[1])
        memory = pages * os.sysconf("SC_PAGE_SIZE")
        yield "resident_memory_bytes", "gauge", "Memory of the daemon.", [("", memory)]
        n_open = len(list((own / "fd").iterdir()))
        yield "open_files", "gauge", "File descriptors of the daemon.", [("", n_open)]
