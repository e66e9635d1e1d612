/* environment.c: the program finds its environment as if nothing had been preloaded.
 *
 *   as it is started   LD_PRELOAD=/…/_native.so:/…/libjemalloc.so      or LD_PRELOAD=/…/_native.so
 *   as it sees it      LD_PRELOAD=/…/libjemalloc.so                    no such variable
 *
 * So what the program starts in turn is not preloaded with us. The text is changed where it stands, on the first
 * thread's stack: nothing is requested for it, and /proc/PID/environ tells nothing of it either.
 */
#include "shared/platform.h"

#include <dlfcn.h>
#include <string.h>

extern char **environ;

static const char variable[] = "LD_PRELOAD=";

/* Takes our name, and the colon behind it, off the value. False: it was all there was. */
static bool
take_off(char *value, const char *ours)
{
    size_t length = strlen(ours), whole = strlen(value);
    if (strncmp(value, ours, length) != 0)
        return true;
    if (value[length] == '\0') {
        memset(value - (sizeof variable - 1), 0, sizeof variable - 1 + whole);
        return false;
    }
    if (value[length] != ':')
        return true;
    memmove(value, value + length + 1, whole - length);
    memset(value + whole - length, 0, length);
    return true;
}

__attribute__((constructor)) static void
clean_environment(void)
{
    Dl_info us;
    if (environ == NULL || dladdr((const void *)variable, &us) == 0 || us.dli_fname == NULL)
        return;
    char **to = environ;
    for (char **from = environ; *from != NULL; from++) {
        bool is_it = strncmp(*from, variable, sizeof variable - 1) == 0;
        if (!is_it || take_off(*from + sizeof variable - 1, us.dli_fname))
            *to++ = *from;
    }
    *to = NULL;
}
