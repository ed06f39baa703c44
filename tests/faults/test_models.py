"""Bad models get an error that says what is wrong, soon, in little memory; nothing is executed."""

import io
import json
import os
import pickle
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sdaudio.errors import FileError
from sdaudio.resources import starter_model
from sdaudio_server.client import Client

Head = dict[str, Any]
WHOLE = starter_model().read_bytes()


def parts() -> tuple[Head, bytes]:
    length = struct.unpack("<Q", WHOLE[:8])[0]
    return json.loads(WHOLE[8 : 8 + length]), WHOLE[8 + length :]


def joined(head: Head | bytes, data: bytes) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + data


def headed(change: Callable[[Head], None]) -> bytes:
    head, data = parts()
    change(head)
    return joined(head, data)


def recorded(change: Callable[[dict[str, Any]], None]) -> bytes:
    head, data = parts()
    record = json.loads(head["__metadata__"]["sda"])
    change(record)
    head["__metadata__"]["sda"] = json.dumps(record)
    return joined(head, data)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch /tmp/sdaudio-was-executed",)


def pickled() -> bytes:
    return pickle.dumps(Bomb())


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Bomb()))
    return content.getvalue()


def many() -> bytes:
    head, data = parts()
    first = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    return joined({**head, **{f"t{number}": first for number in range(300_000)}}, data)


def twice() -> bytes:
    head, data = parts()
    text = json.dumps(head)
    again = '"quantizer.codebooks": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, '
    return joined(("{" + again + text[1:]).encode(), data)


def no_number() -> bytes:
    middle = len(WHOLE) // 2
    return WHOLE[:middle] + b"\xff" * 1000 + WHOLE[middle + 1000 :]


def set_in(head: Head, name: str, **values: Any) -> None:
    head[name].update(values)


CODEBOOKS = "quantizer.codebooks"
BAD: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "seven bytes": lambda: WHOLE[:7],
    "truncated head": lambda: WHOLE[:1000],
    "truncated data": lambda: WHOLE[:-1],
    "something behind": lambda: WHOLE + b"more",
    "a head of 2^63 bytes": lambda: struct.pack("<Q", 2**63) + WHOLE[8:],
    "nested a million times": lambda: joined(b"[" * 1_000_000, b""),
    "no json": lambda: joined(b"\xff\xfe{}", b""),
    "a list": lambda: joined(b"[1, 2, 3]", b""),
    "no record": lambda: headed(lambda head: head.pop("__metadata__")),
    "no codebooks": lambda: headed(lambda head: head.pop(CODEBOOKS)),
    "overlapping": lambda: headed(
        lambda head: set_in(head, "pca.mean", data_offsets=head["pca.scale"]["data_offsets"])
    ),
    "negative": lambda: headed(lambda head: set_in(head, CODEBOOKS, data_offsets=[-4, 4])),
    "huge offsets": lambda: headed(lambda head: set_in(head, CODEBOOKS, data_offsets=[0, 2**62])),
    "wrong shape": lambda: headed(lambda head: set_in(head, CODEBOOKS, shape=[3, 64, 64])),
    "wrong type": lambda: headed(lambda head: set_in(head, CODEBOOKS, dtype="I32")),
    "unknown type": lambda: headed(lambda head: set_in(head, CODEBOOKS, dtype="Q7")),
    "version 1": lambda: recorded(lambda record: record.update(version=1)),
    "version 99": lambda: recorded(lambda record: record.update(version=99)),
    "another format": lambda: recorded(lambda record: record.update(format="../../etc/passwd")),
    "9 levels": lambda: recorded(lambda record: record["codec"].update(n_levels=9)),
    "a latent of a billion": lambda: recorded(lambda r: r["codec"].update(latent_dim=10**9)),
    "lists for texts": lambda: recorded(lambda record: record.update(level_names=[[], {}, 3])),
    "not a number": no_number,
    "a pickle": pickled,
    "a zip": zipped,
    "300000 tensors": many,
    "a key twice": twice,
}


@pytest.fixture
def client(spare_daemon: Any) -> Iterator[Client]:
    with spare_daemon.client() as client:
        yield client


def memory_of(pid: int) -> int:
    """The most memory that a process has had so far, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_model_is_refused_soon_with_what_is_wrong(kind: str, client: Client, spare_daemon):
    content = BAD[kind]()
    path = spare_daemon.folder / "models" / "bad.sda"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    pid = spare_daemon.process.pid
    before, began = memory_of(pid), time.monotonic()
    with pytest.raises(FileError) as raised:
        client.call("/sda/model/verify" if kind == "not a number" else "/sda/model/load", "bad")
    assert time.monotonic() - began < 2
    assert "bad.sda" in str(raised.value)
    assert "Traceback" not in str(raised.value)
    # it stands in the list, with a reason, and does not break that
    client.events.clear()
    assert client.call("/sda/model/list") == (2,)
    problems = {v[0]: v[7] for address, v in client.events if address == "/sda/model/item"}
    assert problems["starter"] == ""
    assert problems["bad"] or kind == "not a number"
    assert memory_of(pid) - before < max(2 * len(content), 20 << 20)
    assert not Path("/tmp/sdaudio-was-executed").exists()
    path.unlink()
