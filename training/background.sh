#!/bin/sh
# Starts a training run in the background, or goes on with it, on what the machine's other work leaves free.
#
#   TWINFRAME_TRAINING=DIR sh training/background.sh NAME CONFIG PHOTOS [THREADS]
#
# DIR holds venv/ (training/requirements.txt), data/clips and data/PHOTOS (packs), runs/NAME and pid. Stop it with
# kill $(cat DIR/pid): it saves first. kill -STOP and kill -CONT pause it.
set -eu
state=${TWINFRAME_TRAINING:?names the folder of packs and runs}
name=$1 config=$2 photos=$3 threads=${4:-2}
cd "$(dirname "$0")/.."
out=$state/runs/$name
mkdir -p "$out"
OMP_NUM_THREADS=$threads OMP_WAIT_POLICY=passive nohup setsid nice -n 19 chrt --idle 0 \
  "$state/venv/bin/python" -m training.train.regions --config "$config" --photos "$state/data/$photos" \
  --clips "$state/data/clips" --out "$out" --threads "$threads" >>"$out/out.txt" 2>&1 </dev/null &
echo $! >"$state/pid"
echo "pid $(cat "$state/pid"), $out/log.jsonl"
