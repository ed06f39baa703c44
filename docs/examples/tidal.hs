-- sdaudio from TidalCycles (1.9 or later): put this into BootTidal.hs in place of the line
-- "tidal <- startTidal ...". SuperDirt goes on as before.

:{
let sdaudio = Target { oName = "sdaudio",
                       oAddress = "127.0.0.1",
                       oPort = 5630,
                       oLatency = 0.02,
                       oSchedule = Pre BundleStamp, -- the daemon plays each bundle at its time
                       oWindow = Nothing,
                       oHandshake = False,
                       oBusPort = Nothing }
    -- A message goes out for every event that has all arguments without a default. So each
    -- message needs one name that no other has.
    shapes = [ OSC "/sda/grid/set" $ ArgList [ ("grid", sDefault "starter"),
                                               ("level", iDefault 0),
                                               ("column", Nothing),
                                               ("code", Nothing) ],
               OSC "/sda/play/column" $ ArgList [ ("grid", sDefault "starter"),
                                                  ("moment", Nothing),
                                                  ("hold", fDefault 8) ],
               OSC "/sda/play/code" $ ArgList [ ("model", sDefault "starter"),
                                                ("level", iDefault 0),
                                                ("alone", Nothing),
                                                ("hold", fDefault 8) ],
               OSC "/sda/play/gain" $ ArgList [ ("decibels", Nothing) ] ]
:}

tidal <- startStream defaultConfig [(superdirtTarget {oLatency = 0.1}, [superdirtShape]), (sdaudio, shapes)]

:{
let grid = pS "grid"
    model = pS "model"
    level = pI "level"
    column = pF "column"
    code = pF "code"
    moment = pF "moment"
    alone = pF "alone"
    hold = pF "hold"
    decibels = pF "decibels"
:}

-- Then, in your own file:
--   d1 $ moment "0 4 8 [12 14]" # hold 6
--   d2 $ column (segment 4 $ irand 32) # code (irand 128)
--   d3 $ alone "7*4" # level 1
--   d4 $ moment "0 2" # grid "new"
