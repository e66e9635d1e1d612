/* Location tables: any bytes are safe, and reading on from a cursor gives what reading from the start gives. */
#include "ledger/linetable.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define TABLES 2000u
#define LOOKS 50u

static uint32_t
from_the_start(const char *table, uint32_t bytes, int32_t first_line, uint32_t position)
{
    ms_linecursor cursor = ms_linetable_begin(first_line);
    return ms_linetable_line(table, bytes, &cursor, position);
}

static void
reads_what_the_interpreter_writes(void)
{
    /* 2 units on line 7 (one line, +0), 1 unit with no columns at +3, 4 units without a line, 8 at -2 (long form). */
    static const char table[] = {
        (char)(0x80 | 10 << 3 | 1),
        0,
        0,
        (char)(0x80 | 13 << 3 | 0),
        6,
        (char)(0x80 | 15 << 3 | 3),
        (char)(0x80 | 14 << 3 | 7),
        5,
        0,
        0,
        0,
    };
    static const uint32_t lines[] = {7, 7, 10, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8, 0, 0};
    ms_linecursor cursor = ms_linetable_begin(7);
    for (uint32_t position = 0; position < sizeof lines / sizeof *lines; position++) {
        CHECK_EQUAL(from_the_start(table, sizeof table, 7, position), lines[position]);
        CHECK_EQUAL(ms_linetable_line(table, sizeof table, &cursor, position), lines[position]);
    }
}

static void
a_cursor_agrees_on_any_bytes(void)
{
    uint64_t random = 7;
    for (uint32_t i = 0; i < TABLES; i++) {
        uint32_t bytes = (uint32_t)(next_random(&random) % 64);
        /* Exactly as large as it says, so that a sanitizer sees the first byte beyond. */
        char *table = malloc(bytes == 0 ? 1 : bytes);
        for (uint32_t at = 0; at < bytes; at++)
            table[at] = (char)next_random(&random);
        int32_t first_line = (int32_t)(next_random(&random) % 1000);
        uint32_t position = 0;
        ms_linecursor cursor = ms_linetable_begin(first_line);
        for (uint32_t look = 0; look < LOOKS; look++) {
            CHECK_EQUAL(ms_linetable_line(table, bytes, &cursor, position),
                        from_the_start(table, bytes, first_line, position));
            CHECK(cursor.start <= position || cursor.offset == bytes);
            position += (uint32_t)(next_random(&random) % 12);
        }
        free(table);
    }
}

int
main(void)
{
    reads_what_the_interpreter_writes();
    a_cursor_agrees_on_any_bytes();
    return 0;
}
