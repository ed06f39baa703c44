"""Sizes in pixels that the drawing, the hands and the window must agree on."""

N_SLOTS = 64
"""Cells side by side in a track. A column takes 4, 2 or 1 of them, or one stands for several."""
MAX_LEVELS = 4
SLOT_WIDTH = 16
ROW_HEIGHT = 24
RULER_HEIGHT = 16
GAP = 2

# Places in the canvas of sda.grid; its face begins at (FACE_X, FACE_Y).
FACE_X, FACE_Y = 10, 10
FACE_WIDTH, FACE_HEIGHT = 1260, 166
GRID_X, RULER_Y = FACE_X + 176, FACE_Y + 28
GRID_Y = RULER_Y + RULER_HEIGHT + 1
GRID_WIDTH = N_SLOTS * SLOT_WIDTH
GRID_HEIGHT = MAX_LEVELS * ROW_HEIGHT
SCROLL_Y = GRID_Y + GRID_HEIGHT + 4
