/* The cohorts of live blocks against a plain list, read back from the frame that is written. */
#include "drain/cohorts.h"

#include <string.h>
#include <unistd.h>

#include "check.h"
#include "made_segment.h"
#include "program/stacktable.h"
#include "shared/memory.h"

#define BLOCKS 3000u
#define WINDOWS 30u

static ms_segment segment;
static uint32_t stack;

typedef struct plain_block {
    uint64_t address, size_bytes;
    uint32_t window; /* from 0 */
    bool live;
} plain_block;

static plain_block blocks[BLOCKS];

static void
take(ms_ledger *ledger, ms_kind kind, uint64_t address, uint64_t size_bytes)
{
    ms_event event = ms_event_make(kind, MS_RAW, address, (uint32_t)size_bytes, kind == MS_FREE ? 1 : stack);
    ms_ledger_take(ledger, &event, size_bytes, 0);
}

typedef struct sums {
    uint64_t blocks[WINDOWS + 1], bytes[WINDOWS + 1]; /* by window; 0: older */
} sums;

static uint64_t
number(const unsigned char **at, unsigned width)
{
    uint64_t value = 0;
    memcpy(&value, *at, width);
    *at += width;
    return value;
}

/* Reads a table of five columns as docs/capture-format.md describes it. */
static void
read_table(const unsigned char *at, sums *found)
{
    uint32_t count = (uint32_t)number(&at, 4);
    CHECK_EQUAL(number(&at, 1), 5);
    uint64_t *columns = calloc(5 * (size_t)count, sizeof *columns);
    for (unsigned c = 0; c < 5; c++) {
        unsigned width = (unsigned)number(&at, 1);
        uint32_t exceptions = (uint32_t)number(&at, 4);
        for (uint32_t i = 0; i < count; i++)
            columns[c * count + i] = number(&at, width);
        for (uint32_t i = 0; i < exceptions; i++) {
            uint32_t index = (uint32_t)number(&at, 4);
            columns[c * count + index] = number(&at, 8);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t from = columns[count + i], until = columns[2 * count + i];
        CHECK(until == 0 || until == from + 10);
        uint64_t window = until / 10;
        CHECK(window <= WINDOWS);
        found->blocks[window] += columns[3 * count + i];
        found->bytes[window] += columns[4 * count + i];
    }
    free(columns);
}

static sums
written(const ms_cohorts *cohorts, ms_ledger *ledger)
{
    sums found = {0};
    int file;
    char path[] = "/tmp/memscope-cohorts-XXXXXX";
    file = mkstemp(path);
    CHECK(file >= 0);
    unlink(path);
    ms_writer writer;
    CHECK(ms_writer_open(&writer, file, &segment) == MS_OK);
    ms_cohorts_write(cohorts, ledger, &writer);
    CHECK_EQUAL(writer.error, 0);
    static unsigned char bytes[1 << 20];
    ssize_t size = pread(file, bytes, sizeof bytes, 0);
    CHECK(size >= 8);
    if (size > 8) {
        uint16_t kind;
        memcpy(&kind, bytes + 8 + 4, sizeof kind);
        CHECK_EQUAL(kind, MS_FRAME_COHORTS);
        read_table(bytes + 8 + 24, &found);
    }
    ms_writer_close(&writer);
    close(file);
    return found;
}

static void
agrees_with_the_list(void)
{
    ms_cohorts cohorts = {0};
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    uint64_t random = 23;
    uint32_t made = 0;
    for (uint32_t window = 0; window < WINDOWS; window++) {
        for (uint32_t i = 0; i < BLOCKS / WINDOWS; i++, made++) {
            static const uint64_t limits[] = {16, 500, 20000};
            blocks[made] = (plain_block){
                .address = UINT64_C(0x7f0000000000) + made * UINT64_C(0x8000),
                .size_bytes = 1 + next_random(&random) % limits[made % 3],
                .window = window,
                .live = true,
            };
            take(ledger, MS_ALLOC, blocks[made].address, blocks[made].size_bytes);
            plain_block *gone = &blocks[next_random(&random) % (made + 1)];
            if (gone->live && next_random(&random) % 2 == 0) {
                take(ledger, MS_FREE, gone->address, 0);
                gone->live = false;
            }
        }
        ms_cohorts_mark(&cohorts, 10 * (window + 1), ms_ledger_clock(ledger));
    }
    sums plain = {0};
    for (uint32_t i = 0; i < made; i++) {
        plain.blocks[blocks[i].window + 1] += blocks[i].live;
        plain.bytes[blocks[i].window + 1] += blocks[i].live ? blocks[i].size_bytes : 0;
    }
    sums found = written(&cohorts, ledger);
    for (uint32_t window = 0; window <= WINDOWS; window++) {
        CHECK_EQUAL(found.blocks[window], plain.blocks[window]);
        CHECK_EQUAL(found.bytes[window], plain.bytes[window]);
    }
    ms_cohorts_close(&cohorts);
    ms_ledger_destroy(ledger);
}

/* Births go round after 64 GiB: whatever is older than half of that is told as older, never as young. */
static void
old_blocks_stay_old(void)
{
    ms_cohorts cohorts = {0};
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    take(ledger, MS_ALLOC, 0x10000, 100);
    for (uint32_t window = 0; window < WINDOWS; window++) {
        for (uint32_t i = 0; i < 12; i++) { /* 6 GiB */
            ms_ledger_batch(ledger, 10 * window + 1);
            uint64_t size_bytes = UINT64_C(1) << 29;
            take(ledger, MS_ALLOC, UINT64_C(0x100000000), size_bytes);
            take(ledger, MS_FREE, UINT64_C(0x100000000), 0);
        }
        ms_cohorts_mark(&cohorts, 10 * (window + 1), ms_ledger_clock(ledger));
    }
    take(ledger, MS_ALLOC, 0x20000, 200);
    sums found = written(&cohorts, ledger);
    CHECK_EQUAL(found.bytes[0], 100);
    CHECK_EQUAL(found.bytes[WINDOWS], 200);
    ms_cohorts_close(&cohorts);
    ms_ledger_destroy(ledger);
}

static void
survives_without_memory(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    for (uint32_t i = 0; i < 9000; i++)
        take(ledger, MS_ALLOC, 0x100000 + 32 * i, 20);
    for (long n = 1; n < 4; n++) {
        ms_cohorts cohorts = {0};
        ms_memory_fail_from(n);
        for (uint32_t i = 0; i < 600; i++)
            ms_cohorts_mark(&cohorts, 10 * i, 5 * i);
        ms_memory_fail_from(0);
        CHECK(cohorts.count < 600);
        ms_cohorts_close(&cohorts);
    }
    ms_ledger_destroy(ledger);
}

int
main(void)
{
    map_new_segment(&segment);
    stack = ms_stack_add_root(&segment, 1);
    agrees_with_the_list();
    old_blocks_stay_old();
    survives_without_memory();
    ms_segment_unmap(&segment);
    return 0;
}
