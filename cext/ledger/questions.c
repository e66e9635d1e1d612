#include "ledger/questions.h"

#include "ledger/ownership.h"
#include "ledger/slot.h"
#include "shared/memory.h"

/* What is being asked for: the table is the program's too, which may write anything there. */
typedef struct {
    uint64_t address;
    uint32_t *words;
} asked_block;

typedef struct {
    ms_ledger *ledger;
    ms_inquiry *table;
    ms_questions_ask ask;
    void *context;
    asked_block *asked;
    uint32_t count;
    bool failed;
} asking;

/* The block at an address that a living object owns, also if it was last told to lie on a free list: what lies on one
 * now has been told just before. */
static void
take_owned(ms_ledger *ledger, const ms_owned *owned, uint64_t owner_address, uint32_t owner_stack)
{
    uint64_t address = owned->address & MS_ADDRESS_MASK;
    if (address == 0 || address == owner_address)
        return;
    uint32_t *words = ms_blockmap_slot(&ledger->map, address);
    /* Of an address within a block another word of the block's may stand here. */
    if (words == NULL || ms_counters_is_stale(ledger, words))
        return;
    ms_block block = ms_slot_read(ledger, words);
    ms_ownership_reassign(ledger, &block, owner_stack, owned->type);
    ms_slot_write(ledger, address, words, &block);
}

/* Whether the blocks of a row are taken to be objects, as those were that died. */
static bool
is_of_objects(const ms_ledger *ledger, uint32_t id)
{
    uint32_t type = ledger->table.rows[id].type;
    return ms_segment_has_type(ledger->segment, type) && ledger->segment->types[type].kind == MS_TYPE_OBJECT;
}

/* Type 0 counts too: what lies in the block is no object, or not known. Tables and arrays keep what their object's
 * answer said. */
static void
take_answer(ms_ledger *ledger, const asked_block *asked, const ms_answer *answer)
{
    ms_block block = ms_slot_read(ledger, asked->words);
    bool of_objects = is_of_objects(ledger, block.row);
    if (answer->type == 0 ? !of_objects : !ms_segment_has_type(ledger->segment, answer->type))
        return;
    ms_ownership_settle(ledger, &block, answer->type);
    ms_slot_write(ledger, asked->address, asked->words, &block);
    uint32_t stack = ledger->table.rows[block.row].stack;
    for (uint32_t i = 0; i < MS_OWNED_MAX; i++)
        take_owned(ledger, &answer->owned[i], asked->address, stack);
}

static void
put(asking *at)
{
    if (at->count == 0 || at->failed)
        return;
    at->table->count = at->count;
    at->failed = !at->ask(at->context);
    for (uint32_t i = 0; i < at->count && !at->failed; i++) {
        ms_answer answer = at->table->answers[i]; /* once: it may change while it is read */
        take_answer(at->ledger, &at->asked[i], &answer);
    }
    at->count = 0;
}

static uint32_t
see_block(void *context, uint64_t address, uint32_t *words)
{
    asking *at = context;
    ms_ledger *ledger = at->ledger;
    if (ms_counters_is_stale(ledger, words))
        return 1;
    ms_block block = ms_slot_read(ledger, words);
    const ms_row *row = &ledger->table.rows[block.row];
    if (row->domain == MS_OBJ && row->type != MS_TYPE_PARKED && !at->failed) {
        at->asked[at->count] = (asked_block){.address = address, .words = words};
        at->table->questions[at->count++] = (ms_question){.address = address, .size_bytes = block.size_bytes};
        if (at->count == MS_QUESTIONS)
            put(at);
    }
    return ms_slot_span(&block);
}

bool
ms_questions_put(ms_ledger *ledger, ms_inquiry *table, ms_questions_ask ask, void *context)
{
    asking at = {.ledger = ledger, .table = table, .ask = ask, .context = context};
    at.asked = ms_memory_get(MS_QUESTIONS * sizeof *at.asked);
    if (at.asked == NULL)
        return false;
    ms_blockmap_each(&ledger->map, see_block, &at);
    put(&at);
    ms_memory_give(at.asked);
    return !at.failed;
}
