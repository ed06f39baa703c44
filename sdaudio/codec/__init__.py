"""The neural codec in torch: what training needs. Playing needs only `sdaudio.render`."""

from sdaudio.codec import closed_form
from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec
from sdaudio.codec.quantizer import Quantised, ResidualQuantizer
from sdaudio.codec.weights import from_model, to_tensors

__all__ = [
    "Codec",
    "ColumnBank",
    "Quantised",
    "ResidualQuantizer",
    "closed_form",
    "from_model",
    "to_tensors",
]
