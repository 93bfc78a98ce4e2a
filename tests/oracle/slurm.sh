#!/bin/sh
# The example of .packaging/slurm on a real Slurm of one machine: four tasks, one of them killed in
# its scan and requeued; the merged report must be that of a single scan, to the byte.
# Skipped without Slurm (Debian: slurm-wlm munge).  Takes about a minute: Slurm waits before it requeues.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs_program slurmctld slurmd sbatch munged
cluster=$top/tests/tools/slurm.sh
stop() {
    code=$?
    sh "$cluster" stop "$work/cluster"
    [ "$code" -eq 0 ] || tail -n 5 "$work"/*.log "$work"/cluster/*.log 2>/dev/null
    finish "$code"
}
trap stop EXIT
sh "$cluster" start "$work/cluster" || skip "Slurm does not start here"
export SLURM_CONF="$work/cluster/slurm.conf" SOURCE_DATE_EPOCH=1700000000 LC_ALL=C
export DATA="$work/cohort/dicom" OUT="$work/out"
"$build/mkcohort" --scale 4 "$specs/edge.json" "$work/cohort" >/dev/null

# The program as task 2 meets it first: killed early, and then the task hangs until it is requeued.
cat >"$work/dcmrisk" <<END
#!/bin/sh
if [ "\$1" = scan ] && [ "\$SLURM_ARRAY_TASK_ID" = 2 ] && [ -z "\${SLURM_RESTART_COUNT:-}" ]; then
    for s in 0.1 0.03 0.01 0.003 0.001; do # until it is met in its middle, however fast the machine is
        timeout -s KILL \$s "$build/dcmrisk" "\$@" || break
        rm "$OUT/shard.2.scan"
    done
    touch "$work/killed"
    exec sleep 600
fi
exec "$build/dcmrisk" "\$@"
END
chmod +x "$work/dcmrisk"
export DCMRISK="$work/dcmrisk"

# Neither 4 GB nor four CPUs are to be had for each task here.
small="--cpus-per-task=1 --mem=50 --time=5 --output=$work/job.%j.log"
cd "$top/.packaging/slurm"
# shellcheck disable=SC2086 # options
scan=$(sbatch --parsable $small --array=0-3 dcmrisk-scan.sh)
# shellcheck disable=SC2086
sbatch --parsable $small --dependency="afterok:$scan" dcmrisk-assess.sh >"$work/second"
until [ -e "$work/killed" ]; do sleep 0.1; done
[ ! -e "$OUT/shard.2.scan" ] || {
    echo "task 2 was to be killed, and has come to its end"
    exit 1
}
scontrol requeue "${scan}_2"
begin=$(date +%s)
while [ -n "$(squeue -h 2>/dev/null)" ]; do
    sleep 0.3
    [ $(($(date +%s) - begin)) -lt 300 ] || {
        squeue
        exit 1
    }
done
echo "requeued and done in $(($(date +%s) - begin)) s"
ls "$OUT"
[ "$(find "$OUT" -name 'shard.*.scan' | wc -l)" -eq 4 ]
[ "$(find "$OUT" -name '*.part*' | wc -l)" -eq 0 ]
"$build/dcmrisk" scan "$DATA" -q -o "$work/one.scan"
"$build/dcmrisk" assess "$work/one.scan" -q --exit-zero --out "$work/one"
for file in report.json report.html; do
    cmp "$work/one/$file" "$OUT/report/$file"
done
echo "4 tasks, one requeued: the same report"
