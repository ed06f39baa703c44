"""The announcement by zeroconf, heard by zeroconf's own browser on loopback."""

import asyncio
import builtins
import socket

import pytest
from zeroconf import ServiceListener, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from sdaudio_server.discovery import announce
from sdaudio_server.discovery.announce import OSC_TYPE, QUERY_TYPE


class _Found(ServiceListener):
    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.changed = asyncio.Event()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.names[type_] = name
        self.changed.set()

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.names.pop(type_, None)
        self.changed.set()

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        pass

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.names) != count:
                self.changed.clear()
                await self.changed.wait()


async def _resolve(zeroconf: AsyncZeroconf, kind: str, name: str) -> AsyncServiceInfo:
    info = AsyncServiceInfo(kind, name)
    assert await info.async_request(zeroconf.zeroconf, 3000)
    return info


def test_both_services_are_found_resolved_and_taken_back():
    async def run() -> None:
        zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
        announcement = await announce("127.0.0.1", osc_port=5630, http_port=5631)
        assert announcement.problem == ""
        found = _Found()
        browser = AsyncServiceBrowser(zeroconf.zeroconf, [OSC_TYPE, QUERY_TYPE], listener=found)
        await found.until(2)
        for kind, port in ((OSC_TYPE, 5630), (QUERY_TYPE, 5631)):
            info = await _resolve(zeroconf, kind, found.names[kind])
            assert info.name == f"{announcement.name}.{kind}"
            assert info.port == port
            assert info.parsed_addresses() == ["127.0.0.1"]
        await announcement.close()
        await found.until(0)
        await browser.async_cancel()
        await zeroconf.async_close()

    asyncio.run(run())


def test_without_oscquery_only_osc_is_announced_and_a_second_daemon_gets_another_name():
    async def run() -> None:
        first = await announce("127.0.0.1", osc_port=5630, http_port=0)
        second = await announce("127.0.0.1", osc_port=5640, http_port=0)
        assert first.name == f"sdaudio on {socket.gethostname().split('.')[0]}"
        assert second.name == f"{first.name}, port 5640"
        await second.close()
        await first.close()

    asyncio.run(run())


def test_without_the_package_the_reason_is_told(monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def refuse(name: str, *rest: object, **named: object) -> object:
        if name.partition(".")[0] == "zeroconf":
            raise ImportError(name)
        return real(name, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    announcement = asyncio.run(announce("127.0.0.1", osc_port=5630, http_port=5631))
    assert "pip install 'sdaudio[discovery]'" in announcement.problem
    asyncio.run(announcement.close())


# zeroconf leaves a socket open when another of the same call cannot be bound
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_network_that_refuses_is_no_error():
    # an address that is none of this machine's
    announcement = asyncio.run(announce("192.0.2.1", osc_port=5630, http_port=5631))
    assert "the network refuses it" in announcement.problem


def test_a_daemon_announces_itself_when_its_settings_ask_for_it(new_daemon, tmp_path):
    (tmp_path / "always.yaml").write_text("server: {announce: always}\n")
    running = new_daemon(environment={"SDAUDIO_CONFIG": str(tmp_path / "always.yaml")})
    assert "announced as 'sdaudio on " in running.welcome


def test_a_daemon_on_loopback_announces_nothing_by_itself(daemon):
    assert "announced" not in daemon.welcome
