/* What a worker gives up before it reads a file: whoever takes it over through a hostile
 * file can read what the user can read, and answer; nothing else. */
#ifndef DCR_CAGE_H
#define DCR_CAGE_H

#include <stdbool.h>

/* From here on this process cannot write to or create a file, open a socket, start a
 * program or a process, look into or signal another one, or change anything.  False where
 * the kernel does not filter system calls (an old one, or a container that forbids it):
 * then only what limits can do holds, which is writing to files and, unless root,
 * starting processes.  Where there is no Landlock (Linux before 5.13), who is not root
 * can read the memory of the user's other processes below /proc, as far as the system
 * lets any process do so.  Sanitizers need calls of their own: built with them, nothing
 * is done. */
bool dcr_cage_enter(void);

/* The version of the library that makes the filter, "2.5.4"; static. */
const char *dcr_cage_library(void);

#endif
