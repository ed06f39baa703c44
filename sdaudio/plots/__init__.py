"""Pictures of grids, sounds, codebooks and training, as PNG or SVG files.

The one home of matplotlib, which costs a second to import: import this package where a picture is
wanted, never at the top of another module. Figures are drawn without a display. Colours are cividis
and the Okabe-Ito set, which colour-blind eyes can tell apart, in sizes that read on a small screen.
"""

from sdaudio.plots.grids import plot_grid, plot_novelty
from sdaudio.plots.models import (
    plot_atlas,
    plot_health,
    plot_losses,
    plot_usage,
    plot_usage_map,
)
from sdaudio.plots.sounds import MAX_SOUNDS, plot_comparison, plot_spectrograms

__all__ = [
    "MAX_SOUNDS",
    "plot_atlas",
    "plot_comparison",
    "plot_grid",
    "plot_health",
    "plot_losses",
    "plot_novelty",
    "plot_spectrograms",
    "plot_usage",
    "plot_usage_map",
]
