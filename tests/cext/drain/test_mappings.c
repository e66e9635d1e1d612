/* Looks at mappings against mappings that this process makes, and against the kernel's own sum. */
#include "drain/mappings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "shared/procfs.h"

#define MIB ((size_t)1 << 20)
#define HEAP_OF_THREAD (64 * MIB)

static const ms_heap no_heap;
static const ms_numbers no_numbers;

static char *
make(size_t bytes, int flags, int file, size_t touched)
{
    char *made = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
    CHECK(made != MAP_FAILED);
    for (size_t at = 0; at < touched; at += 4096)
        made[at] = 1;
    return made;
}

static uint64_t
resident_of(const ms_look *look, ms_mapping_kind kind, const char *name)
{
    for (uint32_t i = 0; i < look->group_count; i++) {
        if (look->groups[i].kind == kind && strcmp(look->groups[i].name, name) == 0)
            return look->groups[i].resident_bytes;
    }
    return 0;
}

static uint64_t
sum_of(const ms_look *look)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < look->group_count; i++)
        sum += look->groups[i].resident_bytes;
    return sum;
}

static ms_look
facts(uint64_t time_ns)
{
    return (ms_look){.time_ns = time_ns, .resident_bytes = ms_procfs_resident((uint32_t)getpid()).bytes};
}

static void
each_kind_is_told_apart(void)
{
    ms_mappings mappings;
    ms_mappings_init(&mappings, (int)getpid());
    ms_look wanted = facts(1);
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    uint64_t anonymous = resident_of(&mappings.last, MS_MAP_ANONYMOUS, "");

    char *block = make(8 * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1, 5 * MIB);
    (void)madvise(block, 8 * MIB, MADV_NOHUGEPAGE);
    char path[] = "/tmp/a \"name\"\n-XXXXXX";
    int file = mkstemp(path);
    CHECK(file >= 0 && ftruncate(file, 3 * MIB) == 0);
    char *data = make(3 * MIB, MAP_SHARED, file, 3 * MIB);
    int memory = memfd_create("memscope", MFD_CLOEXEC);
    CHECK(memory >= 0 && ftruncate(memory, 2 * MIB) == 0);
    char *segment = make(2 * MIB, MAP_SHARED, memory, MIB);
    wanted = facts(2);
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    const ms_look *look = &mappings.last;
    CHECK(look->time_ns == 2);
    CHECK(look->resident_bytes == sum_of(look));
    uint64_t more = resident_of(look, MS_MAP_ANONYMOUS, "") - anonymous;
    CHECK(more >= 5 * MIB && more < 9 * MIB);
    CHECK(resident_of(look, MS_MAP_MEMSCOPE, "") >= MIB);
    CHECK(resident_of(look, MS_MAP_STACK, "") > 0);

    ms_buffer json = {0};
    ms_mappings_describe(&mappings, &no_numbers, &json);
    ms_buffer_put(&json, "", 1);
    CHECK(!json.failed);
    CHECK(strstr(json.bytes, "a \\u0022name\\u0022\\012-") != NULL || strstr(json.bytes, "\\u0022name") != NULL);
    for (const char *at = json.bytes; *at != '\0'; at++)
        CHECK(*at >= ' ' && *at <= '~');
    CHECK(strstr(json.bytes, "\"kind\": \"library\"") != NULL);
    ms_buffer_close(&json);
    munmap(block, 8 * MIB);
    munmap(data, 3 * MIB);
    munmap(segment, 2 * MIB);
    close(file);
    close(memory);
    unlink(path);
    wanted = facts(3);
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    CHECK(mappings.last.time_ns == 3);
    CHECK(mappings.peak.time_ns == 2);
    ms_mappings_close(&mappings);
}

/* A process that has many files mapped: names end, and nothing is lost. */
static void
too_many_names_share_one(void)
{
    enum { FILES = 300 };
    char *mapped[FILES];
    for (int i = 0; i < FILES; i++) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/mapped-%d-%d", (int)getpid(), i);
        FILE *file = fopen(path, "w+");
        CHECK(file != NULL && ftruncate(fileno(file), 4096) == 0);
        mapped[i] = make(4096, MAP_SHARED, fileno(file), 4096);
        fclose(file);
        unlink(path);
    }
    ms_mappings mappings;
    ms_mappings_init(&mappings, (int)getpid());
    ms_look wanted = facts(1);
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    const ms_look *look = &mappings.last;
    CHECK(look->group_count <= MS_MAPPING_NAMES + 6);
    CHECK(look->resident_bytes == sum_of(look));
    CHECK(resident_of(look, MS_MAP_FILE, "") > (FILES - MS_MAPPING_NAMES) * 4096u);
    for (int i = 0; i < FILES; i++)
        munmap(mapped[i], 4096);
    ms_mappings_close(&mappings);
}

/* What was asked of `ranges` of private memory: their resident bytes, by the bounds of one of them. */
static const ms_range *
range_at(const ms_look *look, const char *address)
{
    for (uint32_t i = 0; i < look->residency.range_count; i++) {
        const ms_range *range = &look->residency.ranges[i];
        if (range->start <= (uintptr_t)address && (uintptr_t)address < range->end)
            return range;
    }
    return NULL;
}

/* Address space that nobody may touch, at a multiple of 64 MiB. */
static char *
reserve(size_t bytes)
{
    char *reserved = mmap(NULL, bytes + HEAP_OF_THREAD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(reserved != MAP_FAILED);
    char *start = (char *)(((uintptr_t)reserved + HEAP_OF_THREAD - 1) & ~(HEAP_OF_THREAD - 1));
    if (start != reserved)
        munmap(reserved, (size_t)(start - reserved));
    if (start != reserved + HEAP_OF_THREAD)
        munmap(start + bytes, (size_t)(reserved + HEAP_OF_THREAD - start));
    return start;
}

static void
private_memory_is_told_range_by_range(void)
{
    /* Between two that nobody may touch, so that it stays a range of its own; parted where a heap could begin. */
    char *reserved = reserve(2 * HEAP_OF_THREAD);
    char *around = reserved + HEAP_OF_THREAD - 2 * MIB;
    CHECK(mprotect(around + MIB, 8 * MIB, PROT_READ | PROT_WRITE) == 0);
    (void)madvise(around, 10 * MIB, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < 3 * MIB; at += 4096)
        around[MIB + at] = 1;
    ms_mappings mappings;
    ms_mappings_init(&mappings, (int)getpid());
    ms_look wanted = facts(1);
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    const ms_look *look = &mappings.last;
    const ms_range *range = range_at(look, around + 2 * MIB);
    CHECK(range != NULL && range->resident_bytes == 3 * MIB && range->end - range->start == 8 * MIB);
    CHECK(ms_range_rest(range) == 3 * MIB);
    (void)madvise(around + 2 * MIB, 4 * MIB, MADV_DONTDUMP); /* parts the mapping, and nothing else */
    wanted = facts(2);
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    look = &mappings.last;
    range = range_at(look, around + 2 * MIB);
    CHECK(range != NULL && range->resident_bytes == 3 * MIB && range->end - range->start == 8 * MIB);
    uint64_t sum = 0, groups = 0;
    for (uint32_t i = 0; i < look->residency.range_count; i++)
        sum += look->residency.ranges[i].resident_bytes;
    groups = resident_of(look, MS_MAP_ANONYMOUS, "") + resident_of(look, MS_MAP_HEAP, "");
    CHECK(sum == groups + resident_of(look, MS_MAP_STACK, ""));
    munmap(reserved, 2 * HEAP_OF_THREAD);
    ms_mappings_close(&mappings);
}

/* The C library's heap of a thread, right behind memory that is none. */
static void
heaps_of_threads_are_ranges_of_their_own(void)
{
    char *reserved = reserve(3 * HEAP_OF_THREAD), *heap = reserved + HEAP_OF_THREAD;
    CHECK(mprotect(heap - 4 * MIB, 6 * MIB, PROT_READ | PROT_WRITE) == 0);
    (void)madvise(heap - 4 * MIB, 6 * MIB, MADV_NOHUGEPAGE);
    (void)madvise(heap - 4 * MIB, 4 * MIB, MADV_DONTDUMP);
    for (size_t at = 0; at < MIB; at += 4096)
        heap[at] = heap[at - 4 * MIB] = heap[at - 2 * MIB] = 1;
    /* What follows it to the end of its 64 MiB is a mapping of its own. */
    CHECK(mprotect(heap + HEAP_OF_THREAD, MIB, PROT_READ) == 0);
    ms_mappings mappings;
    ms_mappings_init(&mappings, (int)getpid());
    ms_look wanted = facts(1);
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    const ms_range *range = range_at(&mappings.last, heap);
    CHECK(range != NULL && range->of_thread && range->start == (uintptr_t)heap && range->resident_bytes == MIB);
    range = range_at(&mappings.last, heap - MIB);
    CHECK(range != NULL && !range->of_thread && range->end == (uintptr_t)heap && range->resident_bytes == 2 * MIB);
    munmap(reserved, 3 * HEAP_OF_THREAD);
    ms_mappings_close(&mappings);
}

/* An arena with one page in use, one that was only read, and a pool of 3 blocks of 64 bytes. */
static void
arenas_are_looked_into(void)
{
    char *around = mmap(NULL, 3 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *start = (char *)(((uintptr_t)around + MIB) & ~(MIB - 1));
    CHECK(mprotect(start, MIB, PROT_READ | PROT_WRITE) == 0);
    (void)madvise(start, MIB, MADV_NOHUGEPAGE);
    ms_pool_head *pool = (ms_pool_head *)start, *freed = (ms_pool_head *)(start + MS_POOL_BYTES);
    *pool = (ms_pool_head){.blocks = 3, .size_class = 3};
    *freed = (ms_pool_head){.blocks = 0, .size_class = 3};
    start[4096] = 1;
    volatile char read_only = start[8 * MS_POOL_BYTES];
    (void)read_only;
    ms_arena arena = {.address = (uintptr_t)start, .bytes = MIB};
    ms_heap heap = {.arenas = &arena, .count = 1};
    ms_mappings mappings;
    ms_mappings_init(&mappings, (int)getpid());
    ms_look wanted = facts(1);
    ms_mappings_look(&mappings, &wanted, NULL, &heap);
    const ms_arena_pages *arenas = &mappings.last.residency.arenas;
    CHECK(arenas->counted && arenas->count == 1 && arenas->read == 1 && arenas->bytes == MIB);
    CHECK(arenas->resident_bytes == 3 * 4096); /* the page that was only read is not */
    CHECK(arenas->used_pools == 1 && arenas->blocks_bytes == 3 * 64 && arenas->headers_bytes == 48);
    CHECK(arenas->free_blocks_bytes == 2 * 4096 - 48 - 3 * 64 && arenas->free_pools_bytes == 4096);
    CHECK(arenas->older_bytes == 0);
    munmap(around, 3 * MIB);
    ms_mappings_close(&mappings);
}

/* Of many arenas some are read, and stand for the others. */
static void
many_arenas_are_estimated(void)
{
    enum { ARENAS = 400 };
    char *around = mmap(NULL, (ARENAS + 2) * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *start = (char *)(((uintptr_t)around + MIB) & ~(MIB - 1));
    CHECK(mprotect(start, ARENAS * MIB, PROT_READ | PROT_WRITE) == 0);
    (void)madvise(start, ARENAS * MIB, MADV_NOHUGEPAGE);
    ms_arena arenas[ARENAS];
    for (size_t i = 0; i < ARENAS; i++) {
        arenas[i] = (ms_arena){.address = (uintptr_t)start + i * MIB, .bytes = MIB, .older = i < 2};
        *(ms_pool_head *)(start + i * MIB) = (ms_pool_head){.blocks = 3, .size_class = 3};
    }
    ms_heap heap = {.arenas = arenas, .count = ARENAS};
    ms_mappings mappings;
    ms_mappings_init(&mappings, (int)getpid());
    ms_look wanted = facts(1);
    ms_mappings_look(&mappings, &wanted, NULL, &heap);
    const ms_arena_pages *pages = &mappings.last.residency.arenas;
    CHECK(pages->count == ARENAS && pages->read >= 100 && pages->read <= 132);
    CHECK(pages->resident_bytes == ARENAS * 4096u && pages->older_bytes == 2 * 3 * 64);
    CHECK(pages->blocks_bytes > ARENAS * 3 * 64 - 64 && pages->blocks_bytes <= ARENAS * 3 * 64);
    CHECK(pages->blocks_bytes + pages->headers_bytes + pages->free_blocks_bytes + pages->free_pools_bytes ==
          pages->resident_bytes);
    munmap(around, (ARENAS + 2) * MIB);
    ms_mappings_close(&mappings);
}

static void
looks_are_rare(void)
{
    ms_mappings mappings;
    ms_mappings_init(&mappings, (int)getpid());
    CHECK(!ms_mappings_wanted(&mappings, 1000, 0, false));
    CHECK(ms_mappings_wanted(&mappings, 1000, 50 * MIB, false));
    mappings.looks = 1;
    mappings.looked_ns = 1000;
    mappings.most_bytes = mappings.last_bytes = 50 * MIB;
    CHECK(!ms_mappings_wanted(&mappings, 1500, 60 * MIB, false)); /* it grows */
    CHECK(ms_mappings_wanted(&mappings, 1500, 60 * MIB, false));  /* and no more */
    CHECK(ms_mappings_wanted(&mappings, 1500, 90 * MIB, false));
    CHECK(ms_mappings_wanted(&mappings, 2500, 10 * MIB, false));
    CHECK(!ms_mappings_wanted(&mappings, 1900, 50 * MIB, false));
    mappings.last_ns = 5;
    CHECK(ms_mappings_wanted(&mappings, 1900, 50 * MIB, true)); /* a window ends */
    mappings.regular_ns = 15;
    CHECK(!ms_mappings_wanted(&mappings, 1900, 50 * MIB, true)); /* such looks have a hundredth */
    CHECK(ms_mappings_wanted(&mappings, 1900, 90 * MIB, true));
    mappings.last.final = true;
    CHECK(!ms_mappings_wanted(&mappings, 1900, 90 * MIB, true));
    mappings.last.final = false;
    mappings.spent_ns = 500000000;
    CHECK(!ms_mappings_wanted(&mappings, 2500, 90 * MIB, false)); /* it has taken too long already */
    CHECK(ms_mappings_wanted(&mappings, UINT64_C(60000000000), 90 * MIB, false));
    mappings.looks = MS_LOOKS_MOST;
    CHECK(!ms_mappings_wanted(&mappings, UINT64_C(60000000000), 90 * MIB, false));
    ms_mappings_close(&mappings);
}

static void
a_process_that_is_not_there_is_not_looked_at_again(void)
{
    ms_mappings mappings;
    ms_mappings_init(&mappings, 0x7ffffffe);
    ms_look wanted = {.time_ns = 1, .resident_bytes = MIB};
    ms_mappings_look(&mappings, &wanted, NULL, &no_heap);
    CHECK(mappings.last.resident_bytes == 0);
    CHECK(!ms_mappings_wanted(&mappings, UINT64_C(60000000000), 90 * MIB, false));
    ms_mappings_close(&mappings);
}

int
main(void)
{
    each_kind_is_told_apart();
    too_many_names_share_one();
    private_memory_is_told_range_by_range();
    heaps_of_threads_are_ranges_of_their_own();
    arenas_are_looked_into();
    many_arenas_are_estimated();
    looks_are_rare();
    a_process_that_is_not_there_is_not_looked_at_again();
    return 0;
}
