#include "drain/valuelook.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/view.h"
#include "shared/memory.h"

#define LEAST_BYTES (UINT64_C(4) << 20) /* live: less is not worth a pause */
#define SHARE 100u                      /* of the run so far may go to looks */
#define EXPECTED_NS UINT64_C(2000000)   /* that a look takes, as long as nothing is known */
#define MOST_NS UINT64_C(50000000)      /* that one may take */
#define QUESTION_NS 500u                /* that one may take: 100 to 300 as a rule */
#define PATIENCE_NS UINT64_C(5000000000)
#define LEAST_BLOCKS 256u /* of a row */
#define BLOCKS_SHARE 1024u
#define MOST_EACH 4096u /* blocks of a row */
#define MIB_AT_ONCE 4u  /* each takes 0.1 to 0.2 ms, while the ring fills */
#define MIB_LOOKED_AT 128u
#define MIB (UINT64_C(1) << 20)
#define MOST_BYTES 512u /* of a block: larger ones are few, and the way to them is long */
#define MOST_CHOSEN (MS_VALUELOOK_MOST + MS_VALUELOOK_FEW)
#define COLUMNS 10u

void
ms_valuelook_init(ms_valuelook *values, ms_ledger *ledger, const ms_asking *asking, bool on)
{
    *values = (ms_valuelook){.ledger = ledger, .asking = *asking, .is_on = on};
}

/* ---- choosing -------------------------------------------------------------------------------- */

static bool
is_of_objects(const ms_row *row)
{
    return row->domain == MS_OBJ && row->type != MS_TYPE_PARKED && !row->is_sampled;
}

static bool
is_of_many(const ms_valuelook *values, const ms_row *row)
{
    return ms_row_live_blocks(row) >= values->least_blocks && is_of_objects(row);
}

/* A list, a dictionary or a bytearray has 56 or 64 bytes, a set 216; some of their kind have a few more. */
static bool
is_of_few(const ms_valuelook *values, const ms_row *row)
{
    uint64_t bytes = (uint64_t)row->size_class * 16;
    return ms_row_live_blocks(row) < values->least_blocks && is_of_objects(row) && (bytes == 64 || bytes == 224);
}

static void
end(ms_valuelook *values)
{
    ms_memory_give(values->chosen);
    values->chosen = NULL;
    values->wished_ns = 0;
    uint64_t live = ms_ledger_live_bytes(values->ledger);
    values->most_bytes = live > values->most_bytes ? live : values->most_bytes;
}

static void
begin(ms_valuelook *values)
{
    uint32_t count = 0, mib = 0;
    ms_rows rows = ms_ledger_rows(values->ledger);
    uint64_t share = ms_ledger_total(values->ledger).live_blocks / BLOCKS_SHARE;
    values->least_blocks = share > LEAST_BLOCKS ? share : LEAST_BLOCKS;
    values->few_blocks = 0;
    for (uint32_t id = 1; id <= rows.count; id++) {
        count += is_of_many(values, &rows.row[id]) ? 1 : 0;
        values->few_blocks += is_of_few(values, &rows.row[id]) ? ms_row_live_blocks(&rows.row[id]) : 0;
    }
    bool any = count != 0 || values->few_blocks != 0;
    values->chosen = any ? ms_memory_get(MOST_CHOSEN * sizeof *values->chosen) : NULL;
    values->choosing = values->chosen != NULL;
    if (!values->choosing) { /* nor shall rows be counted again at each poll */
        end(values);
        return;
    }
    uint32_t each = MS_VALUELOOK_MOST / (count + (count == 0 ? 1 : 0));
    values->each = each < MOST_EACH ? each : MOST_EACH;
    values->chosen_count = values->few_count = 0;
    for (uint64_t at = 0; (at = ms_ledger_next_blocks(values->ledger, at)) != UINT64_MAX; at += MIB)
        mib++;
    values->step = 1 + mib / MIB_LOOKED_AT;
    values->next = ms_ledger_next_blocks(values->ledger, 0);
}

/* By chance, and with the address alone: so that a block is chosen or not has nothing to do with what lies in it. */
static void
see_block(void *context, uint32_t id, uint64_t address, uint64_t size_bytes)
{
    ms_valuelook *values = context;
    const ms_row *row = &values->rows.row[id];
    bool many = is_of_many(values, row);
    uint32_t chosen = many ? values->chosen_count - values->few_count : values->few_count;
    if (size_bytes > MOST_BYTES || chosen == (many ? MS_VALUELOOK_MOST : MS_VALUELOOK_FEW) ||
        !(many || is_of_few(values, row)))
        return;
    uint64_t chance = ((address >> 4) * UINT64_C(0x9e3779b97f4a7c15) + values->most_bytes) >> 32;
    uint64_t of = many ? ms_row_live_blocks(row) : values->few_blocks;
    if ((chance * of) >> 32 >= (uint64_t)(many ? values->each : MS_VALUELOOK_FEW) * values->step)
        return;
    values->chosen[values->chosen_count++] = address;
    values->few_count += many ? 0 : 1;
}

static void
choose(ms_valuelook *values)
{
    values->rows = ms_ledger_rows(values->ledger);
    for (uint32_t i = 0; i < MIB_AT_ONCE && values->next != UINT64_MAX; i++) {
        ms_ledger_each_block(values->ledger, values->next, values->next + MIB, see_block, values);
        for (uint32_t skipped = 0; skipped < values->step && values->next != UINT64_MAX; skipped++)
            values->next = ms_ledger_next_blocks(values->ledger, values->next + MIB);
    }
    if (values->next != UINT64_MAX)
        return;
    values->choosing = false;
    values->wished_ns = ms_now_ns();
    atomic_store(&values->asking.segment->inquiry->wish, MS_VALUES_WISHED);
}

/* ---- when ------------------------------------------------------------------------------------ */

/* A new peak, or as much for twice the time: what was filled then may be empty by now. */
static bool
is_due(const ms_valuelook *values, uint64_t time_ns)
{
    uint64_t live = ms_ledger_live_bytes(values->ledger), most = values->most_bytes;
    uint64_t expected = values->last_pause_ns == 0 ? EXPECTED_NS : values->last_pause_ns;
    bool is_peak = live > most + most / 4 || (live > most / 10 * 9 && time_ns > 2 * values->began_ns);
    return live > LEAST_BYTES && is_peak && values->pause_ns + expected <= time_ns / SHARE;
}

void
ms_valuelook_look(ms_valuelook *values, uint64_t time_ns)
{
    if (!values->is_on)
        return;
    if (values->choosing) {
        choose(values);
    } else if (values->wished_ns == 0) {
        if (is_due(values, time_ns)) {
            values->began_ns = time_ns;
            begin(values);
        }
    } else if (ms_now_ns() - values->wished_ns > PATIENCE_NS) {
        atomic_store(&values->asking.segment->inquiry->wish, MS_VALUES_NONE);
        end(values);
    }
}

bool
ms_valuelook_expects(const ms_valuelook *values)
{
    return values->wished_ns != 0;
}

bool
ms_valuelook_is_wanted(const ms_valuelook *values)
{
    ms_inquiry *table = values->asking.segment->inquiry;
    return ms_asking_is_wanted(&values->asking) && table->about == MS_ABOUT_VALUES;
}

/* ---- answers --------------------------------------------------------------------------------- */

typedef struct answered {
    uint32_t row;
    ms_value value;
} answered;

static int
compare(const void *left, const void *right)
{
    const answered *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->value.type != b->value.type)
        return a->value.type < b->value.type ? -1 : 1;
    return a->value.hash < b->value.hash ? -1 : a->value.hash > b->value.hash;
}

/* The answers of one row and type, sorted. */
static ms_valued
sum_of(const ms_ledger *ledger, const answered *all, uint32_t count)
{
    ms_valued sum = {.row = all->row, .type = all->value.type, .asked = count};
    sum.blocks = ms_row_live_blocks(&ms_ledger_rows(ledger).row[all->row]);
    for (uint32_t i = 0, same = 0; i < count; i += same) {
        for (same = 1; i + same < count && all[i + same].value.hash == all[i].value.hash;)
            same++;
        bool is_known = all[i].value.hash != 0;
        sum.distinct += is_known ? 1 : 0;
        sum.once += is_known && same == 1 ? 1 : 0;
        sum.twice += is_known && same == 2 ? 1 : 0;
        /* Contents that were not looked at are no values that were seen. */
        sum.asked -= !is_known && all[i].value.held_bytes == 0 ? same : 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        sum.texts += all[i].value.is_text != 0 ? 1 : 0;
        sum.held_bytes += all[i].value.held_bytes;
        sum.needed_bytes += all[i].value.needed_bytes;
    }
    return sum;
}

static void
sum_up(ms_valuelook *values, answered *all, uint32_t count)
{
    qsort(all, count, sizeof *all, compare);
    ms_memory_give(values->found);
    values->found_count = 0;
    values->found = ms_memory_get((count + 1) * sizeof *values->found);
    for (uint32_t i = 0, same = 0; values->found != NULL && i < count; i += same) {
        for (same = 1;
             i + same < count && all[i + same].row == all[i].row && all[i + same].value.type == all[i].value.type;)
            same++;
        values->found[values->found_count] = sum_of(values->ledger, &all[i], same);
        values->found_count += values->found[values->found_count].asked != 0 ? 1 : 0;
    }
}

/* A batch of what was chosen, from `from` on; what was freed meanwhile is left out. How many were answered. */
static uint32_t
ask_batch(ms_valuelook *values, uint32_t *from, answered *to)
{
    ms_inquiry *table = values->asking.segment->inquiry;
    uint32_t rows[MS_QUESTIONS], count = 0, known = 0;
    for (; *from < values->chosen_count && count < MS_QUESTIONS; ++*from) {
        uint64_t address = values->chosen[*from], size_bytes;
        rows[count] = ms_ledger_block_at(values->ledger, address, &size_bytes);
        if (rows[count] != 0)
            table->questions[count++] = (ms_question){.address = address, .size_bytes = size_bytes};
    }
    table->count = count;
    if (count == 0 || !ms_asking_put(&values->asking))
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        ms_value value = table->values[i]; /* once: it may change while it is read */
        if (value.type != 0 && ms_segment_has_type(values->asking.segment, value.type))
            to[known++] = (answered){.row = rows[i], .value = value};
    }
    return known;
}

void
ms_valuelook_ask(ms_valuelook *values, uint64_t time_ns)
{
    uint64_t began_ns = ms_now_ns();
    uint32_t count = 0, from = 0, batch = 1;
    answered *all = values->chosen == NULL ? NULL : ms_memory_get(MOST_CHOSEN * sizeof *all);
    values->asking.until_ns = began_ns + MOST_NS;
    while (all != NULL && batch != 0 && from < values->chosen_count) {
        batch = ask_batch(values, &from, &all[count]);
        count += batch;
    }
    ms_asking_let_go(&values->asking);
    /* On a busy machine the program waits for others as well, look or no look. */
    uint64_t took_ns = ms_now_ns() - began_ns, most_ns = (count + 1) * QUESTION_NS;
    values->last_pause_ns = MS_VALUELOOK_WAIT_NS + (took_ns < most_ns ? took_ns : most_ns);
    values->pause_ns += values->last_pause_ns;
    uint64_t live = ms_ledger_live_bytes(values->ledger);
    /* Whoever is late tells of another moment: what the look before found is of one near the peak. */
    if (count != 0 && live >= values->most_bytes / 2) {
        values->time_ns = time_ns;
        values->live_bytes = live;
        sum_up(values, all, count);
    }
    ms_memory_give(all);
    end(values);
}

/* ---- afterwards ------------------------------------------------------------------------------ */

void
ms_valuelook_renumber(ms_valuelook *values, const uint32_t *row_to)
{
    for (uint32_t i = 0; i < values->found_count; i++)
        values->found[i].row = ms_renumber_id(row_to, values->found[i].row);
}

void
ms_valuelook_keep(const ms_valuelook *values, uint32_t *row_to)
{
    for (uint32_t i = 0; i < values->found_count; i++)
        row_to[values->found[i].row] = values->found[i].row;
}

typedef struct {
    const ms_valued *found;
    const ms_writer *writer;
} written;

static uint64_t
value_of(const void *context, uint32_t column, uint32_t index)
{
    const written *at = context;
    const ms_valued *of = &at->found[index];
    const uint64_t columns[COLUMNS] = {
        ms_numbers_of(&at->writer->row_numbers, of->row),
        ms_writer_type(at->writer, of->type),
        of->blocks,
        of->asked,
        of->distinct,
        of->once,
        of->twice,
        of->texts,
        of->held_bytes,
        of->needed_bytes,
    };
    return columns[column];
}

void
ms_valuelook_write(const ms_valuelook *values, ms_writer *writer)
{
    if (values->found_count == 0)
        return;
    written all = {.found = values->found, .writer = writer};
    ms_buffer_put_u64(&writer->payload, values->time_ns);
    ms_buffer_put_u64(&writer->payload, values->live_bytes);
    ms_buffer_put_u64(&writer->payload, values->pause_ns);
    ms_table_put(&writer->payload, values->found_count, COLUMNS, value_of, &all);
    ms_writer_payload(writer, MS_FRAME_VALUES);
}

void
ms_valuelook_close(ms_valuelook *values)
{
    ms_memory_give(values->chosen);
    ms_memory_give(values->found);
    *values = (ms_valuelook){0};
}
