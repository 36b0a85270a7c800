#!/bin/sh
# Runs ffmpeg, or what TOOL names, under resource limits that it cannot lift.
#
#   limited.sh [--limits MEMORY_KIB CPU_S TOOL] ARGUMENT...
#
# A wrapper, because fluent-ffmpeg takes a program's path but neither spawn options nor leading arguments.
# exec keeps the process id, so that killing the child kills the tool itself.
tool=ffmpeg
if [ "$1" = "--limits" ]; then
  ulimit -v "$2" || exit 126
  ulimit -t "$3" || exit 126
  ulimit -f 0 || exit 126
  ulimit -c 0 || exit 126
  tool=$4
  shift 4
fi
# Each malloc arena reserves 64 MiB of the address space that is limited here.
export MALLOC_ARENA_MAX=2
case $tool in
  ffmpeg) exec "${FFMPEG_PATH:-ffmpeg}" "$@" ;;
  ffprobe) exec "${FFPROBE_PATH:-ffprobe}" "$@" ;;
esac
exit 127
