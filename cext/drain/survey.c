#include "drain/survey.h"

#include <string.h>

#include "shared/array.h"

#define HOLDINGS_FIRST 4096u
#define HOLDINGS_A_FRAME (1u << 16)

/* A survey on its way. */
typedef struct {
    ms_survey *survey;
    uint32_t *holding_of; /* by row: its holding in this pool, if that is not older than the pool's first */
    uint32_t first;       /* holding of this pool */
    uint32_t arena, pool;
} surveyor;

static bool
add_holding(ms_survey *survey, ms_holding holding)
{
    if (!MS_ARRAY_HOLDS(survey->holdings, survey->holding_capacity, survey->holding_count + 1, HOLDINGS_FIRST)) {
        survey->out_of_memory = true;
        return false;
    }
    survey->holdings[survey->holding_count++] = holding;
    return true;
}

static void
count_block(void *context, uint32_t row, uint8_t size_class)
{
    surveyor *at = context;
    ms_survey *survey = at->survey;
    uint32_t place = at->holding_of[row];
    bool known = place >= at->first && place < survey->holding_count && survey->holdings[place].row == row;
    if (known) {
        survey->holdings[place].blocks++;
    } else {
        at->holding_of[row] = survey->holding_count;
        (void)add_holding(
            survey,
            (ms_holding){
                .arena = at->arena, .pool = (uint16_t)at->pool, .row = row, .size_class = size_class, .blocks = 1});
    }
}

/* The first pool that was told of at or after an address. */
static uint32_t
first_pool(const ms_heap *heap, uint64_t address)
{
    uint32_t place;
    MS_ARRAY_SEARCH(place, heap->pool_count, heap->pools[place].address < address);
    return place;
}

/* What pymalloc counts in a pool beyond the recorded blocks; its size class is the one that holds. */
static void
add_unrecorded(surveyor *at, const ms_pool *pool)
{
    ms_survey *survey = at->survey;
    uint32_t recorded = 0;
    for (uint32_t i = at->first; i < survey->holding_count; i++) {
        recorded += survey->holdings[i].blocks;
        survey->holdings[i].size_class = (uint16_t)pool->size_class;
    }
    if (pool->blocks > recorded)
        (void)add_holding(survey, (ms_holding){.arena = at->arena,
                                               .pool = (uint16_t)at->pool,
                                               .size_class = (uint16_t)pool->size_class,
                                               .blocks = pool->blocks - recorded});
}

void
ms_survey_take(ms_survey *survey, ms_ledger *ledger, const ms_heap *heap)
{
    survey->live_bytes = ms_ledger_live_bytes(ledger);
    survey->counted = heap->pool_count != 0;
    survey->holding_count = survey->arena_count = 0;
    survey->out_of_memory = heap->out_of_memory;
    ms_memory_give(survey->arenas);
    survey->arenas = ms_memory_get((heap->count + 1) * sizeof *survey->arenas);
    uint32_t *holding_of = ms_memory_get((ms_ledger_rows(ledger).count + 1) * sizeof *holding_of);
    if (survey->arenas == NULL || holding_of == NULL) {
        ms_memory_give(holding_of);
        survey->out_of_memory = true;
        return;
    }
    if (heap->count != 0)
        memcpy(survey->arenas, heap->arenas, heap->count * sizeof *survey->arenas);
    survey->arena_count = heap->count;
    surveyor at = {.survey = survey, .holding_of = holding_of};
    for (at.arena = 0; at.arena < heap->count; at.arena++) {
        const ms_arena *arena = &heap->arenas[at.arena];
        uint32_t pools = ms_arena_pools(arena);
        uint64_t address = ms_arena_first_pool(arena);
        uint32_t told = first_pool(heap, address);
        for (at.pool = 0; at.pool < pools; at.pool++, address += MS_POOL_BYTES) {
            at.first = survey->holding_count;
            ms_ledger_each_small(ledger, address + MS_POOL_HEADER_BYTES, address + MS_POOL_BYTES, count_block, &at);
            if (told < heap->pool_count && heap->pools[told].address == address)
                add_unrecorded(&at, &heap->pools[told++]);
        }
    }
    ms_memory_give(holding_of);
}

/* Holdings of a pool that are of one row now become one. */
void
ms_survey_renumber(ms_survey *survey, const uint32_t *row_to)
{
    uint32_t kept = 0, first = 0; /* first: of the pool */
    for (uint32_t i = 0; i < survey->holding_count; i++) {
        ms_holding holding = survey->holdings[i];
        holding.row = ms_renumber_id(row_to, holding.row);
        if (kept != 0 &&
            (survey->holdings[kept - 1].arena != holding.arena || survey->holdings[kept - 1].pool != holding.pool))
            first = kept;
        uint32_t place = first;
        while (place < kept && survey->holdings[place].row != holding.row)
            place++;
        if (place < kept)
            survey->holdings[place].blocks += holding.blocks;
        else
            survey->holdings[kept++] = holding;
    }
    survey->holding_count = kept;
}

void
ms_survey_keep(const ms_survey *survey, uint32_t *row_to)
{
    for (uint32_t i = 0; i < survey->holding_count; i++)
        row_to[survey->holdings[i].row] = survey->holdings[i].row;
}

void
ms_survey_close(ms_survey *survey)
{
    ms_memory_give(survey->arenas);
    ms_memory_give(survey->holdings);
    memset(survey, 0, sizeof *survey);
}

/* ---- into the capture ------------------------------------------------------------------------ */

static uint64_t
arena_value(const void *context, uint32_t column, uint32_t index)
{
    const ms_arena *arenas = context;
    if (column == 0)
        return index == 0 ? arenas[0].address : arenas[index].address - arenas[index - 1].address;
    return column == 1 ? arenas[index].bytes : arenas[index].older;
}

typedef struct {
    const ms_numbers *rows;
    const ms_holding *holdings;
    uint32_t arena; /* of the entry before the first */
} holding_span;

static uint64_t
holding_value(const void *context, uint32_t column, uint32_t index)
{
    const holding_span *part = context;
    const ms_holding *holding = &part->holdings[index];
    switch (column) {
    case 0:
        return holding->arena - (index == 0 ? part->arena : part->holdings[index - 1].arena);
    case 1:
        return holding->pool;
    case 2:
        return ms_numbers_of(part->rows, holding->row);
    case 3:
        return holding->size_class;
    default:
        return holding->blocks;
    }
}

void
ms_survey_write(const ms_survey *survey, ms_writer *writer, ms_moment moment)
{
    ms_buffer *payload = &writer->payload;
    ms_buffer_put_u32(payload, moment);
    ms_buffer_put_u32(payload, (survey->counted ? 1u : 0) | (survey->out_of_memory ? 2u : 0));
    ms_buffer_put_u64(payload, survey->time_ns);
    ms_buffer_put_u64(payload, survey->live_bytes);
    ms_buffer_put_u64(payload, survey->resident_bytes);
    ms_table_put(payload, survey->arena_count, 3, arena_value, survey->arenas);
    ms_writer_payload(writer, MS_FRAME_ARENAS);
    holding_span part = {.rows = &writer->row_numbers, .holdings = survey->holdings};
    for (uint32_t left = survey->holding_count; left != 0 && writer->error == 0;) {
        uint32_t count = left < HOLDINGS_A_FRAME ? left : HOLDINGS_A_FRAME;
        ms_table_put(payload, count, 5, holding_value, &part);
        ms_writer_payload(writer, MS_FRAME_HOLDINGS);
        part.arena = part.holdings[count - 1].arena;
        part.holdings += count;
        left -= count;
    }
}
