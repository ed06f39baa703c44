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
   712.0
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
     "text": "sda.pair"
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
     "text": "Two grids together. Select a region in one of them: swap exchanges it with the same columns of the other, or with what is selected there; the slider blends it towards that while it sounds, keep makes the blend one step to undo, cancel takes it back."
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
     "hint": "Exchange the region with the other grid's",
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
     "text": "swap"
    }
   },
   {
    "box": {
     "hint": "Blend the region towards the other grid's",
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
      82,
      22.0
     ],
     "text": "amount 0.5"
    }
   },
   {
    "box": {
     "hint": "Make the blend one step to undo",
     "id": "obj-8",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      172.0,
      192.0,
      42,
      22.0
     ],
     "text": "keep"
    }
   },
   {
    "box": {
     "hint": "Take the blend back",
     "id": "obj-9",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      228.0,
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
     "id": "obj-10",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.pair.maxpat",
     "numinlets": 1,
     "numoutlets": 0,
     "offset": [
      0.0,
      0.0
     ],
     "patching_rect": [
      20.0,
      232.0,
      820.0,
      30.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "id": "obj-11",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      300,
      274.0,
      400,
      20
     ],
     "text": "bpatcher sda.pair.maxpat, arguments: NAME"
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
     "id": "obj-12",
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
      308.0,
      820.0,
      190.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "help",
      0,
      1
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-13",
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
      510.0,
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
      "obj-10",
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
      "obj-10",
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
      "obj-10",
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
      "obj-10",
      0
     ],
     "source": [
      "obj-9",
      0
     ]
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
