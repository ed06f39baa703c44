{
 "patcher": {
  "fileversion": 1,
  "appversion": {
   "major": 8,
   "minor": 0,
   "revision": 0,
   "architecture": "x64",
   "modernui": 1
  },
  "classnamespace": "box",
  "rect": [
   80.0,
   100.0,
   860.0,
   420.0
  ],
  "bglocked": 0,
  "openinpresentation": 0,
  "default_fontsize": 12.0,
  "default_fontface": 0,
  "default_fontname": "Arial",
  "gridonopen": 1,
  "gridsize": [
   15.0,
   15.0
  ],
  "boxes": [
   {
    "box": {
     "fontface": 1,
     "fontsize": 20.0,
     "id": "obj-1",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      12,
      300,
      30
     ],
     "text": "sda.output"
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      48,
      760,
      64
     ],
     "text": "The daemon's own sound: the device, the level of everything, the speed of the grid that was touched last, its original to compare, and a render into a sound file."
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      560,
      124.0,
      280,
      20
     ],
     "text": "the connection, and where the daemon is"
    }
   },
   {
    "box": {
     "args": [
      "help"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-4",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.client.maxpat",
     "numinlets": 1,
     "numoutlets": 2,
     "offset": [
      0.0,
      0.0
     ],
     "outlettype": [
      "",
      ""
     ],
     "patching_rect": [
      20.0,
      146.0,
      420.0,
      26.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "id": "obj-5",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      560,
      146.0,
      161,
      22.0
     ],
     "text": "connect 127.0.0.1 5630"
    }
   },
   {
    "box": {
     "hint": "The level of everything, in dB",
     "id": "obj-6",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      20.0,
      192.0,
      69,
      22.0
     ],
     "text": "gain -12"
    }
   },
   {
    "box": {
     "hint": "How fast the grid plays, as a tape does",
     "id": "obj-7",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      103.0,
      192.0,
      75,
      22.0
     ],
     "text": "speed 0.5"
    }
   },
   {
    "box": {
     "hint": "Hear the sound that was encoded, 0 the grid",
     "id": "obj-8",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      192.0,
      192.0,
      82,
      22.0
     ],
     "text": "original 1"
    }
   },
   {
    "box": {
     "hint": "Stop all sound",
     "id": "obj-9",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      288.0,
      192.0,
      62,
      22.0
     ],
     "text": "silence"
    }
   },
   {
    "box": {
     "hint": "Write the grid into a sound file",
     "id": "obj-10",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      364.0,
      192.0,
      56,
      22.0
     ],
     "text": "render"
    }
   },
   {
    "box": {
     "args": [
      "help"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-11",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.output.maxpat",
     "numinlets": 1,
     "numoutlets": 0,
     "offset": [
      0.0,
      0.0
     ],
     "patching_rect": [
      20.0,
      232.0,
      400.0,
      136.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "id": "obj-12",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      300,
      380.0,
      400,
      20
     ],
     "text": "bpatcher sda.output.maxpat, arguments: NAME"
    }
   }
  ],
  "lines": [
   {
    "patchline": {
     "destination": [
      "obj-4",
      0
     ],
     "source": [
      "obj-5",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-11",
      0
     ],
     "source": [
      "obj-6",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-11",
      0
     ],
     "source": [
      "obj-7",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-11",
      0
     ],
     "source": [
      "obj-8",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-11",
      0
     ],
     "source": [
      "obj-9",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-11",
      0
     ],
     "source": [
      "obj-10",
      0
     ]
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
