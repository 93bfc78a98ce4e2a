#!/bin/sh
# One task of the array scans one shard of DATA (a folder that all nodes see under the same name) into
# a scan file of its own in OUT.  How many shards there are is how many tasks the array has:
#
#   export DATA=/data/release OUT=/scratch/$USER/risk
#   scan=$(sbatch --parsable --array=0-15 dcmrisk-scan.sh)
#   sbatch --dependency=afterok:"$scan" dcmrisk-assess.sh
#
# A task that was requeued, or ran out of time, goes on where it was: the same lines again do only what
# is left.  To send single tasks again the number of shards must be said: N=16 sbatch --array=3,7 ...
#
#SBATCH --job-name=dcmrisk-scan
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@120
set -eu
: "${DATA:?the folder to scan}" "${OUT:?a folder for the scan files}"
umask 077
mkdir -p "$OUT"
# exec: signals of Slurm go to the scan, which keeps what it has read and ends with 3
exec "${DCMRISK:-dcmrisk}" scan "$DATA" --shard "slurm${N:+/$N}" \
    -j "${SLURM_CPUS_PER_TASK:-1}" -o "$OUT/shard.$SLURM_ARRAY_TASK_ID.scan"
