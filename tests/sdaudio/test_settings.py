import dataclasses
from pathlib import Path

import pytest

from sdaudio.errors import FileError, UsageError
from sdaudio.resources import bundled
from sdaudio.settings import (
    FolderSettings,
    Settings,
    dump_settings,
    layers,
    load_settings,
    override,
    user_settings_path,
)


def _write(folder: Path, text: str) -> Path:
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_configuration_shows_every_setting_with_its_default():
    assert load_settings(bundled("config/default.yaml")) == Settings()
    text = bundled("config/default.yaml").read_text(encoding="utf-8")
    for section in dataclasses.fields(Settings):
        for key in dataclasses.fields(getattr(Settings(), section.name)):
            assert f"  {key.name}:" in text


def test_a_file_overrides_only_what_it_names(tmp_path: Path):
    settings = load_settings(_write(tmp_path, "server: {port: 7000}\ntraining:\n  minutes: 3\n"))
    assert settings.server.port == 7000
    assert settings.server.bind == "127.0.0.1"
    assert settings.training.minutes == 3.0
    assert type(settings.training.minutes) is float


@pytest.mark.parametrize(
    ("written", "port"), [("off", -1), ("'off'", -1), ("-1", -1), ("0", 0), ("8080", 8080)]
)
def test_the_http_port_can_be_off(tmp_path: Path, written: str, port: int):
    settings = load_settings(_write(tmp_path, f"server: {{http_port: {written}}}"))
    assert settings.server.http_port == port
    assert override(Settings(), "server", http_port="off").server.http_port == -1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("server: {prot: 1}", ["prot", "Did you mean 'port'"]),
        ("sever: {}", ["sever", "Did you mean 'server'"]),
        ("server: {port: 70000}", ["port is 70000", "0 to 65535"]),
        ("server: {port: loud}", ["port must be a whole number", "loud"]),
        ("server: {port: true}", ["port must be a whole number"]),
        ("server: {http_port: on}", ["must be a whole number or off, not True"]),
        ("server: {http_port: 70000}", ["-1 to 65535"]),
        ("server: {announce: sometimes}", ["auto, always, never"]),
        ("folders: {read: /tmp}", ["read must be a list"]),
        ("[1, 2]", ["must hold keys"]),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_is_allowed(tmp_path: Path, text: str, words):
    with pytest.raises(UsageError) as raised:
        load_settings(_write(tmp_path, text))
    for word in words:
        assert word in str(raised.value)


def test_a_missing_or_broken_file_is_a_file_error(tmp_path: Path):
    with pytest.raises(FileError, match="Cannot read"):
        load_settings(tmp_path / "none.yaml")
    with pytest.raises(FileError, match="not valid YAML"):
        load_settings(_write(tmp_path, "server: [unclosed"))


def test_without_a_file_the_users_own_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SDAUDIO_CONFIG", str(_write(tmp_path, "server: {port: 7001}")))
    assert load_settings().server.port == 7001
    monkeypatch.delenv("SDAUDIO_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "empty"))
    assert not user_settings_path().exists()
    assert load_settings() == Settings()


def test_each_layer_says_only_what_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "own.yaml").write_text("server: {port: 7001, token: own}\ngrids: {undo_steps: 5}\n")
    (tmp_path / "sdaudio.yaml").write_text("server: {port: 7002}\ntraining: {minutes: 4}\n")
    (tmp_path / "named.yaml").write_text("training:\n  minutes: 5\nmidi:\n")
    monkeypatch.setenv("SDAUDIO_CONFIG", str(tmp_path / "own.yaml"))
    monkeypatch.chdir(tmp_path)
    settings = load_settings(tmp_path / "named.yaml")
    assert (settings.server.token, settings.grids.undo_steps) == ("own", 5)
    assert (settings.server.port, settings.training.minutes) == (7002, 5.0)
    assert [layer.name for layer in layers(tmp_path / "named.yaml")] == [
        "own.yaml", "sdaudio.yaml", "named.yaml",
    ]  # fmt: skip
    (tmp_path / "sdaudio.yaml").write_text("server: {prot: 1}\n")
    with pytest.raises(UsageError, match=r"sdaudio\.yaml: server: unknown key 'prot'"):
        load_settings()


def test_dumped_settings_read_back(tmp_path: Path):
    settings = override(Settings(), "server", port=1234)
    assert load_settings(_write(tmp_path, dump_settings(settings))) == settings


def test_override_checks_like_a_file_and_leaves_none_alone():
    assert override(Settings(), "server", port=None) == Settings()
    with pytest.raises(UsageError, match="0 to 65535"):
        override(Settings(), "server", port=-1)


def test_paths_stay_inside_the_allowed_folders(tmp_path: Path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    folders = FolderSettings(read=(str(inside),), write=(str(inside),), output=str(inside))
    assert folders.readable(str(inside / "a.wav")) == inside / "a.wav"
    for path in (outside / "a.wav", inside / ".." / "out" / "a.wav", inside / "link" / "a.wav"):
        with pytest.raises(FileError, match=r"folders\.read"):
            folders.readable(str(path))
        with pytest.raises(FileError, match=r"folders\.write"):
            folders.writable(str(path))
    with pytest.raises(FileError):
        folders.readable("")
