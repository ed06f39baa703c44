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
     "text": "sda.generate"
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
     "text": "New codes for the grid that was touched last, drawn by the prior of its model: go on behind its end, fill it anew, vary it by an amount, or put a new take in its place."
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
     "hint": "Low is likely, high is daring",
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
      115,
      22.0
     ],
     "text": "temperature 0.7"
    }
   },
   {
    "box": {
     "hint": "How much to draw",
     "id": "obj-7",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      149.0,
      192.0,
      75,
      22.0
     ],
     "text": "seconds 4"
    }
   },
   {
    "box": {
     "hint": "How much to vary",
     "id": "obj-8",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      238.0,
      192.0,
      82,
      22.0
     ],
     "text": "amount 0.5"
    }
   },
   {
    "box": {
     "hint": "Go on behind the end",
     "id": "obj-9",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      334.0,
      192.0,
      69,
      22.0
     ],
     "text": "continue"
    }
   },
   {
    "box": {
     "hint": "Fill it anew",
     "id": "obj-10",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      417.0,
      192.0,
      56,
      22.0
     ],
     "text": "infill"
    }
   },
   {
    "box": {
     "hint": "Vary it by the amount",
     "id": "obj-11",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      487.0,
      192.0,
      42,
      22.0
     ],
     "text": "vary"
    }
   },
   {
    "box": {
     "hint": "A new take in its place",
     "id": "obj-12",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      543.0,
      192.0,
      56,
      22.0
     ],
     "text": "sample"
    }
   },
   {
    "box": {
     "hint": "End the job",
     "id": "obj-13",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      613.0,
      192.0,
      56,
      22.0
     ],
     "text": "cancel"
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
     "id": "obj-14",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.generate.maxpat",
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
     "id": "obj-15",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      300,
      380.0,
      400,
      20
     ],
     "text": "bpatcher sda.generate.maxpat, arguments: NAME"
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
      "obj-14",
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
      "obj-14",
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
      "obj-14",
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
      "obj-14",
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
      "obj-14",
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
      "obj-14",
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
      "obj-14",
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
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
