"""``sdaudio call``: what it prints and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scripted_daemon import ScriptedDaemon

from sdaudio.audio import read_sound
from sdaudio_server.cli import main


@pytest.fixture
def call(daemon, capsys):
    """Call the daemon of all tests and return (exit code, output, error output)."""

    def run(*words: object, port: int = 0):
        code = main(["call", *(str(word) for word in words), "--port", str(port or daemon.port)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def scripted():
    started = []

    def start(script, until=""):
        started.append(ScriptedDaemon(script, until))
        return started[-1]

    yield start
    for daemon in started:
        daemon.close()


def test_an_answer_is_one_line_of_words(call, daemon):
    code, out, err = call("/sda/hello")
    assert (code, err) == (0, "")
    assert out.split()[0] == "sdaudio"
    assert out.split()[2:] == ["1", str(daemon.port), str(daemon.http_port)]


def test_nothing_is_printed_for_an_answer_without_results(call, scripted):
    daemon = scripted({"/sda/quit": [("/sda/done", "/sda/quit")]})
    assert call("/sda/quit", port=daemon.port) == (0, "", "")


def test_lines_that_come_before_the_answer_are_shown(call, grid):
    code, out, _ = call("/sda/grid/list")
    assert code == 0
    assert f"/sda/grid/state {grid} starter 3 " in out
    assert out.splitlines()[-1].isdigit()


def test_a_refusal_goes_to_the_error_output_and_says_what_to_do(call):
    code, out, err = call("/sda/grid/inf", "starter")
    assert (code, out) == (2, "")
    assert err.startswith("sdaudio: There is no command '/sda/grid/inf'. Did you mean")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["hello"], "An address begins with '/'"),
        ([""], "An address begins with '/'"),
        (["/sda/["], "is malformed"),
        (["/sda/help", "a" * 70_000], "a datagram holds 65507"),
    ],
)
def test_what_cannot_be_sent_is_wrong_usage(call, words, text):
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert text in err


def test_a_failure_that_is_no_wrong_usage_ends_with_1(call):
    code, _, err = call("/sda/grid/info", "no-such-grid")
    assert code in (1, 2)
    assert "no-such-grid" in err
    assert call("/sda/grid/encode", "x", "starter", "/nowhere.wav")[0] == 1


def test_negative_numbers_are_arguments(call):
    assert call("/sda/play/gain", "-6.5")[:2] == (0, "-6.5\n")
    assert call("/sda/play/gain", "0")[0] == 0


def test_types_are_forced(call):
    assert call("/sda/grid/new", "7", "starter", "4", "0", "--types", "ssff")[0] == 0
    assert call("/sda/grid/get", "7", "0", "0", "1")[1] == "7 0 0 0\n"
    assert call("/sda/grid/close", "7")[0] == 0
    assert call("/sda/hello", "--types", "i")[0] == 2


def test_a_job_is_waited_for_and_its_file_lands_where_the_caller_is(
    call, grid, tmp_path: Path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    code, out, err = call("/sda/grid/render", grid, "here.wav")
    assert (code, err) == (0, "")
    path, frames, rate, _ = out.split()
    assert Path(path) == tmp_path / "here.wav"
    assert read_sound(Path(path), int(rate)).shape[-1] == int(frames)
    code, out, _ = call("/sda/grid/encode", f"{grid}-again", "starter", "path", "here.wav")
    assert code == 2
    assert call("/sda/grid/encode", f"{grid}-again", "starter", "here.wav")[0] == 0
    assert call("/sda/grid/close", f"{grid}-again")[0] == 0


def test_a_pattern_gets_every_answer(call, grid):
    code, out, err = call("/sda/grid/{info,get}", grid, 0)
    assert code == 2
    assert out.startswith("/sda/grid/get ")
    assert err.startswith("sdaudio: /sda/grid/info: ")
    assert call("/sda/[a-r]*/nothing")[0] == 2


def test_one_json_object_tells_everything(call, grid, tmp_path: Path):
    code, out, err = call("/sda/grid/info", grid, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["outcome"] == "done"
    assert told["results"][:2] == [grid, "starter"]
    _, out, _ = call("/sda/grid/render", grid, tmp_path / "x.wav", "--json")
    assert json.loads(out)["job"] > 0
    _, out, _ = call("/sda/grid/list", "--json")
    assert [told[0] for told in json.loads(out)["messages"]].count("/sda/grid/state") >= 2


def test_json_tells_mistakes_too(call):
    code, out, err = call("/sda/grid/info", "--json")
    told = json.loads(out)
    assert (code, err) == (2, "")
    assert (told["outcome"], told["code"]) == ("failed", "usage")
    assert "missing" in told["text"]
    code, out, _ = call("/sda/hello", "--json", "--types", "q")
    assert (code, json.loads(out)["code"]) == (2, "usage")
    _, out, _ = call("/sda/grid/{info,get}", "--json")
    assert [each["outcome"] for each in json.loads(out)["answers"]] == ["failed", "failed"]


def test_no_daemon_is_noticed_at_once(call, scripted):
    daemon = scripted({})
    daemon.close()
    began = time.monotonic()
    code, _, err = call("/sda/hello", port=daemon.port)
    assert code == 3
    assert "'sdaudio serve' starts one" in err
    assert time.monotonic() - began < 2
    code, out, _ = call("/sda/hello", "--json", port=daemon.port)
    assert (code, json.loads(out)["outcome"]) == (3, "no answer")


def test_a_silent_daemon_is_no_answer(call, scripted):
    daemon = scripted({})
    assert call("/sda/hello", "--timeout", "0.05", port=daemon.port)[0] == 3


def test_a_token_is_shown_before_anything_else(call, scripted, monkeypatch):
    answers = {"/sda/hello": [("/sda/done", "/sda/hello")], "/x": [("/sda/done", "/x", "fine")]}
    daemon = scripted(answers)
    assert call("/x", "--token", "sesame", port=daemon.port) == (0, "fine\n", "")
    assert daemon.received[:2] == [("/sda/hello", "sesame"), ("/x",)]
    monkeypatch.setenv("SDAUDIO_TOKEN", "environ")
    daemon.script["/sda/hello"] = [("/sda/fail", "/sda/hello", "access", "The token is wrong.")]
    assert call("/x", port=daemon.port) == (1, "", "sdaudio: The token is wrong.\n")
    assert daemon.received[-1] == ("/sda/hello", "environ")


def test_the_token_of_the_own_daemon_is_known(closed_daemon, call, tmp_path, monkeypatch):
    code, _, err = call("/sda/status", "--timeout", "0.3", port=closed_daemon.port)
    # a stranger gets no more bytes than he sends, which here is nothing
    assert code == 3
    assert "asks for a token is silent without it" in err
    monkeypatch.setenv("SDAUDIO_CONFIG", str(closed_daemon.folder / "sdaudio.yaml"))
    assert call("/sda/status", port=closed_daemon.port)[0] == 0
    assert (
        call("/sda/status", "--host", "127.0.0.1", "--timeout", "0.3", port=closed_daemon.port)[0]
        == 3
    )
    monkeypatch.setenv("SDAUDIO_CONFIG", str(tmp_path / "open.yaml"))
    (tmp_path / "open.yaml").write_text("server: {bind: 0.0.0.0}\n")
    monkeypatch.setattr("sdaudio_server.shell.parsers.token_path", lambda: tmp_path / "token")
    (tmp_path / "token").write_text(f"{closed_daemon.token}\n")
    assert call("/sda/status", port=closed_daemon.port)[0] == 0


def test_a_host_without_address_is_a_mistake(call):
    code, _, err = call("/sda/hello", "--host", "no.such.host.invalid")
    assert code == 2
    assert "no.such.host.invalid" in err


def test_an_end_that_was_lost_on_the_way_is_not_waited_for(call, scripted):
    daemon = scripted({
        "/x": [("/sda/done", "/x", 4)],
        "/sda/job/list": [("/sda/done", "/sda/job/list", 0)],
    })  # fmt: skip
    assert call("/x", "--timeout", "0.05", port=daemon.port) == (0, "4\n", "")


def test_a_job_that_fails_or_is_cancelled_by_others_ends_with_1(call, scripted):
    for end in (("/sda/job/failed", 4, "/x", "job", "lost"), ("/sda/job/cancelled", 4, "/x")):
        answers = [("/sda/done", "/x", 4), end]
        daemon = scripted({"/x": answers, "/sda/sync": [("/sda/synced", 0x5DA)]})
        code, _, err = call("/x", port=daemon.port)
        assert code == 1
        assert ("lost" in err) or ("Job 4 was cancelled" in err)


_RUNNING = {
    "/x": [("/sda/done", "/x", 4), ("/sda/job/progress", 4, 0.5, 9.0, "half")],
    "/sda/job/list": [
        ("/sda/job/state", 3, "/x", "running", 0.5, 9.0, "another's"),
        ("/sda/job/state", 4, "/x", "running", 0.5, 9.0, "half"),
        ("/sda/done", "/sda/job/list", 2),
    ],
    "/sda/job/cancel": [
        ("/sda/done", "/sda/job/cancel", 4),
        ("/sda/job/cancelled", 4, "/x"),
        ("/sda/synced", 0x5DA),
    ],
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_cancels_the_job(scripted):
    daemon = scripted(_RUNNING, until="/sda/sync")
    command = [sys.executable, "-m", "sdaudio_server", "call", "/x", "--port", str(daemon.port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert daemon.waiting.wait(30)
        time.sleep(0.1)  # a signal before it waits would only end it
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == "sdaudio: Job 4 was cancelled.\n"
    assert [each for each in daemon.received if each[0] == "/sda/job/cancel"] == [
        ("/sda/job/cancel", 4)
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_cancels_a_real_job_and_no_other(daemon, client):
    ahead = [client.call("/sda/prior/sample", f"ahead-{i}", "starter", 30.0)[0] for i in range(6)]
    command = [
        sys.executable, "-m", "sdaudio_server", "call", "/sda/prior/sample", "mine", "starter",
        "30", "--port", str(daemon.port),
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not any(e[0] == "/sda/job/state" and e[1][0] > ahead[-1] for e in client.events):
            client.call("/sda/job/list")
        time.sleep(0.1)  # the answer has to reach it
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert "was cancelled" in process.stderr.read()
    for number in ahead:
        client.send("/sda/job/cancel", number)
    client.send("/sda/sync", 1)
    client.wait_for("/sda/synced", timeout_s=60.0)
    for name in ("mine", *(f"ahead-{i}" for i in range(6))):
        client.send("/sda/grid/close", name)
    client.call("/sda/hello")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo terminals")
def test_a_terminal_shows_how_far_a_job_is(scripted):
    import pty

    daemon = scripted(_RUNNING, until="/sda/sync")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sdaudio_server", "call", "/x", "--port", str(daemon.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        shown = b""
        while b"9 s left, half" not in shown:
            shown += os.read(ours, 4096)
        assert b"50 %" in shown
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stdout.read() == b""
    os.close(ours)
    os.close(theirs)
