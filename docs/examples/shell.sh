#!/bin/sh
# sdaudio from a shell: with its own client, and with liblo's oscsend and oscdump.
# Usage: sh docs/examples/shell.sh [PORT]
set -eu
port=${1:-5630}

# The client waits for answers and for the end of jobs; types are found by looking.
sdaudio call --port "$port" /sda/hello
sdaudio call --port "$port" /sda/prior/sample shell starter 2 seed 7
sdaudio call --port "$port" /sda/grid/set shell 0 4 20 21 22
file=$(sdaudio call --port "$port" --json /sda/grid/render shell "${TMPDIR:-/tmp}/sdaudio-shell.wav" |
  sed 's/.*"results": \["\([^"]*\)".*/\1/')
echo "rendered $file"

# A refusal ends with 2 and says what to do; --json has all of it for a program.
sdaudio call --port "$port" /sda/grid/set shell 9 0 0 || echo "exit code $?"

# oscsend waits for nothing. Its answers go where it listened, so let them go to oscdump.
oscdump -L 5640 &
dump=$!
trap 'kill $dump' EXIT
sleep 0.3
oscsend 127.0.0.1 "$port" /sda/subscribe i 5640
oscsend 127.0.0.1 "$port" /sda/grid/undo s shell
oscsend 127.0.0.1 "$port" /sda/unsubscribe i 5640
sleep 0.3
sdaudio call --port "$port" /sda/grid/close shell
