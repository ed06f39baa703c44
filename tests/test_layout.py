"""The layout shows the architecture: imports run one way and each foreign library has one home."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the ground up. A module imports from lower floors, and inside its own room.
LIBRARY_FLOORS = (
    {"errors"},
    {"resources", "settings", "header", "codebooks", "noise", "rhythms"},
    {"modelfile", "presets"},
    {"audio", "grid", "health", "inspection", "provenance"},
    {"dataset", "document", "render", "prior", "metrics", "factors"},
    {"codec", "sources", "rests"},
    {"losses", "edits", "neighbours"},
    {"training", "plots", "quality", "descriptors", "templates"},
    {"tasks"},
    {"api", "starter"},
)
SERVER_FLOORS = (
    {"wire", "allowance", "trash", "supervision"},
    {
        "access",
        "registry",
        "patterns",
        "scheduling",
        "jobs",
        "library",
        "playback",
        "buffers",
        "stale",
        "journal",
        "scsynth",
        "tempo",
    },
    {"sessions", "clients", "access", "previews"},
    {"rendering", "network", "player", "renders", "descriptors", "templates", "takes"},
    {"tracks"},
    {"notes", "stage"},
    {"transport"},
    {"state", "comparison", "instrument"},
    {"listening", "midi"},
    {"context"},
    {"commands"},
    {"dispatch", "reference", "discovery", "manual"},
    {"app", "client", "report"},
    {"shell"},
    {"console"},
    {"demo"},
    {"cli"},
    {"__main__"},
)
HOMES = {
    "soundfile": {"sdaudio/audio"},
    "soxr": {"sdaudio/audio"},
    "torchaudio": {"sdaudio/audio"},
    "yaml": {"sdaudio/settings.py"},
    "safetensors": {"sdaudio/modelfile.py"},
    "matplotlib": {"sdaudio/plots"},
    "msgspec": {"sdaudio/header.py", "sdaudio/modelfile.py", "sdaudio/training/checkpoint.py"},
    "sounddevice": {"server/playback"},
    "mido": {"server/midi/ports.py"},
    "pythonosc": {"server/client.py"},
    "h11": {"server/discovery/connection.py"},
    "zeroconf": {"server/discovery/announce.py"},
    "wsproto": {"server/discovery/websocket.py"},
    "sqlite3": {"server/journal"},
    "multiprocessing": {"server/jobs", "server/playback"},
    "rich": {"server/console/training.py", "server/report.py", "server/shell/terminal.py"},
    "asyncio": {"server"},
}


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    """Absolute dotted names of everything a file imports; relative ones resolved."""
    package = path.relative_to(ROOT).parts
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[:-1][: len(package) - node.level]) if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{name}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            found |= {a.value for a in node.args if isinstance(a, ast.Constant)}
    return found


def _room(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


@pytest.mark.parametrize(
    ("package", "floors"), [("sdaudio", LIBRARY_FLOORS), ("server", SERVER_FLOORS)]
)
def test_imports_run_one_way(package: str, floors: tuple[set[str], ...]):
    height = {room: floor for floor, rooms in enumerate(floors) for room in rooms}
    wrong = []
    for path in _modules(package):
        room = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        assert room in height, f"{path} has no floor"
        for name in _imports(path):
            if not name.startswith(f"{package}.") or _room(name) not in height:
                continue
            other = _room(name)
            if other != room and height[other] >= height[room]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_the_library_knows_no_server():
    known = [
        f"{path} imports {name}"
        for path in _modules("sdaudio")
        for name in _imports(path)
        if name.split(".")[0] in ("server", "sdaudio_server")
    ]
    assert not known


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_foreign_library_has_one_home(library: str):
    users = {
        str(path.relative_to(ROOT))
        for package in ("sdaudio", "server")
        for path in _modules(package)
        if library in {name.split(".")[0] for name in _imports(path)}
    }
    assert users, f"nobody uses {library}"
    strangers = {u for u in users if not any(u.startswith(home) for home in HOMES[library])}
    assert not strangers


@pytest.mark.parametrize(
    "module",
    [
        "sdaudio_server.app",
        "sdaudio_server.cli",
        "sdaudio.tasks.rendering",
        "sdaudio.tasks.training",
    ],
)
def test_daemon_and_workers_start_without_torch_and_librosa(module: str):
    code = f"import sys, {module}; print([m for m in ('torch', 'librosa') if m in sys.modules])"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"


def test_every_package_is_listed_for_the_wheel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {
        ".".join(path.parent.relative_to(ROOT).parts).replace("server", "sdaudio_server", 1)
        if path.parent.relative_to(ROOT).parts[0] == "server"
        else ".".join(path.parent.relative_to(ROOT).parts)
        for package in ("sdaudio", "server")
        for path in (ROOT / package).rglob("__init__.py")
    }
    data = {
        "sdaudio.config", "sdaudio.config.midi", "sdaudio.patches", "sdaudio.patches.pd",
        "sdaudio.patches.pd.examples", "sdaudio.patches.max",
        "sdaudio.patches.max.docs", "sdaudio.patches.max.examples", "sdaudio.patches.max.extras",
        "sdaudio.patches.max.help", "sdaudio.patches.max.javascript",
        "sdaudio.patches.max.patchers",
    }  # fmt: skip
    assert listed == found | data


def test_no_file_is_longer_than_five_hundred_lines():
    long = [
        f"{path.relative_to(ROOT)}: {n}"
        for folder in ("sdaudio", "server", "tests", "benchmarks", "patches")
        for path in (ROOT / folder).rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 500
    ]
    assert not long


def test_the_top_level_holds_what_belongs_there():
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    assert {path.split("/")[0] for path in tracked.stdout.split("\0") if path} <= {
        *(".ci", ".gitattributes", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile"),
        *("README.md", "benchmarks", "config", "constraints.txt", "docs", "patches"),
        *("pyproject.toml", "sdaudio", "server", "tests"),
    }
