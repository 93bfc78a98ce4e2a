# Which shard it is comes from the environment only when that is asked for, and only when all of it is
# there and fits together.  The numbers expected follow from Slurm's, Kubernetes' and MPI's own counting
# from 0 (or from MIN by STEP), and ours from 1.
# shellcheck disable=SC2086 # a list of variables
mkdir in
echo a,b >in/x.csv
shard() { # NAME=VALUE... WORD
    word=$1
    shift
    env "$@" "$DCMRISK" scan in -o s.scan --shard "$word" 2>&1 |
        sed 's/: . files*: . read now.*//'
    rm -f s.scan
}
shard 1/1
shard 65536/65536
for word in 0/4 5/4 1/0 1/65537 /4 4/ 4 1/2/3 -1/4 ' 1/4' 1/4x slurm/ k8s k8s/0 pbs mpi/4; do
    shard "$word"
done

# An array 10-22 by 4: elements 10, 14, 18, 22.
array="SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_MAX=22 SLURM_ARRAY_TASK_STEP=4 SLURM_ARRAY_TASK_COUNT=4"
shard slurm
shard slurm $array
shard slurm $array SLURM_ARRAY_TASK_ID=10
shard slurm $array SLURM_ARRAY_TASK_ID=22
shard slurm $array SLURM_ARRAY_TASK_ID=12
shard slurm $array SLURM_ARRAY_TASK_ID=26
shard slurm $array SLURM_ARRAY_TASK_ID=6
shard slurm $array SLURM_ARRAY_TASK_ID=
shard slurm $array SLURM_ARRAY_TASK_ID=ten
# --array=1,3,9: not what MIN, MAX and STEP say
shard slurm SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_STEP=1 \
    SLURM_ARRAY_TASK_COUNT=3
shard slurm/16 SLURM_ARRAY_TASK_ID=15
shard slurm/16 SLURM_ARRAY_TASK_ID=16
shard slurm/16

shard k8s/8
shard k8s/8 JOB_COMPLETION_INDEX=0
shard k8s/8 JOB_COMPLETION_INDEX=7
shard k8s/8 JOB_COMPLETION_INDEX=8

shard mpi
shard mpi OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4
shard mpi OMPI_COMM_WORLD_RANK=3
shard mpi PMI_RANK=0 PMI_SIZE=2
shard mpi PMI_RANK=0 PMI_SIZE=2 OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2
shard mpi PMI_RANK=2 PMI_SIZE=2

# Nothing is taken that was not asked for.
env $array SLURM_ARRAY_TASK_ID=14 JOB_COMPLETION_INDEX=1 OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 \
    "$DCMRISK" scan in -o s.scan 2>&1
"$DCMRISK" scan in/x.csv --shard 1/2 2>&1
"$DCMRISK" scan s.scan --shard 1/2 -o t.scan 2>&1
"$DCMRISK" merge s.scan 2>&1
"$DCMRISK" merge -o m.scan 2>&1
ls
