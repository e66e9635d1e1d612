#include "supervising/handover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MS_INTERFACE
#    define MS_INTERFACE 0 /* in tests */
#endif

/* The next of the strings, which lie one after the other; NULL: there is none. */
static char *
next(char **at, const char *end)
{
    char *text = *at;
    size_t length = strnlen(text, (size_t)(end - text));
    if (text + length == end)
        return NULL;
    *at = text + length + 1;
    return text;
}

static bool
take_strings(ms_handover *handover, char *at, const char *end)
{
    const char **names[] = {&handover->process, &handover->name, &handover->socket, &handover->python, &handover->pack};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((*names[i] = next(&at, end)) == NULL)
            return false;
    }
    for (int64_t i = 0; i < handover->numbers.words; i++) {
        if ((handover->words[i] = next(&at, end)) == NULL)
            return false;
    }
    handover->meta = at;
    return end - at == handover->numbers.meta_bytes;
}

bool
ms_handover_take(ms_handover *handover)
{
    const char *given = getenv(MS_HANDOVER_VARIABLE);
    struct stat status;
    if (given == NULL || fstat(atoi(given), &status) != 0 || (size_t)status.st_size < sizeof handover->numbers)
        return false;
    size_t bytes = (size_t)status.st_size;
    char *text = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, atoi(given), 0);
    if (text == MAP_FAILED)
        return false;
    close(atoi(given));
    (void)unsetenv(MS_HANDOVER_VARIABLE);
    memcpy(&handover->numbers, text, sizeof handover->numbers);
    if (handover->numbers.interface != MS_INTERFACE || handover->numbers.words < 1 ||
        handover->numbers.words > MS_HANDOVER_WORDS)
        return false;
    return take_strings(handover, text + sizeof handover->numbers, text + bytes);
}

static void
put_limit(FILE *file, const ms_limit *limit)
{
    int64_t numbers[] = {limit->is ? (int64_t)limit->source : -1, (int64_t)limit->limit_bytes,
                         (int64_t)limit->used_bytes, (int64_t)limit->kills};
    (void)fwrite(numbers, sizeof numbers, 1, file);
}

static void
put_text(FILE *file, const char *text)
{
    (void)fwrite(text, strlen(text) + 1, 1, file);
}

void
ms_handover_leave(int fd, const ms_ended *ended)
{
    FILE *file = fdopen(fd, "w");
    if (file == NULL)
        return;
    int64_t numbers[] = {ended->status, ended->waited, ended->nothing_ran, ended->killed, ended->written};
    (void)fwrite(numbers, sizeof numbers, 1, file);
    put_limit(file, &ended->last);
    put_limit(file, &ended->nearest);
    put_text(file, ended->problem);
    put_text(file, ended->interim_problem);
    for (int i = 0; i < ended->written; i++)
        put_text(file, ended->names[i]);
    put_text(file, ended->summary);
    (void)fflush(file); /* the descriptor stays open for who is started next */
}
