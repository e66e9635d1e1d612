#include "program/pymallocstats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/hooks.h"

/* The number at the end of a line, without the commas in it. False: there is none. */
static bool
number_after(const char *text, const char *label, uint64_t *number)
{
    const char *at = strstr(text, label);
    if (at == NULL)
        return false;
    at += strlen(label);
    at += strspn(at, " =");
    if (*at < '0' || *at > '9')
        return false;
    *number = 0;
    for (; (*at >= '0' && *at <= '9') || *at == ','; at++)
        if (*at != ',')
            *number = *number * 10 + (uint64_t)(*at - '0');
    return true;
}

bool
ms_pymalloc_stats_read(ms_pymalloc_stats *stats)
{
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *stream = open_memstream(&text, &text_bytes);
    if (stream == NULL)
        return false;
    bool printed = ms_hooks_print_pymalloc(stream);
    bool whole = fclose(stream) == 0 && printed;
    bool found = whole && number_after(text, " arenas *", &stats->arena_bytes) /* of "9 arenas * 1048576 bytes" */ &&
                 number_after(text, "# arenas allocated current", &stats->arenas) &&
                 number_after(text, "# arenas highwater mark", &stats->arenas_most) &&
                 number_after(text, "# arenas reclaimed", &stats->arenas_returned) &&
                 number_after(text, "# bytes in allocated blocks", &stats->blocks_bytes);
    free(text);
    return found;
}
