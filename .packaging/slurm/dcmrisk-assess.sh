#!/bin/sh
# After the array of dcmrisk-scan.sh: one scan file of all shards, and its report.  Ends with 3 when a
# shard is missing or is not of the same dataset as the others, and otherwise as dcmrisk assess does.
#
#SBATCH --job-name=dcmrisk-assess
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=16G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -eu
: "${OUT:?the folder of the scan files}"
umask 077
"${DCMRISK:-dcmrisk}" merge "$OUT"/shard.*.scan -o "$OUT/all.scan"
exec "${DCMRISK:-dcmrisk}" assess "$OUT/all.scan" --policy "${POLICY:-public-release}" --out "$OUT/report"
