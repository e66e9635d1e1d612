#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* From here on a block is a mapping of its own. libc would do so too, but only until the first such block is given back:
 * from then on it takes them from its heap, and each is zeroed, page by page, and given back to the kernel at once. */
#define MAPPED_FROM (MS_UNDER_ASAN ? SIZE_MAX : (size_t)128 << 10)

/* In front of each block; as large as a cache line, so that blocks begin at one. */
typedef struct header {
    alignas(64) size_t mapped_bytes; /* 0: from libc */
    size_t before_bytes;             /* of the mapping, in front of the header */
} header;

#define HUGE_PAGE ((size_t)2 << 20)

static _Atomic long requests_left = 0;
static _Atomic bool only_one = false, failed = false;

static bool
must_fail(void)
{
    long left = atomic_load_explicit(&requests_left, memory_order_relaxed);
    if (MS_LIKELY(left == 0))
        return false;
    if (left == 1) {
        atomic_store_explicit(&failed, true, memory_order_relaxed);
        if (atomic_load_explicit(&only_one, memory_order_relaxed))
            atomic_store_explicit(&requests_left, 0, memory_order_relaxed);
        return true;
    }
    atomic_store_explicit(&requests_left, left - 1, memory_order_relaxed);
    return false;
}

bool
ms_memory_fail(long n, bool once)
{
    atomic_store_explicit(&only_one, once, memory_order_relaxed);
    atomic_store_explicit(&requests_left, n, memory_order_relaxed);
    return atomic_exchange_explicit(&failed, false, memory_order_relaxed);
}

void
ms_memory_fail_from(long n)
{
    (void)ms_memory_fail(n, false);
}

void *
ms_memory_get(size_t size_bytes)
{
    if (must_fail())
        return NULL;
    size_t whole = sizeof(header) + size_bytes;
    header *block;
    if (whole >= MAPPED_FROM) {
        block = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            return NULL;
        block->mapped_bytes = whole;
    } else {
        size_t rounded = (whole + sizeof(header) - 1) & ~(sizeof(header) - 1);
        block = aligned_alloc(sizeof(header), rounded);
        if (block == NULL)
            return NULL;
        memset(block, 0, rounded);
    }
    return block + 1;
}

void *
ms_memory_get_huge(size_t size_bytes, size_t huge_bytes)
{
    if (huge_bytes < HUGE_PAGE || MS_UNDER_ASAN)
        return ms_memory_get(size_bytes);
    if (must_fail())
        return NULL;
    size_t whole = HUGE_PAGE + sizeof(header) + size_bytes;
    char *mapping = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        return NULL;
    /* The next border that leaves room for the header. */
    char *block = (char *)(((uintptr_t)mapping + sizeof(header) + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
    (void)madvise(block, huge_bytes & ~(HUGE_PAGE - 1), MADV_HUGEPAGE); /* or it stays small pages */
    header *front = (header *)block - 1;
    front->mapped_bytes = whole;
    front->before_bytes = (size_t)((char *)front - mapping);
    return block;
}

void *
ms_memory_grow(void *old, size_t old_bytes, size_t new_bytes)
{
    header *block = old == NULL ? NULL : (header *)old - 1;
    if (block == NULL || block->mapped_bytes == 0) {
        void *grown = ms_memory_get(new_bytes);
        if (grown != NULL && old != NULL) {
            memcpy(grown, old, old_bytes);
            ms_memory_give(old);
        }
        return grown;
    }
    if (must_fail())
        return NULL;
    /* Pages move, bytes do not; new ones come when they are touched. */
    size_t whole = sizeof(header) + new_bytes;
    block = mremap(block, block->mapped_bytes, whole, MREMAP_MAYMOVE);
    if (block == MAP_FAILED)
        return NULL;
    block->mapped_bytes = whole;
    return block + 1;
}

void
ms_memory_give(void *old)
{
    if (old == NULL)
        return;
    header *block = (header *)old - 1;
    if (block->mapped_bytes != 0)
        munmap((char *)block - block->before_bytes, block->mapped_bytes);
    else
        free(block);
}
