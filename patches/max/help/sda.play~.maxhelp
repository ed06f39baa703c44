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
   558.0
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
     "text": "sda.play~"
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
     "text": "The sound of a grid inside Max, with every edit. The daemon keeps a file of the grid in its output folder; each time that it is new, it is read into the buffer that is not heard and faded over, so what plays goes on."
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
     "hint": "Play round and round",
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
      42,
      22.0
     ],
     "text": "loop"
    }
   },
   {
    "box": {
     "hint": "Play to the end",
     "id": "obj-7",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      76.0,
      192.0,
      42,
      22.0
     ],
     "text": "once"
    }
   },
   {
    "box": {
     "hint": "Be silent",
     "id": "obj-8",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      132.0,
      192.0,
      42,
      22.0
     ],
     "text": "stop"
    }
   },
   {
    "box": {
     "hint": "What plays goes to a place, 0 is the start and 1 the end",
     "id": "obj-9",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      188.0,
      192.0,
      69,
      22.0
     ],
     "text": "jump 0.5"
    }
   },
   {
    "box": {
     "hint": "Play from a place",
     "id": "obj-10",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      271.0,
      192.0,
      75,
      22.0
     ],
     "text": "from 0.25"
    }
   },
   {
    "box": {
     "hint": "1 is as it is, -1 backwards, up to 16",
     "id": "obj-11",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      360.0,
      192.0,
      75,
      22.0
     ],
     "text": "speed 0.5"
    }
   },
   {
    "box": {
     "hint": "Play another grid",
     "id": "obj-12",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      449.0,
      192.0,
      95,
      22.0
     ],
     "text": "show starter"
    }
   },
   {
    "box": {
     "id": "obj-13",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "outlettype": [
      "signal",
      ""
     ],
     "patching_rect": [
      20.0,
      232.0,
      122,
      22.0
     ],
     "text": "sda.play~ help 0"
    }
   },
   {
    "box": {
     "id": "obj-14",
     "maxclass": "ezdac~",
     "numinlets": 2,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      266.0,
      45,
      45
     ]
    }
   },
   {
    "box": {
     "id": "obj-15",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      322.0,
      174,
      22.0
     ],
     "text": "print sda.play~ @popup 1"
    }
   },
   {
    "box": {
     "id": "obj-16",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      300,
      322.0,
      400,
      20
     ],
     "text": "sda.play~ as an object, arguments: NAME GRID"
    }
   },
   {
    "box": {
     "args": [
      "help",
      0,
      0
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-17",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.grid.maxpat",
     "numinlets": 1,
     "numoutlets": 1,
     "offset": [
      0.0,
      0.0
     ],
     "outlettype": [
      ""
     ],
     "patching_rect": [
      20.0,
      356.0,
      820.0,
      190.0
     ],
     "viewvisibility": 1
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
      "obj-13",
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
      "obj-13",
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
      "obj-13",
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
      "obj-13",
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
      "obj-13",
      0
     ],
     "source": [
      "obj-10",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-13",
      0
     ],
     "source": [
      "obj-11",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-13",
      0
     ],
     "source": [
      "obj-12",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-14",
      0
     ],
     "source": [
      "obj-13",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-14",
      1
     ],
     "source": [
      "obj-13",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-15",
      0
     ],
     "source": [
      "obj-13",
      1
     ]
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
