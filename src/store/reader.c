/* Which reader made a scan file. */
#include <stdio.h>
#include <string.h>

#include "store_impl.h"

void dcr_store_reader(const dcr_store *s, char *out, size_t n)
{
    sqlite3_stmt *st = NULL;
    out[0] = '\0';
    if (sqlite3_prepare_v2(s->db, "SELECT value FROM meta WHERE key = 'reader'", -1, &st,
                           NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW) {
        const char *version = (const char *)sqlite3_column_text(st, 0);
        if (version != NULL)
            snprintf(out, n, "%.*s", (int)(strcspn(version, "/ ") & 0xFF), version);
    }
    sqlite3_finalize(st);
}
