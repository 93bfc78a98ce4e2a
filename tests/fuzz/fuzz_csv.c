/* Tables: the columns a, b, c of any bytes, by one thread and by three, which must say
 * the same. */
#include "fuzz.h"

#include "csv.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const char *const names[] = {"a", "b", "c"}, *const na[] = {"NA"};
    dcr_csv_options o = {
        .delimiter = ',', .na = na, .n_na = 1, .n_optional = 2, .jobs = 1};
    dcr_csv *t[2] = {NULL, NULL};
    dcr_err err[2] = {{0}, {0}};
    dcr_status s[2];
    char name[32];
    int fd;
    if (n == 0)
        return 0;
    o.trim = p[0] & 1;
    o.delimiter = p[0] & 2 ? ';' : ',';
    fd = memory_file(p + 1, n - 1);
    for (int i = 0; i < 2; i++) {
        o.jobs = i == 0 ? 1 : 3;
        s[i] = dcr_csv_read(&t[i], name_of(fd, name), names, 3, &o, &err[i]);
    }
    MUST(s[0] == s[1] && err[0].line == err[1].line);
    if (s[0] == DCR_OK) {
        MUST(t[0]->n_rows == t[1]->n_rows);
        for (size_t c = 0; c < t[0]->n_columns; c++)
            for (size_t r = 0; r < t[0]->n_rows; r++)
                MUST(t[0]->column[c].code[r] == t[1]->column[c].code[r] &&
                     t[0]->column[c].code[r] < t[0]->column[c].n_codes);
    }
    dcr_csv_free(t[0]);
    dcr_csv_free(t[1]);
    close(fd);
    return 0;
}
