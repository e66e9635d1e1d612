#include "shared/memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Each block is a mapping of its own. There are some dozens of them, most of which grow by doubling; and libc would
 *   - set 64 MiB of address space aside for the drain's thread with its first request, or free,
 *   - take large blocks from its heap once the first is given back: each then is zeroed, page by page, and given back
 * to the kernel at once. Under ASan, which has its own bounds around what libc gives, they are libc's. */

/* In front of each block; as large as a cache line, so that blocks begin at one. */
typedef struct header {
    alignas(64) size_t mapped_bytes; /* 0: from libc */
    size_t before_bytes;             /* of the mapping, in front of the header */
    uint32_t place;                  /* among the mappings, from 1; 0: none was free */
} header;

/* Mappings that are in use, in no order. Claimed without a lock: a forked child would find it held for ever. */
#define MAPPINGS 4096u

typedef struct mapped {
    _Atomic uintptr_t start; /* 0: free */
    _Atomic size_t bytes;    /* 0: not to be looked at yet, or any more */
} mapped;

static mapped mappings[MAPPINGS];
static _Atomic uint32_t mappings_used; /* the highest place that ever was */

#define HUGE_PAGE ((size_t)2 << 20)
#define LARGEST_PAGE ((size_t)64 << 10) /* of those that are not huge */

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

static void
note(header *block, uintptr_t start, size_t bytes)
{
    for (uint32_t i = 0; i < MAPPINGS; i++) {
        uintptr_t none = 0;
        if (!atomic_compare_exchange_strong(&mappings[i].start, &none, start))
            continue;
        uint32_t used = atomic_load(&mappings_used);
        while (used < i + 1 && !atomic_compare_exchange_weak(&mappings_used, &used, i + 1)) {
        }
        atomic_store(&mappings[i].bytes, bytes);
        block->place = i + 1;
        return;
    }
    block->place = 0;
}

static void
forget(const header *block)
{
    if (block->place == 0)
        return;
    atomic_store(&mappings[block->place - 1].bytes, 0);
    atomic_store(&mappings[block->place - 1].start, 0);
}

uint64_t
ms_memory_resident_bytes(void)
{
    enum { PIECE = 8192 };
    unsigned char pages[PIECE];
    const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    uint64_t resident = 0;
    for (uint32_t i = 0; i < atomic_load(&mappings_used); i++) {
        uintptr_t start = atomic_load(&mappings[i].start);
        size_t count = (atomic_load(&mappings[i].bytes) + page_bytes - 1) / page_bytes;
        for (size_t at = 0; at < count; at += PIECE) {
            size_t piece = count - at < PIECE ? count - at : PIECE;
            /* It fails where the mapping is given back at this moment. */
            if (mincore((void *)(start + at * page_bytes), piece * page_bytes, pages) != 0)
                break;
            for (size_t page = 0; page < piece; page++)
                resident += pages[page] & 1;
        }
    }
    return resident * page_bytes;
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

/* Where there is none errno stays what it is: the program may be within an allocation. */
static void *
map(size_t bytes)
{
    int error = errno;
    void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    errno = error;
    return block == MAP_FAILED ? NULL : block;
}

static void
unmap(char *from, char *to)
{
    if (from < to)
        munmap(from, (size_t)(to - from));
}

static void *
from_libc(size_t bytes)
{
    size_t rounded = (bytes + sizeof(header) - 1) & ~(sizeof(header) - 1);
    void *block = aligned_alloc(sizeof(header), rounded);
    return block == NULL ? NULL : memset(block, 0, rounded);
}

void *
ms_memory_get(size_t size_bytes)
{
    if (must_fail())
        return NULL;
    size_t whole = sizeof(header) + size_bytes;
    header *block = MS_UNDER_ASAN ? from_libc(whole) : map(whole);
    if (block == NULL)
        return NULL;
    block->mapped_bytes = MS_UNDER_ASAN ? 0 : whole;
    if (!MS_UNDER_ASAN)
        note(block, (uintptr_t)block, whole);
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
    char *mapping = map(whole);
    if (mapping == NULL)
        return NULL;
    /* The next border that leaves room for the header. */
    char *block = (char *)(((uintptr_t)mapping + sizeof(header) + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
    (void)madvise(block, huge_bytes & ~(HUGE_PAGE - 1), MADV_HUGEPAGE); /* or it stays small pages */
    header *front = (header *)block - 1;
    /* What is left over goes back: it would count against limits of address space. */
    char *first = (char *)((uintptr_t)front & ~(uintptr_t)(LARGEST_PAGE - 1));
    char *end = (char *)(((uintptr_t)block + size_bytes + LARGEST_PAGE - 1) & ~(uintptr_t)(LARGEST_PAGE - 1));
    first = first > mapping ? first : mapping;
    end = end < mapping + whole ? end : mapping + whole;
    unmap(mapping, first);
    unmap(end, mapping + whole);
    front->mapped_bytes = (size_t)(end - first);
    front->before_bytes = (size_t)((char *)front - first);
    note(front, (uintptr_t)first, front->mapped_bytes);
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
    int error = errno;
    block = mremap(block, block->mapped_bytes, whole, MREMAP_MAYMOVE);
    errno = error;
    if (block == MAP_FAILED)
        return NULL;
    forget(block);
    block->mapped_bytes = whole;
    note(block, (uintptr_t)block, whole);
    return block + 1;
}

void
ms_memory_give(void *old)
{
    if (old == NULL)
        return;
    header *block = (header *)old - 1;
    if (block->mapped_bytes == 0) {
        free(block);
        return;
    }
    forget(block);
    munmap((char *)block - block->before_bytes, block->mapped_bytes);
}

void
ms_memory_give_back(void)
{
    /* glibc's alone, so it is looked for. */
    int (*trim)(size_t) = NULL;
    *(void **)&trim = dlsym(RTLD_DEFAULT, "malloc_trim");
    if (trim != NULL)
        (void)trim(0);
}
