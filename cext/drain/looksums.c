#include "drain/looksums.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/array.h"

#define LARGE_BYTES (UINT64_C(1) << 20) /* a mapping of which reports tell the size */

static void
sum_ranges(ms_look_sums *sums, const ms_residency *residency)
{
    for (uint32_t i = 0; i < residency->range_count; i++) {
        const ms_range *range = &residency->ranges[i];
        uint64_t rest = ms_range_rest(range);
        sums->outside += ms_bytes_without(range->resident_bytes, range->arena_bytes);
        sums->blocks += range->block_bytes;
        sums->around += range->around_bytes;
        if (range->kind == MS_MAP_HEAP || range->of_thread) {
            sums->heap_blocks += range->block_bytes + range->around_bytes;
            sums->heap_rest += rest;
        } else if (range->kind == MS_MAP_STACK) {
            sums->stacks += rest;
        } else {
            *(rest < LARGE_BYTES ? &sums->small_rest : &sums->large_rest) += rest;
        }
    }
}

static void
sum_untouched(ms_look_sums *sums, const ms_residency *residency, const ms_row *rows)
{
    for (uint32_t i = 0; i < residency->untouched_count; i++) {
        const ms_untouched *found = &residency->untouched[i];
        uint8_t domain = rows[found->row].domain;
        *(domain == MS_NATIVE   ? &sums->untouched_native
          : domain == MS_MAPPED ? &sums->untouched_mapped
                                : &sums->untouched_python) += found->bytes;
    }
}

ms_look_sums *
ms_looksums_add(ms_looksums *sums, const ms_residency *residency, const ms_ledger *ledger)
{
    if (!MS_ARRAY_HOLDS(sums->items, sums->capacity, sums->count + 1, 16u))
        return NULL;
    const ms_arena_pages *arenas = &residency->arenas;
    bool all_read = arenas->counted && arenas->read >= arenas->count;
    ms_look_sums *added = &sums->items[sums->count++];
    *added = (ms_look_sums){
        .arenas = arenas->resident_bytes,
        .arena_blocks = arenas->blocks_bytes,
        .older_blocks = all_read ? arenas->blocks_bytes : arenas->older_bytes,
        .room = all_read ? arenas->blocks_bytes : ms_bytes_without(arenas->resident_bytes, arenas->headers_bytes),
    };
    sum_ranges(added, residency);
    if (ledger != NULL)
        sum_untouched(added, residency, ms_ledger_rows(ledger).row);
    return added;
}

/* The names of ms_look_sums' fields, in their order. */
static const char *const names[] = {"time_ns",          "final",           "libraries",    "files",
                                    "shared",           "stacks",          "own",          "own_tables",
                                    "arenas",           "arena_blocks",    "older_blocks", "room",
                                    "outside",          "blocks",          "around",       "heap_blocks",
                                    "heap_rest",        "small_rest",      "large_rest",   "untouched_python",
                                    "untouched_native", "untouched_mapped"};
#define NAMES (sizeof names / sizeof names[0])

_Static_assert(sizeof(ms_look_sums) == NAMES * sizeof(uint64_t), "one for each");

static void
put(ms_buffer *json, const char *text)
{
    ms_buffer_put(json, text, strlen(text));
}

static void
describe_column(const ms_looksums *sums, uint32_t column, ms_buffer *json)
{
    for (uint32_t i = 0; i < sums->count; i++) {
        uint64_t values[NAMES];
        char text[32];
        memcpy(values, &sums->items[i], sizeof values);
        snprintf(text, sizeof text, "%s%" PRIu64, i == 0 ? "" : ",", values[column]);
        put(json, text);
    }
}

void
ms_looksums_describe(const ms_looksums *sums, ms_buffer *json)
{
    for (uint32_t column = 0; column < NAMES; column++) {
        put(json, column == 0 ? "\"" : ", \"");
        put(json, names[column]);
        put(json, "\": [");
        describe_column(sums, column, json);
        put(json, "]");
    }
}

void
ms_looksums_close(ms_looksums *sums)
{
    ms_memory_give(sums->items);
    *sums = (ms_looksums){0};
}
