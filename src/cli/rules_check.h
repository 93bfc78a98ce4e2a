/* `dcmrisk rules check FILE`: any file that a user may write. */
#ifndef DCR_RULES_CHECK_H
#define DCR_RULES_CHECK_H

/* Says whether the file (or folder of rules) is sound; returns the exit status.
 * `rules_dir` is that of --rules, NULL for the built-in rules. */
int dcr_rules_check_file(const char *rules_dir, const char *path);

#endif
