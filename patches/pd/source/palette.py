"""The colours of the patch: codes from dark to bright, and the few accents around them.

Codes use viridis (Smith and van der Walt, matplotlib), which stays in order of brightness for
every kind of colour vision and in grey; the accents are from Okabe and Ito's colour-blind safe
set. Scalars take a colour as three digits 0 to 9 for red, green and blue.
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
N_STEPS = 256
LUMINANCE = (0.2126, 0.7152, 0.0722)
DARK_BELOW = 3.7
WHITE, BLACK = 999, 0
PLAYHEAD = 730

PAGE = "#ffffff"
HEADER = "#22313f"
HEADER_TEXT = "#ffffff"
HEADER_QUIET = "#b9c6d0"
TEXT = "#22313f"
QUIET = "#6b7780"
CARD = "#ffffff"
LINE = "#d5d2c8"
WAITING = "#e69f00"
GOOD = "#009e73"
BAD = "#d55e00"
ACTIVE = "#0072b2"


def code_colours() -> list[tuple[int, int]]:
    """Return (fill, ink) from the lowest code to the highest, each brighter than the one before."""
    pairs: list[tuple[int, int]] = []
    brightest = 0.0
    for step in range(N_STEPS):
        position = step / (N_STEPS - 1) * (len(VIRIDIS) - 1)
        low = min(int(position), len(VIRIDIS) - 2)
        part = position - low
        near, far = VIRIDIS[low], VIRIDIS[low + 1]
        digits = [_digit(a + (b - a) * part) for a, b in zip(near, far, strict=True)]
        luminance = sum(weight * digit for weight, digit in zip(LUMINANCE, digits, strict=True))
        if luminance <= brightest:
            continue
        brightest = luminance
        red, green, blue = digits
        ink = WHITE if luminance < DARK_BELOW else BLACK
        pairs.append((100 * red + 10 * green + blue, ink))
    return pairs


def _digit(part: float) -> int:
    # Pd draws digit d as 32 d, and both 8 and 9 as 255.
    return min(8, round(255 * part / 32))
