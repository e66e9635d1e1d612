/* Room that grows in place: by one thread and by many, beside neighbours, and where it is refused. */
#include "program/stacktable.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "made_segment.h"

#define MIB ((uint64_t)1 << 20)

static int
sparse_file(uint64_t bytes)
{
    int fd = memfd_create("extent", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0);
    return fd;
}

static ms_extent
open_extent(int fd, uint64_t offset, uint64_t most_bytes)
{
    ms_extent extent;
    ms_status status = MS_BUSY;
    for (int i = 0; i < 100 && status == MS_BUSY; i++)
        status = ms_extent_open(&extent, fd, offset, MS_EXTENT_UNIT, most_bytes, ms_extent_place());
    CHECK(status == MS_OK);
    return extent;
}

/* What is in the file stands at its place, whoever maps it and however it has grown; the file's descriptor is closed.
 */
static void
it_grows_in_place_without_a_descriptor(void)
{
    int fd = sparse_file(200 * MIB);
    ms_extent writer = open_extent(fd, 10 * MIB, 100 * MIB), reader = open_extent(fd, 0, 110 * MIB);
    close(fd);
    char *base = writer.base;
    for (uint64_t at = 0; at < 100 * MIB; at += 3 * MIB) {
        CHECK(ms_extent_reach(&writer, at + 1));
        CHECK(writer.base == base);
        CHECK(writer.mapped_bytes <= at + 1 + MS_EXTENT_STEP); /* by need */
        writer.base[at] = (char)(at / MIB + 1);
    }
    CHECK(ms_extent_reach(&writer, 100 * MIB));
    CHECK(!ms_extent_reach(&writer, 100 * MIB + 1));
    for (uint64_t at = 0; at < 100 * MIB; at += 3 * MIB) {
        CHECK(ms_extent_reach(&reader, 10 * MIB + at + 1));
        CHECK_EQUAL(reader.base[10 * MIB + at], (char)(at / MIB + 1));
    }
    ms_extent_close(&writer);
    ms_extent_close(&reader);
}

static void
without_a_file_it_is_zeroed_memory(void)
{
    ms_extent extent = open_extent(-1, 0, 40 * MIB);
    CHECK(ms_extent_reach(&extent, 40 * MIB));
    for (uint64_t at = 0; at < 40 * MIB; at += 4096)
        CHECK_EQUAL(extent.base[at]++, 0);
    ms_extent_close(&extent);
}

static void
a_place_that_is_taken_is_left_alone(void)
{
    char *mine = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mine != MAP_FAILED);
    mine[0] = 'm';
    ms_extent extent;
    CHECK(ms_extent_open(&extent, -1, 0, MS_EXTENT_UNIT, MIB, mine) == MS_BUSY);
    CHECK_EQUAL(mine[0], 'm');
    munmap(mine, MIB);
}

/* Somebody's memory lies where it would grow to: it stays, and so does errno. */
static void
it_grows_up_to_a_neighbour(void)
{
    ms_extent extent = open_extent(-1, 0, 40 * MIB);
    char *neighbour = mmap(extent.base + 4 * MIB, MIB, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(neighbour == extent.base + 4 * MIB);
    neighbour[0] = 'n';
    errno = ENOTTY;
    CHECK(ms_extent_reach(&extent, 4 * MIB));
    CHECK(!ms_extent_reach(&extent, 4 * MIB + 1));
    CHECK_EQUAL(errno, ENOTTY);
    CHECK_EQUAL(neighbour[0], 'n');
    munmap(neighbour, MIB);
    /* Once there is room it is found, if not at once. */
    bool reached = false;
    for (int i = 0; i < 1000 && !reached; i++)
        reached = ms_extent_reach(&extent, 5 * MIB);
    CHECK(reached);
    ms_extent_close(&extent);
}

static void
limits_of_the_program_hold(void)
{
    struct rlimit before, tight = {.rlim_cur = MIB};
    CHECK(getrlimit(RLIMIT_AS, &before) == 0);
    tight.rlim_max = before.rlim_max;
    int fd = sparse_file(64 * MIB);
    ms_extent extent = open_extent(fd, 0, 64 * MIB);
    close(fd);
    CHECK(setrlimit(RLIMIT_AS, &tight) == 0);
    CHECK(ms_extent_reach(&extent, MS_EXTENT_UNIT));
    CHECK(!ms_extent_reach(&extent, 2 * MIB));
    extent.base[0] = 'k';
    CHECK(setrlimit(RLIMIT_AS, &before) == 0);
    ms_extent_close(&extent);
    /* Files of one byte at most: the size was given before. */
    fd = sparse_file(64 * MIB);
    extent = open_extent(fd, 0, 64 * MIB);
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    tight = (struct rlimit){.rlim_cur = 1, .rlim_max = before.rlim_max};
    CHECK(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    CHECK(ms_extent_reach(&extent, 64 * MIB));
    memset(extent.base, 1, 64 * MIB);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    ms_extent_close(&extent);
    close(fd);
}

/* The program has locked all its memory, and may lock no more: what is added need not be. */
static void
locked_memory_grows_unlocked(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        ms_extent extent = open_extent(-1, 0, 4 * MIB);
        CHECK(getuid() != 0 || setuid(65534) == 0); /* no limit holds for root */
        CHECK(mlock(extent.base, MS_EXTENT_UNIT) == 0);
        struct rlimit tight = {.rlim_cur = MS_EXTENT_UNIT, .rlim_max = MS_EXTENT_UNIT};
        CHECK(setrlimit(RLIMIT_MEMLOCK, &tight) == 0);
        extent.base[0] = 'k';
        CHECK(ms_extent_reach(&extent, 4 * MIB));
        CHECK_EQUAL(extent.base[0], 'k');
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_EQUAL(status, 0);
}

/* ---- the segment's tables -------------------------------------------------------------------- */

#define THREADS 4u
#define EACH 60000u /* nodes: together more than are mapped at first */

static ms_segment segment;
static uint32_t given[THREADS][EACH];

static void *
append(void *context)
{
    uint32_t number = (uint32_t)(uintptr_t)context;
    ms_stackindex index;
    CHECK(ms_stackindex_open(&index, &segment, 128, false) == MS_OK);
    uint32_t root = ms_stack_add_root(&segment, number + 1);
    char name[64];
    for (uint32_t i = 0; i < EACH; i++) {
        ms_code_text text = {.filename = "a.py", .filename_bytes = 4, .function = name, .lines = "", .first_line = 1};
        text.function_bytes = (uint32_t)snprintf(name, sizeof name, "f%u of thread %u", i, number);
        uint32_t code = ms_code_append(&segment, &text);
        CHECK(code != 0);
        given[number][i] = ms_stack_intern(&index, root, code, i);
        CHECK(given[number][i] != root);
    }
    ms_stackindex_close(&index);
    return NULL;
}

static void
threads_append_while_tables_grow(void)
{
    int fd;
    CHECK(ms_segment_create(&fd) == MS_OK);
    CHECK(ms_segment_map(fd, &segment) == MS_OK);
    ms_segment seen;
    CHECK(ms_segment_map(fd, &seen) == MS_OK);
    close(fd);
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, append, (void *)i) == 0);
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(segment.header->node_count, THREADS * (EACH + 1));
    CHECK_EQUAL(segment.header->code_count, THREADS * EACH);
    CHECK_EQUAL(segment.header->lost_stacks, 0);
    for (uint32_t number = 0; number < THREADS; number++) {
        for (uint32_t i = 0; i < EACH; i++) {
            char name[64];
            int bytes = snprintf(name, sizeof name, "f%u of thread %u", i, number);
            uint32_t id = given[number][i];
            CHECK(ms_segment_reach_node(&seen, id) && ms_segment_reach_code(&seen, seen.nodes[id].code));
            const ms_code *code = &seen.codes[seen.nodes[id].code];
            CHECK_EQUAL(seen.nodes[id].position, i);
            CHECK_EQUAL(code->function_bytes, (uint32_t)bytes);
            CHECK(ms_segment_has_text(&seen, code->function, code->function_bytes));
            CHECK(ms_segment_reach_text(&seen, (uint64_t)code->function + code->function_bytes));
            CHECK(memcmp(seen.text + code->function, name, (size_t)bytes) == 0);
        }
    }
    ms_segment_unmap(&segment);
    ms_segment_unmap(&seen);
}

/* A forked child may have the tables mapped for days. */
static void
an_emptied_segment_takes_no_more_than_its_header(void)
{
    int fd;
    struct stat before, after;
    CHECK(ms_segment_create(&fd) == MS_OK);
    CHECK(ms_segment_map(fd, &segment) == MS_OK);
    ms_segment seen; /* by whoever has not looked at the tables yet */
    CHECK(ms_segment_map(fd, &seen) == MS_OK);
    for (uint32_t i = 0; i < THREADS; i++)
        (void)append((void *)(uintptr_t)i);
    memset(segment.spsc, 1, sizeof *segment.spsc);
    uint32_t nodes = segment.header->node_count;
    CHECK(fstat(fd, &before) == 0);
    ms_segment_empty(&seen);
    CHECK(fstat(fd, &after) == 0);
    CHECK((uint64_t)before.st_blocks * 512 > 4 * MIB);
    if (!MS_UNDER_TSAN) /* where both halves are one mapping */
        CHECK((uint64_t)after.st_blocks * 512 <= sizeof(ms_segment_header) + 4096);
    CHECK_EQUAL(segment.header->node_count, nodes);
    CHECK_EQUAL(segment.nodes[nodes].code, 0);
    close(fd);
    ms_segment_unmap(&segment);
    ms_segment_unmap(&seen);
}

/* Whoever can write into the file can write anything into its beginning. */
static void
another_layout_is_refused(void)
{
    for (size_t at = 0; at < sizeof(ms_segment_layout); at++) {
        int fd;
        CHECK(ms_segment_create(&fd) == MS_OK);
        unsigned char byte;
        CHECK(pread(fd, &byte, 1, (off_t)at) == 1);
        byte ^= 1 << at % 8;
        CHECK(pwrite(fd, &byte, 1, (off_t)at) == 1);
        CHECK(ms_segment_map(fd, &segment) == MS_BAD_SEGMENT);
        close(fd);
    }
}

/* Once no more address space is to be had, stacks are cut; those that are there stay. */
static void
refused_room_cuts_stacks(void)
{
    map_new_segment(&segment);
    ms_stackindex index;
    CHECK(ms_stackindex_open(&index, &segment, 1 << 20, true) == MS_OK);
    ms_code_text text = {.filename = "a.py", .filename_bytes = 4, .function = "f", .function_bytes = 1, .lines = ""};
    uint32_t code = ms_code_append(&segment, &text), root = ms_stack_add_root(&segment, 1);
    uint32_t first = ms_stack_intern(&index, root, code, 0);
    struct rlimit before, tight = {.rlim_cur = MIB};
    CHECK(getrlimit(RLIMIT_AS, &before) == 0);
    tight.rlim_max = before.rlim_max;
    CHECK(setrlimit(RLIMIT_AS, &tight) == 0);
    uint32_t tried = 200000, kept = 0;
    for (uint32_t i = 1; i < tried; i++)
        kept += ms_stack_intern(&index, root, code, i) != root;
    CHECK_EQUAL(ms_stack_intern(&index, root, code, 0), first);
    CHECK(setrlimit(RLIMIT_AS, &before) == 0);
    CHECK(kept > 0 && kept < tried - 1);
    CHECK_EQUAL(segment.header->lost_stacks, tried - 1 - kept);
    CHECK_EQUAL(segment.header->node_count, kept + 2);
    uint32_t later = root;
    for (uint32_t i = 0; i < 1000 && later == root; i++)
        later = ms_stack_intern(&index, root, code, tried + i);
    CHECK(later != root); /* there is room again */
    ms_stackindex_close(&index);
    ms_segment_unmap(&segment);
}

int
main(void)
{
    it_grows_in_place_without_a_descriptor();
    without_a_file_it_is_zeroed_memory();
    a_place_that_is_taken_is_left_alone();
    it_grows_up_to_a_neighbour();
    threads_append_while_tables_grow();
    another_layout_is_refused();
    an_emptied_segment_takes_no_more_than_its_header();
    if (!MS_UNDER_ASAN) { /* which maps memory of its own whenever it likes */
        limits_of_the_program_hold();
        locked_memory_grows_unlocked();
        refused_room_cuts_stacks();
    }
    return 0;
}
