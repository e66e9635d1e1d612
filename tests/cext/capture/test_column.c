/* Tables as docs/capture-format.md describes them, read back by a reader of their own. */
#include "capture/column.h"

#include <string.h>

#include "check.h"
#include "shared/memory.h"

#define ROWS 1000u
#define COLUMNS 5u

static uint64_t values[COLUMNS][ROWS];

static uint64_t
value_at(const void *context, uint32_t column, uint32_t index)
{
    (void)context;
    return values[column][index];
}

static uint64_t
take(const char **at, unsigned width)
{
    uint64_t value = 0;
    memcpy(&value, *at, width); /* little-endian, as all machines that memscope runs on */
    *at += width;
    return value;
}

static void
tables_come_back(void)
{
    uint64_t random = 11;
    for (uint32_t i = 0; i < ROWS; i++) {
        values[0][i] = 0;
        values[1][i] = i % 200;
        values[2][i] = i == 500 ? UINT64_MAX : i % 7; /* one large value does not widen the others */
        values[3][i] = next_random(&random);
        values[4][i] = next_random(&random) >> (next_random(&random) % 64);
    }
    ms_buffer buffer = {0};
    ms_table_put(&buffer, ROWS, COLUMNS, value_at, NULL);
    CHECK(!buffer.failed);
    const char *at = buffer.bytes;
    CHECK_EQUAL(take(&at, 4), ROWS);
    CHECK_EQUAL(take(&at, 1), COLUMNS);
    for (uint32_t column = 0; column < COLUMNS; column++) {
        unsigned width = (unsigned)take(&at, 1);
        uint64_t exceptions = take(&at, 4);
        static uint64_t found[ROWS];
        for (uint32_t i = 0; i < ROWS; i++)
            found[i] = width == 0 ? 0 : take(&at, width);
        int64_t before = -1;
        for (uint64_t e = 0; e < exceptions; e++) {
            uint64_t index = take(&at, 4);
            CHECK((int64_t)index > before && index < ROWS);
            CHECK_EQUAL(found[index], 0);
            found[index] = take(&at, 8);
            before = (int64_t)index;
        }
        CHECK(memcmp(found, values[column], sizeof found) == 0);
        if (column == 0)
            CHECK_EQUAL(width, 1);
        if (column == 2)
            CHECK(width == 1 && exceptions == 1);
        if (column == 3)
            CHECK_EQUAL(width, 8);
    }
    CHECK(at == buffer.bytes + buffer.used);
    ms_buffer_close(&buffer);
}

static void
empty_tables_are_tables(void)
{
    ms_buffer buffer = {0};
    ms_table_put(&buffer, 0, 2, value_at, NULL);
    CHECK_EQUAL(buffer.used, 4 + 1 + 2 * (1 + 4));
    ms_buffer_close(&buffer);
}

static void
a_buffer_that_failed_stays_failed(void)
{
    ms_buffer buffer = {0};
    ms_buffer_put_u32(&buffer, 1);
    ms_memory_fail_from(1);
    char block[100000] = {0};
    ms_buffer_put(&buffer, block, sizeof block);
    ms_memory_fail_from(0);
    CHECK(buffer.failed);
    ms_buffer_put_u64(&buffer, 2);
    CHECK(buffer.failed);
    CHECK_EQUAL(buffer.used, 4);
    ms_buffer_close(&buffer);
}

static uint64_t
nothing(const void *context, uint32_t column, uint32_t index)
{
    (void)context;
    return column == 1 && index == 7;
}

/* Readers take no more entries than a table has bytes. */
static void
a_table_has_a_byte_for_each_entry(void)
{
    ms_buffer buffer = {0};
    ms_table_put(&buffer, 1000, 3, nothing, NULL);
    CHECK(buffer.used >= 1000);
    CHECK(buffer.used < 1100);
    ms_buffer_close(&buffer);
}

int
main(void)
{
    a_table_has_a_byte_for_each_entry();
    CHECK_EQUAL(ms_crc32("123456789", 9), 0xcbf43926); /* the check value of this CRC */
    CHECK_EQUAL(ms_crc32("", 0), 0);
    tables_come_back();
    empty_tables_are_tables();
    a_buffer_that_failed_stays_failed();
    return 0;
}
