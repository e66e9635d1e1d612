#include "witness/stops.h"

#include <stdlib.h>
#include <string.h>

#define SPACE " \n"

void
ms_stops_hear(ms_stops *stops, const char *words)
{
    for (words += strspn(words, SPACE); *words != '\0'; words += strspn(words, SPACE)) {
        size_t length = strcspn(words, SPACE);
        if (*words >= '0' && *words <= '9')
            stops->program = (uint32_t)strtoul(words, NULL, 10);
        else
            stops->follows = strncmp(words, "follows", length) == 0;
        words += length;
    }
}

ms_stops_act
ms_stops_look(ms_stops *stops, bool memscope_stopped, bool program_stopped)
{
    if (stops->program == 0 || !memscope_stopped || program_stopped) {
        stops->apart = 0;
        return MS_STOPS_LEAVE;
    }
    if (++stops->apart == 1) /* one of them may have gone on between the two looks */
        return MS_STOPS_LEAVE;
    stops->apart = 0;
    return stops->follows ? MS_STOPS_CONTINUE_MEMSCOPE : MS_STOPS_STOP_PROGRAM;
}
