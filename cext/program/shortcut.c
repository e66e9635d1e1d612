#include "program/shortcut.h"

#if MS_HAVE_SHORTCUTS

#    include <dlfcn.h>
#    include <fcntl.h>
#    include <string.h>
#    include <unistd.h>
#    include <unwind.h>

/* jmp *0(%rip); .quad to */
enum { JUMP_BYTES = 14, CALL_BYTES = 5 };

typedef struct {
    const void *own_image, *skipped;
    const void *function; /* candidate */
    const void *found;
    int depth;
} ms_search;

static const void *
image_of(const void *address)
{
    Dl_info info;
    return dladdr(address, &info) != 0 ? info.dli_fbase : NULL;
}

/* Whether what returns to `back` was called by a direct call of the function. */
static bool
calls(const uint8_t *back, const void *function)
{
    int32_t distance;
    memcpy(&distance, back - CALL_BYTES + 1, sizeof distance);
    return back[-CALL_BYTES] == 0xe8 && (const void *)(back + distance) == function;
}

static _Unwind_Reason_Code
look_at(struct _Unwind_Context *context, void *argument)
{
    ms_search *search = argument;
    const uint8_t *back = (const uint8_t *)_Unwind_GetIP(context);
    const void *function = (const void *)_Unwind_GetRegionStart(context);
    if (back == NULL || function == NULL || ++search->depth > 8)
        return _URC_END_OF_STACK;
    if (search->function != NULL) {
        if (calls(back, search->function))
            search->found = search->function;
        return _URC_END_OF_STACK;
    }
    if (image_of(back) != search->own_image && function != search->skipped)
        search->function = function;
    return _URC_NO_REASON;
}

const void *
ms_shortcut_caller(const void *skipped)
{
    ms_search search = {.own_image = image_of((const void *)(uintptr_t)look_at), .skipped = skipped};
    (void)_Unwind_Backtrace(look_at, &search);
    return search.found;
}

static struct {
    const void *function; /* NULL: none is changed */
    uint8_t before[JUMP_BYTES];
} shortcut;

static bool
write_code(const void *to, const uint8_t bytes[JUMP_BYTES])
{
    int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    if (memory < 0)
        return false;
    bool written = pwrite(memory, bytes, JUMP_BYTES, (off_t)(uintptr_t)to) == JUMP_BYTES;
    (void)close(memory);
    return written && memcmp(to, bytes, JUMP_BYTES) == 0;
}

bool
ms_shortcut_set(const void *function, const void *to)
{
    uint8_t jump[JUMP_BYTES] = {0xff, 0x25, 0, 0, 0, 0};
    if (shortcut.function != NULL)
        return false;
    memcpy(jump + 6, &to, sizeof to);
    memcpy(shortcut.before, function, JUMP_BYTES);
    if (!write_code(function, jump))
        return false;
    shortcut.function = function;
    return true;
}

bool
ms_shortcut_clear(void)
{
    if (shortcut.function == NULL || !write_code(shortcut.function, shortcut.before))
        return shortcut.function == NULL;
    shortcut.function = NULL;
    return true;
}

#else

const void *
ms_shortcut_caller(const void *skipped)
{
    (void)skipped;
    return NULL;
}

bool
ms_shortcut_set(const void *function, const void *to)
{
    (void)function;
    (void)to;
    return false;
}

bool
ms_shortcut_clear(void)
{
    return true;
}

#endif
