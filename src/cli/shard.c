#include "shard.h"

#include <stdlib.h>
#include <string.h>

#include "num.h"

#define LARGEST 4000000000u /* of any number in the environment */

/* ---- the environment ---- */

static dcr_status absent(const char *option, const char *variable, dcr_err *err)
{
    return dcr_fail(err, DCR_EARG, NULL, "--shard %s: %s is not set", option, variable);
}

/* A number that must be there. */
static dcr_status ask(const char *option, const char *variable, uint64_t *out,
                      dcr_err *err)
{
    const char *text = getenv(variable);
    if (text == NULL || *text == '\0')
        return absent(option, variable, err);
    if (!dcr_num_u64(text, 0, LARGEST, out))
        return dcr_fail(err, DCR_EARG, NULL, "--shard %s: %s is not a whole number",
                        option, variable);
    return DCR_OK;
}

static dcr_status take(dcr_shard *out, const char *option, uint64_t at, uint64_t of,
                       dcr_err *err)
{
    if (of < 1 || of > DCR_SHARDS_MAX)
        return dcr_fail(err, DCR_EARG, NULL, "--shard %s: from 1 to %d shards", option,
                        (int)DCR_SHARDS_MAX);
    if (at >= of)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--shard %s: number %llu, counted from 0, of %llu shards", option,
                        (unsigned long long)at, (unsigned long long)of);
    out->at = (uint32_t)at;
    out->of = (uint32_t)of;
    return DCR_OK;
}

/* ---- Slurm ---- */

/* The whole array, MIN to MAX by STEP, each element a shard. */
static dcr_status slurm(dcr_shard *out, dcr_err *err)
{
    static const char *const names[] = {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN",
                                        "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_COUNT",
                                        "SLURM_ARRAY_TASK_STEP"};
    uint64_t v[5], id, min, max, count, step;
    for (size_t i = 0; i < 5; i++)
        if (ask("slurm", names[i], &v[i], err) != DCR_OK)
            return DCR_EARG;
    id = v[0], min = v[1], max = v[2], count = v[3], step = v[4];
    if (step < 1 || id < min || id > max || (id - min) % step != 0 ||
        (max - min) / step + 1 != count)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--shard slurm: the array has gaps (its numbers are not"
                        " MIN-MAX:STEP); say --shard slurm/N or I/N");
    return take(out, "slurm", (id - min) / step, count, err);
}

/* N is given, and the number is that of the task: single ones may be sent again. */
static dcr_status slurm_of(dcr_shard *out, const char *option, uint64_t of, dcr_err *err)
{
    uint64_t id;
    if (ask(option, "SLURM_ARRAY_TASK_ID", &id, err) != DCR_OK)
        return DCR_EARG;
    return take(out, option, id, of, err);
}

/* ---- Kubernetes ---- */

/* The job's index; Kubernetes does not tell how many there are. */
static dcr_status k8s_of(dcr_shard *out, const char *option, uint64_t of, dcr_err *err)
{
    uint64_t id;
    if (ask(option, "JOB_COMPLETION_INDEX", &id, err) != DCR_OK)
        return DCR_EARG;
    return take(out, option, id, of, err);
}

/* ---- MPI ---- */

/* Open MPI's own variables or those of PMI (MPICH, Intel MPI, srun --mpi=pmi2); when both
 * are there they must say the same. */
static dcr_status mpi(dcr_shard *out, dcr_err *err)
{
    static const char *const names[2][2] = {
        {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, {"PMI_RANK", "PMI_SIZE"}};
    uint64_t rank[2], size[2];
    bool have[2];
    int use;
    for (int i = 0; i < 2; i++) {
        have[i] = getenv(names[i][0]) != NULL || getenv(names[i][1]) != NULL;
        if (have[i] && (ask("mpi", names[i][0], &rank[i], err) != DCR_OK ||
                        ask("mpi", names[i][1], &size[i], err) != DCR_OK))
            return DCR_EARG;
    }
    if (!have[0] && !have[1])
        return dcr_fail(err, DCR_EARG, NULL,
                        "--shard mpi: neither OMPI_COMM_WORLD_RANK nor PMI_RANK is set");
    if (have[0] && have[1] && (rank[0] != rank[1] || size[0] != size[1]))
        return dcr_fail(err, DCR_EARG, NULL,
                        "--shard mpi: OMPI_COMM_WORLD_* and PMI_* say different things");
    use = have[0] ? 0 : 1;
    return take(out, "mpi", rank[use], size[use], err);
}

/* ---- the option ---- */

static dcr_status numbers(dcr_shard *out, const char *text, size_t n, uint64_t of,
                          dcr_err *err)
{
    char first[16];
    uint64_t i;
    if (n < sizeof first) {
        memcpy(first, text, n);
        first[n] = '\0';
        if (dcr_num_u64(first, 1, of, &i))
            return take(out, text, i - 1, of, err);
    }
    return dcr_fail(
        err, DCR_EARG, NULL, "--shard %.40s: shards are counted from 1/%llu to %llu/%llu",
        text, (unsigned long long)of, (unsigned long long)of, (unsigned long long)of);
}

dcr_status dcr_shard_parse(dcr_shard *out, const char *text, dcr_err *err)
{
    const char *slash = strchr(text, '/');
    size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);
    uint64_t of = 0;
    bool digits = n > 0 && strspn(text, "0123456789") == n;
    if (slash == NULL && strcmp(text, "slurm") == 0)
        return slurm(out, err);
    if (slash == NULL && strcmp(text, "mpi") == 0)
        return mpi(out, err);
    if (slash == NULL && strcmp(text, "k8s") == 0)
        return dcr_fail(err, DCR_EARG, NULL,
                        "--shard k8s: say how many completions the job has: k8s/N");
    if (slash != NULL && !dcr_num_u64(slash + 1, 1, DCR_SHARDS_MAX, &of))
        return dcr_fail(err, DCR_EARG, NULL, "--shard %.40s: N must be from 1 to %d",
                        text, (int)DCR_SHARDS_MAX);
    if (slash != NULL && digits)
        return numbers(out, text, n, of, err);
    if (slash != NULL && n == 5 && strncmp(text, "slurm", n) == 0)
        return slurm_of(out, text, of, err);
    if (slash != NULL && n == 3 && strncmp(text, "k8s", n) == 0)
        return k8s_of(out, text, of, err);
    return dcr_fail(err, DCR_EARG, NULL,
                    "--shard %.40s: must be I/N, slurm, slurm/N, k8s/N or mpi", text);
}
