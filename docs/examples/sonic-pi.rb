# sdaudio from Sonic Pi (3.1 or later): paste parts of this into a buffer and press Run.
# Start the daemon first ("make run"). Words go as strings, "seed", and not as symbols, :seed.

use_osc "127.0.0.1", 5630

# Hear answers and news as cues: Sonic Pi listens on port 4560.
osc "/sda/subscribe", 4560

# Loop the grid that is open, and change a code: level 0, column 4 becomes code 20.
osc "/sda/play/loop", "starter", 0, 32
osc "/sda/grid/set", "starter", 0, 4, 20

# Moments of the grid in the rhythm of Sonic Pi. It sends them when they are due.
live_loop :moments do
  osc "/sda/play/column", "starter", (ring 0, 4, 8, 12).tick, 8
  sleep 0.25
end

# Another code in another place on every beat.
live_loop :mutation do
  osc "/sda/grid/set", "starter", 0, rrand_i(0, 31), rrand_i(0, 127)
  sleep 1
end

# What sdaudio does not understand, in the log.
live_loop :mistakes do
  address, code, text = sync "/osc*/sda/fail"
  puts text
end

# Eight seconds that were never played, and a loop of them as soon as they are there.
in_thread do
  osc "/sda/prior/sample", "new", "starter", 8, "temperature", 0.8, "seed", 7
  sync "/osc*/sda/job/done"
  osc "/sda/play/loop", "new"
end

# A render as a sample, to be sliced and stretched like any other.
in_thread do
  osc "/sda/grid/render", "starter", "/tmp/sdaudio.wav"
  job, address, path = sync "/osc*/sda/job/done"
  sample path, rate: 0.5 if address == "/sda/grid/render"
end

# Silence.
osc "/sda/play/silence"
