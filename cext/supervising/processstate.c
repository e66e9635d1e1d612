#include "supervising/processstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t
ms_monotonic_ns(void)
{
    return (int64_t)ms_now_ns();
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
