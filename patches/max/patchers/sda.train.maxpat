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
   400.0,
   136.0
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
      0.12549,
      0.141176,
      0.172549,
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
      400.0,
      136.0
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
      200,
      560,
      36
     ],
     "text": "sda.train NAME: train a codec on a folder of sounds. It can be played from the first seconds on: a grid with the name of the model opens."
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      20,
      260,
      89,
      22.0
     ],
     "text": "r #1-sda-in"
    }
   },
   {
    "box": {
     "id": "obj-4",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 2,
     "outlettype": [
      "",
      ""
     ],
     "patching_rect": [
      20,
      300,
      227,
      22.0
     ],
     "text": "js sda.panel.js sdaudio_training"
    }
   },
   {
    "box": {
     "comment": "what a person does",
     "id": "obj-5",
     "maxclass": "inlet",
     "numinlets": 0,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      240,
      260,
      30,
      30
     ]
    }
   },
   {
    "box": {
     "id": "obj-6",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20,
      340,
      102,
      22.0
     ],
     "text": "s #1-sda-send"
    }
   },
   {
    "box": {
     "id": "obj-7",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 7,
     "outlettype": [
      "",
      "",
      "",
      "",
      "",
      "",
      ""
     ],
     "patching_rect": [
      240,
      340,
      300,
      22.0
     ],
     "text": "route folder name text note progress levels"
    }
   },
   {
    "box": {
     "id": "obj-8",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20.0,
      420.0,
      60,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      8,
      6,
      50,
      20
     ],
     "text": "Train",
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
     "id": "obj-9",
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
      20.0,
      446.0,
      60,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      60,
      6,
      60,
      22
     ],
     "text": "folder"
    }
   },
   {
    "box": {
     "id": "obj-10",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "outlettype": [
      "",
      ""
     ],
     "patching_rect": [
      90.0,
      446.0,
      128,
      22.0
     ],
     "text": "opendialog folder"
    }
   },
   {
    "box": {
     "id": "obj-11",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      20.0,
      476.0,
      108,
      22.0
     ],
     "text": "prepend folder"
    }
   },
   {
    "box": {
     "id": "obj-12",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      280.0,
      420.0,
      180,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      124,
      6,
      268,
      20
     ],
     "text": "",
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
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      480.0,
      420.0,
      40,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      8,
      32,
      40,
      20
     ],
     "text": "name",
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
     "id": "obj-14",
     "keymode": 1,
     "lines": 1,
     "maxclass": "textedit",
     "numinlets": 1,
     "numoutlets": 4,
     "outlettype": [
      "",
      "int",
      "",
      ""
     ],
     "parameter_enable": 0,
     "patching_rect": [
      530.0,
      420.0,
      120,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      50,
      32,
      130,
      22
     ]
    }
   },
   {
    "box": {
     "id": "obj-15",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 2,
     "outlettype": [
      "",
      ""
     ],
     "patching_rect": [
      480.0,
      450.0,
      82,
      22.0
     ],
     "text": "route text"
    }
   },
   {
    "box": {
     "id": "obj-16",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      480.0,
      476.0,
      95,
      22.0
     ],
     "text": "prepend name"
    }
   },
   {
    "box": {
     "id": "obj-17",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      700.0,
      420.0,
      53.4,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      186,
      32,
      53.4,
      20
     ],
     "text": "minutes",
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
     "id": "obj-18",
     "maxclass": "flonum",
     "maximum": 1440.0,
     "minimum": 0.02,
     "numinlets": 1,
     "numoutlets": 2,
     "outlettype": [
      "",
      "bang"
     ],
     "parameter_enable": 0,
     "patching_rect": [
      700.0,
      472.0,
      60,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      239.4,
      32,
      56.6,
      22
     ]
    }
   },
   {
    "box": {
     "id": "obj-19",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      700.0,
      446.0,
      102,
      22.0
     ],
     "text": "loadmess 10.0"
    }
   },
   {
    "box": {
     "id": "obj-20",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      700.0,
      498.0,
      115,
      22.0
     ],
     "text": "prepend minutes"
    }
   },
   {
    "box": {
     "id": "obj-21",
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
      825.0,
      420.0,
      60,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      8.0,
      58,
      52,
      22
     ],
     "text": "start"
    }
   },
   {
    "box": {
     "id": "obj-22",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      825.0,
      450.0,
      49,
      22.0
     ],
     "text": "start"
    }
   },
   {
    "box": {
     "id": "obj-23",
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
      945.0,
      420.0,
      60,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      64.0,
      58,
      52,
      22
     ],
     "text": "stop"
    }
   },
   {
    "box": {
     "id": "obj-24",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      945.0,
      450.0,
      42,
      22.0
     ],
     "text": "stop"
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
      20.0,
      530.0,
      60,
      22
     ],
     "presentation": 1,
     "presentation_rect": [
      120.0,
      58,
      52,
      22
     ],
     "text": "cancel"
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
      20.0,
      560.0,
      56,
      22.0
     ],
     "text": "cancel"
    }
   },
   {
    "box": {
     "floatoutput": 1,
     "id": "obj-27",
     "ignoreclick": 1,
     "maxclass": "slider",
     "numinlets": 1,
     "numoutlets": 1,
     "orientation": 1,
     "outlettype": [
      ""
     ],
     "parameter_enable": 0,
     "patching_rect": [
      140.0,
      530.0,
      100,
      16
     ],
     "presentation": 1,
     "presentation_rect": [
      180,
      60,
      212,
      16
     ],
     "size": 1.0
    }
   },
   {
    "box": {
     "id": "obj-28",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      260.0,
      530.0,
      180,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      8,
      84,
      190,
      20
     ],
     "text": "",
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
     "id": "obj-29",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      460.0,
      530.0,
      180,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      200,
      84,
      192,
      20
     ],
     "text": "",
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
     "id": "obj-30",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      660.0,
      530.0,
      180,
      20
     ],
     "presentation": 1,
     "presentation_rect": [
      8,
      108,
      384,
      20
     ],
     "text": "",
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
      "obj-4",
      0
     ],
     "source": [
      "obj-3",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-4",
      1
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
      "obj-6",
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
      "obj-7",
      0
     ],
     "source": [
      "obj-4",
      1
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
      "obj-4",
      1
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
      "obj-12",
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
      "obj-7",
      1
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
      "obj-14",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-16",
      0
     ],
     "source": [
      "obj-15",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-4",
      1
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
      "obj-18",
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
      "obj-20",
      0
     ],
     "source": [
      "obj-18",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-4",
      1
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
      "obj-22",
      0
     ],
     "source": [
      "obj-21",
      0
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-4",
      1
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
      "obj-24",
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
      "obj-4",
      1
     ],
     "source": [
      "obj-24",
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
      "obj-4",
      1
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
      "obj-27",
      0
     ],
     "source": [
      "obj-7",
      4
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-28",
      0
     ],
     "source": [
      "obj-7",
      2
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
      "obj-7",
      5
     ]
    }
   },
   {
    "patchline": {
     "destination": [
      "obj-30",
      0
     ],
     "source": [
      "obj-7",
      3
     ]
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
