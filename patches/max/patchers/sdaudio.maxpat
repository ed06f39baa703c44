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
   844.0,
   856.0
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
      844.0,
      856.0
     ]
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "outlettype": [
      ""
     ],
     "patching_rect": [
      20,
      20,
      161,
      22.0
     ],
     "text": "connect 127.0.0.1 5630"
    }
   },
   {
    "box": {
     "args": [
      "sdaudio"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-3",
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
      60.0,
      420.0,
      26.0
     ],
     "presentation": 1,
     "presentation_rect": [
      12.0,
      12.0,
      420.0,
      26.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio",
      0,
      0
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-4",
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
      106.0,
      820.0,
      190.0
     ],
     "presentation": 1,
     "presentation_rect": [
      12.0,
      50.0,
      820.0,
      190.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-5",
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
      316.0,
      820.0,
      30.0
     ],
     "presentation": 1,
     "presentation_rect": [
      12.0,
      252.0,
      820.0,
      30.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio",
      0,
      1
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-6",
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
      366.0,
      820.0,
      190.0
     ],
     "presentation": 1,
     "presentation_rect": [
      12.0,
      294.0,
      820.0,
      190.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-7",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.library.maxpat",
     "numinlets": 1,
     "numoutlets": 0,
     "offset": [
      0.0,
      0.0
     ],
     "patching_rect": [
      20.0,
      576.0,
      400.0,
      136.0
     ],
     "presentation": 1,
     "presentation_rect": [
      12.0,
      496.0,
      400.0,
      136.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-8",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.train.maxpat",
     "numinlets": 1,
     "numoutlets": 0,
     "offset": [
      0.0,
      0.0
     ],
     "patching_rect": [
      440.0,
      576.0,
      400.0,
      136.0
     ],
     "presentation": 1,
     "presentation_rect": [
      432.0,
      496.0,
      400.0,
      136.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-9",
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
      732.0,
      400.0,
      136.0
     ],
     "presentation": 1,
     "presentation_rect": [
      12.0,
      644.0,
      400.0,
      136.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-10",
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
      440.0,
      732.0,
      400.0,
      136.0
     ],
     "presentation": 1,
     "presentation_rect": [
      432.0,
      644.0,
      400.0,
      136.0
     ],
     "viewvisibility": 1
    }
   },
   {
    "box": {
     "args": [
      "sdaudio"
     ],
     "bgmode": 0,
     "border": 0,
     "clickthrough": 0,
     "enablehscroll": 0,
     "enablevscroll": 0,
     "id": "obj-11",
     "lockeddragscroll": 0,
     "maxclass": "bpatcher",
     "name": "sda.news.maxpat",
     "numinlets": 1,
     "numoutlets": 0,
     "offset": [
      0.0,
      0.0
     ],
     "patching_rect": [
      20.0,
      888.0,
      820.0,
      52.0
     ],
     "presentation": 1,
     "presentation_rect": [
      12.0,
      792.0,
      820.0,
      52.0
     ],
     "viewvisibility": 1
    }
   }
  ],
  "lines": [
   {
    "patchline": {
     "destination": [
      "obj-3",
      0
     ],
     "source": [
      "obj-2",
      0
     ]
    }
   }
  ],
  "dependency_cache": [],
  "autosave": 0
 }
}
