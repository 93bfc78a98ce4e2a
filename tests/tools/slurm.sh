#!/bin/sh
# A Slurm of one machine for tests: its own munge key and socket, its own ports, no cgroups, no
# systemd, nothing below /etc.  Runs as root or as anybody, and stops only what it has started.
# usage: slurm.sh start|stop FOLDER        the configuration is FOLDER/slurm.conf
set -eu
folder=$(realpath -m "$2")
host=$(hostname -s)
port=${SLURM_TEST_PORT:-27817}
export SLURM_CONF="$folder/slurm.conf"

configuration() {
    cat <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
PropagateResourceLimits=NONE
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmdSpoolDir=$folder/spool
StateSaveLocation=$folder/state
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000
PartitionName=test Nodes=$host Default=YES MaxTime=00:30:00 State=UP OverSubscribe=FORCE:4
END
}

start() {
    umask 022
    mkdir -p "$folder/spool" "$folder/state" "$folder/munge"
    chmod 755 "$folder" "$folder/munge"
    dd if=/dev/urandom of="$folder/munge/key" bs=128 count=1 2>/dev/null
    chmod 400 "$folder/munge/key"
    configuration >"$SLURM_CONF"
    munged --force --num-threads=2 --socket="$folder/munge/socket" --key-file="$folder/munge/key" \
        --pid-file="$folder/munge.pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
    slurmctld -f "$SLURM_CONF"
    slurmd -f "$SLURM_CONF" -N "$host"
    for _ in $(seq 120); do
        [ "$(sinfo -h -o %T 2>/dev/null)" != idle ] || return 0
        sleep 0.25
    done
    tail -n 5 "$folder"/*.log >&2
    return 1
}

stop() {
    for name in slurmd slurmctld munge; do
        [ -f "$folder/$name.pid" ] || continue
        pid=$(cat "$folder/$name.pid")
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 100); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
    done
}

"$1"
