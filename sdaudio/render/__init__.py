"""Playing a model: sounds to codes and codes to sounds, in plain numpy.

``import sdaudio.render`` needs numpy and nothing else, so that a worker starts in a fraction of a
second and 60 MB.
"""

from sdaudio.render.renderer import Renderer

__all__ = ["Renderer"]
