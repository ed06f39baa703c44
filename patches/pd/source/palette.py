"""The colours of the patches: codes from dark to bright, and a dark page that lets them shine.

Codes use viridis (Smith and van der Walt, matplotlib), which stays in order of brightness for
every kind of colour vision and in grey; the accents are from Okabe and Ito's colour-blind safe
set, lightened for a dark page.
"""

VIRIDIS = (
    (0.267, 0.005, 0.329),
    (0.279, 0.175, 0.483),
    (0.230, 0.322, 0.546),
    (0.173, 0.449, 0.558),
    (0.128, 0.567, 0.551),
    (0.158, 0.684, 0.502),
    (0.369, 0.789, 0.383),
    (0.678, 0.864, 0.190),
    (0.993, 0.906, 0.144),
)
N_COLOURS = 64

PAGE = "#16181d"
PANEL = "#20242c"
FIELD = "#12141a"
BUTTON = "#353c4a"
LINE = "#3a4150"
TEXT = "#e8ebf0"
QUIET = "#9aa4b5"
ACTIVE = "#56b4e9"
ACTIVE_DARK = "#1f5f8b"
GOOD = "#2fbf8f"
WAITING = "#e69f00"
BAD = "#ff7043"
SELECTION = "#ffffff"
PLAYHEAD = "#ff7043"


def code_colours() -> list[tuple[str, str]]:
    """Return (fill, ink) from the darkest code to the brightest, as #rrggbb."""
    return [
        (hex_of(colour), TEXT if _luminance(colour) < 0.45 else FIELD)
        for colour in (_viridis(step / (N_COLOURS - 1)) for step in range(N_COLOURS))
    ]


def hex_of(colour: tuple[float, float, float]) -> str:
    """Return (red, green, blue) of 0 to 1 as #rrggbb."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def _viridis(position: float) -> tuple[float, float, float]:
    place = position * (len(VIRIDIS) - 1)
    low = min(int(place), len(VIRIDIS) - 2)
    near, far = VIRIDIS[low], VIRIDIS[low + 1]
    red, green, blue = (a + (b - a) * (place - low) for a, b in zip(near, far, strict=True))
    return red, green, blue


def _luminance(colour: tuple[float, float, float]) -> float:
    return sum(weight * part for weight, part in zip((0.21, 0.72, 0.07), colour, strict=True))
