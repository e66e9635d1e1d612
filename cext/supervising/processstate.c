#include "supervising/processstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/procfs.h"

int64_t
ms_monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + (int64_t)now.tv_nsec;
}

uint64_t
ms_process_signals(pid_t pid, const char *line)
{
    char path[64], text[256];
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    uint64_t bits = 0;
    size_t length = strlen(line);
    while (fgets(text, sizeof text, file) != NULL) {
        if (strncmp(text, line, length) == 0 && text[length] == ':')
            bits = strtoull(text + length + 1, NULL, 16);
    }
    (void)fclose(file);
    return bits;
}

bool
ms_process_is_stopped(pid_t pid)
{
    ms_process_state state;
    return ms_procfs_state((uint32_t)pid, &state) && state.state == 'T';
}
