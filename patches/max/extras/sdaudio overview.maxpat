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
   640.0,
   430.0
  ],
  "bglocked": 0,
  "openinpresentation": 1,
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
     "background": 1,
     "bgcolor": [
      0.086275,
      0.094118,
      0.113725,
      1.0
     ],
     "id": "obj-1",
     "maxclass": "panel",
     "mode": 0,
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      0,
      0,
      10,
      10
     ],
     "presentation": 1,
     "presentation_rect": [
      0,
      0,
      640.0,
      430.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20,
      300,
      200,
      30
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      16,
      200,
      24
     ],
     "text": "sdaudio",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      20,
      800,
      69,
      22.0
     ],
     "text": "pcontrol"
    }
   },
   {
    "box": {
     "id": "obj-4",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      340.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      52.0,
      130,
      24
     ],
     "text": "sdaudio"
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
      140,
      340.0,
      141,
      22.0
     ],
     "text": "load sdaudio.maxpat"
    }
   },
   {
    "box": {
     "id": "obj-6",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      340.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      54.0,
      470,
      20
     ],
     "text": "two grids, the library, a training, the prior",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-7",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      374.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      86.0,
      130,
      24
     ],
     "text": "sda.client"
    }
   },
   {
    "box": {
     "id": "obj-8",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      374.0,
      168,
      22.0
     ],
     "text": "load sda.client.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-9",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      374.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      88.0,
      470,
      20
     ],
     "text": "The connection to the daemon (sdaudio serve)",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-10",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      408.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      120.0,
      130,
      24
     ],
     "text": "sda.grid"
    }
   },
   {
    "box": {
     "id": "obj-11",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      408.0,
      155,
      22.0
     ],
     "text": "load sda.grid.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-12",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      408.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      122.0,
      470,
      20
     ],
     "text": "A grid of codes",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-13",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      442.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      154.0,
      130,
      24
     ],
     "text": "sda.library"
    }
   },
   {
    "box": {
     "id": "obj-14",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      442.0,
      174,
      22.0
     ],
     "text": "load sda.library.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-15",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      442.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      156.0,
      470,
      20
     ],
     "text": "The models of the daemon: choose one, load it, make an empty grid of i",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-16",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      476.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      188.0,
      130,
      24
     ],
     "text": "sda.train"
    }
   },
   {
    "box": {
     "id": "obj-17",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      476.0,
      161,
      22.0
     ],
     "text": "load sda.train.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-18",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      476.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      190.0,
      470,
      20
     ],
     "text": "Train a codec on a folder of your own sounds",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-19",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      510.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      222.0,
      130,
      24
     ],
     "text": "sda.generate"
    }
   },
   {
    "box": {
     "id": "obj-20",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      510.0,
      181,
      22.0
     ],
     "text": "load sda.generate.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-21",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      510.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      224.0,
      470,
      20
     ],
     "text": "New codes for the grid that was touched last, drawn by the prior of it",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-22",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      544.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      256.0,
      130,
      24
     ],
     "text": "sda.pair"
    }
   },
   {
    "box": {
     "id": "obj-23",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      544.0,
      155,
      22.0
     ],
     "text": "load sda.pair.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-24",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      544.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      258.0,
      470,
      20
     ],
     "text": "Two grids together",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-25",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      578.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      290.0,
      130,
      24
     ],
     "text": "sda.output"
    }
   },
   {
    "box": {
     "id": "obj-26",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      578.0,
      168,
      22.0
     ],
     "text": "load sda.output.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-27",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      578.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      292.0,
      470,
      20
     ],
     "text": "The daemon's own sound: the device, the level of everything, the speed",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-28",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      612.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      324.0,
      130,
      24
     ],
     "text": "sda.news"
    }
   },
   {
    "box": {
     "id": "obj-29",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      612.0,
      155,
      22.0
     ],
     "text": "load sda.news.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-30",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      612.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      326.0,
      470,
      20
     ],
     "text": "What was refused or went wrong, with what to do about it; the job that",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-31",
     "maxclass": "textbutton",
     "numinlets": 1,
     "numoutlets": 3,
     "outlettype": [
      "",
      "",
      "int"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      20,
      646.0,
      110,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      20,
      358.0,
      130,
      24
     ],
     "text": "sda.play~"
    }
   },
   {
    "box": {
     "id": "obj-32",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      140,
      646.0,
      161,
      22.0
     ],
     "text": "load sda.play~.maxhelp"
    }
   },
   {
    "box": {
     "id": "obj-33",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      400,
      646.0,
      460,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      160,
      360.0,
      470,
      20
     ],
     "text": "The sound of a grid inside Max, with every edit",
     "textcolor": [
      0.909804,
      0.921569,
      0.941176,
      1.0
     ]
    }
   }
  ],
  "lines": [
   {
    "patchline": {
     "destination": [
      "obj-5",
      0
     ],
     "source": [
      "obj-4",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
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
      "obj-8",
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
      "obj-3",
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
      "obj-10",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
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
      "obj-13",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-14",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-17",
      0
     ],
     "source": [
      "obj-16",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-17",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-20",
      0
     ],
     "source": [
      "obj-19",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-20",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-23",
      0
     ],
     "source": [
      "obj-22",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-23",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-26",
      0
     ],
     "source": [
      "obj-25",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-26",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-29",
      0
     ],
     "source": [
      "obj-28",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-29",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-32",
      0
     ],
     "source": [
      "obj-31",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-32",
      0
     ]
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
