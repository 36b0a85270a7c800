#!/bin/sh
# Runs a command under resource limits that it cannot lift, with nothing in its environment but PATH and a locale.
#
#   limited.sh --limits DATA_KIB SPACE_KIB CPU_S FILE_BLOCKS PROCESSES INPUT FILTER COMMAND ARGUMENT...
#   limited.sh ARGUMENT...                        ffmpeg, asked about itself
#
# INPUT is opened as descriptor 3 and FILTER, a seccomp program, as 9; "-" for none; PROCESSES 0 for no limit.
# A script, because fluent-ffmpeg takes a program's path but neither spawn options nor leading arguments.
# exec keeps the process id, so that killing the child kills the command itself. limited-session.sh puts all of it into
# a group of its own: whoever kills that kills also what bubblewrap has just made and not yet tied to its own end.
if [ "$1" = "--limits" ]; then
  # Standard input is a pipe that only the backend holds. When it ends, because the backend has seen the command end or
  # has died itself, all that is left of the group ends with it: a box that is being made when the backend dies would
  # otherwise stay.
  exec 4<&0
  { read -r _ <&4; kill -9 -$$ || kill -9 $$; } >/dev/null 2>&1 &
  exec 4<&- </dev/null
  ulimit -d "$2" && ulimit -v "$3" && ulimit -t "$4" && ulimit -f "$5" && ulimit -c 0 && ulimit -n 64 || exit 126
  # Processes are -p in dash and busybox, -u in bash.
  [ "$6" = 0 ] || ulimit -p "$6" 2>/dev/null || ulimit -u "$6" || exit 126
  if [ "$7" != - ]; then [ -r "$7" ] || exit 126; exec 3<"$7"; fi
  if [ "$8" != - ]; then [ -r "$8" ] || exit 126; exec 9<"$8"; fi
  shift 8
  exec env -i PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C "$@"
fi
exec env -i PATH="$PATH" LC_ALL=C "${FFMPEG_PATH:-ffmpeg}" "$@"
