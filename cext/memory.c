#include "memory.h"

#include <stdlib.h>
#include <string.h>

static _Atomic long requests_left = 0;

static bool
must_fail(void)
{
    long left = atomic_load_explicit(&requests_left, memory_order_relaxed);
    if (MS_LIKELY(left == 0))
        return false;
    if (left == 1)
        return true;
    atomic_store_explicit(&requests_left, left - 1, memory_order_relaxed);
    return false;
}

void
ms_memory_fail_from(long n)
{
    atomic_store_explicit(&requests_left, n, memory_order_relaxed);
}

void *
ms_memory_get(size_t size_bytes)
{
    return must_fail() ? NULL : calloc(1, size_bytes);
}

void *
ms_memory_get_aligned(size_t size_bytes)
{
    void *block = must_fail() ? NULL : aligned_alloc(64, (size_bytes + 63) & ~(size_t)63);
    return block == NULL ? NULL : memset(block, 0, size_bytes);
}

void *
ms_memory_grow(void *block, size_t old_bytes, size_t new_bytes)
{
    if (must_fail())
        return NULL;
    char *grown = realloc(block, new_bytes);
    if (grown != NULL)
        memset(grown + old_bytes, 0, new_bytes - old_bytes);
    return grown;
}

void
ms_memory_give(void *block)
{
    free(block);
}
