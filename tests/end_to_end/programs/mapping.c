/* Maps known ranges of pages, in threads with and without a Python state, and counts what is mapped by itself. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define RANGES 256
#define FIELD_PAGES 512u

static char *ranges[RANGES];

static char *
map(size_t pages)
{
    char *range = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return range == MAP_FAILED ? NULL : range;
}

/* `count` ranges of so many pages; the first `whole` of them are unmapped, and of the others the second half. */
void
halves(size_t count, size_t pages, size_t whole)
{
    for (size_t i = 0; i < count; i++)
        ranges[i] = map(pages);
    for (size_t i = 0; i < count; i++) {
        if (i < whole)
            munmap(ranges[i], pages * PAGE);
        else
            munmap(ranges[i] + pages / 2 * PAGE, pages / 2 * PAGE);
    }
}

/* A range that loses its middle, and then its last page and a half, which are two. */
void
holes(size_t pages)
{
    char *range = map(pages);
    munmap(range + pages / 4 * PAGE, pages / 2 * PAGE);
    munmap(range + (pages - 2) * PAGE, PAGE + 1);
}

/* A range of one page that is made a page larger so often, wherever there is room; then it shrinks to one. */
void
grow(size_t times)
{
    char *range = map(1);
    for (size_t pages = 1; pages <= times; pages++)
        range = mremap(range, pages * PAGE, (pages + 1) * PAGE, MREMAP_MAYMOVE);
    ranges[0] = mremap(range, (times + 1) * PAGE, PAGE, 0);
}

/* What is refused: a range that cannot grow where it is, one to unmap that is none, more than there is. */
int
fail(void)
{
    char *range = map(4);
    mmap(range + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    int refused = mremap(range, PAGE, 3 * PAGE, 0) == MAP_FAILED;
    refused += munmap(range + 1, PAGE) != 0;
    refused += munmap(range, 0) != 0;
    refused += mmap(NULL, SIZE_MAX / 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
    refused += mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED;
    return refused;
}

/* What is to take the place of mapped pages, and is refused: they stay. */
int
fail_to_replace(void)
{
    char *range = map(8), *other = map(2);
    int refused = mmap(range + PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1, 0) == MAP_FAILED;
    int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    refused += mremap(other, 2 * PAGE, 2 * PAGE, flags, other + PAGE) == MAP_FAILED;
    return refused;
}

/* What is not counted: a file's pages, and pages that are shared; but what they take the place of goes. */
void
others(void)
{
    int file = memfd_create("file", 0);
    if (ftruncate(file, 8 * PAGE) != 0)
        return;
    char *range = map(8);
    mmap(range, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0);
    mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, file, 0);
    char *shared = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mremap(shared, 8 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
    close(file);
}

void
heap_end(intptr_t change)
{
    char *end = sbrk(change);
    brk(end);
    sbrk(change);
}

/* ---- from threads ---------------------------------------------------------------------------- */

static void *
fill(void *context)
{
    char **own = context;
    for (size_t i = 0; i < 32; i++)
        own[i] = map(4);
    return NULL;
}

static void *
thin(void *context)
{
    char **others = context;
    for (size_t i = 0; i < 32; i++)
        munmap(others[i] + PAGE, PAGE);
    return NULL;
}

/* Threads that Python does not know map 32 ranges of 4 pages each, and other threads unmap the second page. */
void
hand_over(size_t threads)
{
    pthread_t running[8];
    for (int thinning = 0; thinning < 2; thinning++) {
        for (size_t i = 0; i < threads; i++)
            pthread_create(&running[i], NULL, thinning ? thin : fill, &ranges[32 * i]);
        for (size_t i = 0; i < threads; i++)
            pthread_join(running[i], NULL);
    }
}

/* ---- at random ------------------------------------------------------------------------------- */

static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 12;
}

static char is_mapped[FIELD_PAGES];

static void
mark(size_t from, size_t pages, char mapped)
{
    memset(is_mapped + from, mapped, pages);
}

typedef struct counts {
    long calls, pages, mapped; /* that map or remap, what they asked for; pages at the end */
} counts;

/* Maps, unmaps and moves parts of a field of addresses with a mark for each page. It lies far from where the kernel
 * puts what others map: nobody comes to what is unmapped. */
void
field(uint32_t seed, size_t steps, counts *counted)
{
    char *far = (char *)(UINT64_C(1) << 45);
    char *first = mmap(far, FIELD_PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mark(0, FIELD_PAGES, 1);
    counted->calls = 1;
    counted->pages = FIELD_PAGES;
    for (size_t i = 0; i < steps; i++) {
        size_t pages = 1 + next_random(&seed) % 24, from = next_random(&seed) % (FIELD_PAGES - pages);
        size_t to = next_random(&seed) % (FIELD_PAGES - pages), kind = next_random(&seed) % 3;
        char *start = first + from * PAGE;
        if (kind == 0) {
            munmap(start, pages * PAGE);
            mark(from, pages, 0);
        } else if (kind == 1) {
            mmap(start, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
            mark(from, pages, 1);
        } else if (is_mapped[from] && (from + pages <= to || to + pages <= from)) {
            /* One page: of more, some may be another mapping's, which is refused. */
            if (mremap(start, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, first + to * PAGE) == MAP_FAILED)
                abort();
            mark(from, 1, 0);
            mark(to, 1, 1);
            pages = 1;
        } else {
            continue;
        }
        if (kind != 0) {
            counted->calls++;
            counted->pages += (long)pages;
        }
    }
    counted->mapped = 0;
    for (size_t i = 0; i < FIELD_PAGES; i++)
        counted->mapped += is_mapped[i];
}
