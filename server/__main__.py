"""``python -m sdaudio_server`` is the same as the command ``sdaudio``."""

import sys

from .cli import main

sys.exit(main())
