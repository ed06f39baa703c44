"""``sdaudio config show``: the settings that count now, and the layer each comes from."""

import dataclasses
from pathlib import Path

from sdaudio.settings import Settings, laid_over, layers, user_settings_path, yaml_value


def show(named: Path | None) -> str:
    """Return all settings as YAML; what no layer changes is marked as default.

    Args:
        named: the file behind ``--config``.

    Raises:
        SdaudioError: a layer cannot be read, or says what is not allowed.
    """
    settings, origins = Settings(), dict[tuple[str, str], Path]()
    used = layers(named)
    for layer in used:
        before, settings = settings, laid_over(settings, layer)
        for section in dataclasses.fields(Settings):
            old, new = getattr(before, section.name), getattr(settings, section.name)
            for field in dataclasses.fields(new):
                if getattr(old, field.name) != getattr(new, field.name):
                    origins[section.name, field.name] = layer
    lines = [f"# layer: {layer}" for layer in used]
    if not used:
        lines = [f"# {user_settings_path()} is not there: these are the defaults"]
    for section in dataclasses.fields(Settings):
        lines.append(f"{section.name}:")
        part = getattr(settings, section.name)
        for field in dataclasses.fields(part):
            text = f"  {field.name}: {yaml_value(getattr(part, field.name))}"
            origin = origins.get((section.name, field.name))
            lines.append(text + (f"  # {origin}" if origin else ""))
    return "\n".join(lines) + "\n"
