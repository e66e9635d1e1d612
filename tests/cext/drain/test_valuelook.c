/* A look at values, with a program that answers by the address alone: equal values in known numbers. */
#include "drain/valuelook.h"

#include <pthread.h>
#include <string.h>

#include "check.h"
#include "made_segment.h"
#include "program/stacktable.h"

#define BLOCKS 12000u /* of 512 bytes: 5.9 MiB */
#define FEW 100u
#define CONTAINERS 36u /* of 64 bytes, in a row of their own */
#define ARENA UINT64_C(0x7f1200000000)
#define RUN_NS UINT64_C(1000000000)
#define CONTENTS 8u

static ms_segment segment;
static uint32_t asked_about;
static bool answers;

/* Values by turns, and each fourth block a container that uses a quarter of its room. */
static void
answer(const ms_question *question, ms_value *value)
{
    uint64_t number = (question->address - ARENA) / 512;
    *value = (ms_value){.type = 1, .hash = 1 + number % CONTENTS};
    if (number % 4 == 0 || question->size_bytes == 64)
        *value = (ms_value){.type = 2, .held_bytes = 400, .needed_bytes = 100};
    asked_about++;
}

static void *
run_program(void *unused)
{
    (void)unused;
    ms_inquiry *table = segment.inquiry;
    if (!ms_inquiry_change_wish(table, MS_VALUES_WISHED, MS_VALUES_NONE))
        return NULL;
    table->about = MS_ABOUT_VALUES;
    atomic_store(&table->state, MS_INQUIRY_READY);
    for (;;) {
        ms_inquiry_state state = ms_inquiry_now(table);
        if (state == MS_INQUIRY_DONE)
            return NULL;
        if (state != MS_INQUIRY_ASKED || !answers)
            continue;
        for (uint32_t i = 0; i < table->count; i++)
            answer(&table->questions[i], &table->values[i]);
        CHECK(ms_inquiry_change(table, MS_INQUIRY_ASKED, MS_INQUIRY_ANSWERED));
    }
}

static void
allocate(ms_ledger *ledger, uint32_t stack, uint32_t first, uint32_t count, uint32_t bytes)
{
    for (uint32_t i = first; i < first + count; i++) {
        ms_event event = ms_event_make(MS_ALLOC, MS_OBJ, ARENA + 512 * (uint64_t)i, bytes, stack);
        ms_ledger_take(ledger, &event, bytes, 0);
    }
}

static ms_ledger *
ledger_with_blocks(uint32_t count)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    ms_ledger_batch(ledger, 0);
    allocate(ledger, ms_stack_add_root(&segment, 1), 0, count, 512);
    allocate(ledger, ms_stack_add_root(&segment, 2), count, FEW, 512);
    allocate(ledger, ms_stack_add_root(&segment, 3), count + FEW, CONTAINERS, 64);
    return ledger;
}

static void
open_look(ms_valuelook *look, ms_ledger *ledger, ms_asking *asking)
{
    ms_asking_init(asking, &segment, true);
    asking->is_over = NULL;
    ms_valuelook_init(look, ledger, asking, true);
}

static bool
never_over(void *unused)
{
    (void)unused;
    return false;
}

static void
take(ms_valuelook *look, uint64_t time_ns)
{
    pthread_t program;
    look->asking.is_over = never_over;
    for (int poll = 0; poll < 10; poll++)
        ms_valuelook_look(look, time_ns);
    CHECK(ms_valuelook_expects(look));
    CHECK(pthread_create(&program, NULL, run_program, NULL) == 0);
    while (!ms_valuelook_is_wanted(look)) {
    }
    ms_valuelook_ask(look, time_ns);
    pthread_join(program, NULL);
    CHECK(!ms_valuelook_expects(look));
}

static void
equal_values_are_counted(void)
{
    ms_asking asking;
    ms_valuelook look;
    ms_ledger *ledger = ledger_with_blocks(BLOCKS);
    open_look(&look, ledger, &asking);
    answers = true;
    take(&look, RUN_NS);
    CHECK(asked_about > BLOCKS / 4 && asked_about <= MS_VALUELOOK_MOST + CONTAINERS);
    /* Of rows of a few blocks, all that may be containers are asked about, and no others. */
    CHECK_EQUAL(look.found_count, 3);
    CHECK_EQUAL(look.found[2].asked, CONTAINERS);
    CHECK_EQUAL(look.found[2].blocks, CONTAINERS);
    const ms_valued *plain = &look.found[0], *room = &look.found[1];
    CHECK(plain->type == 1 && room->type == 2 && plain->row == room->row);
    CHECK_EQUAL(plain->asked + room->asked + CONTAINERS, asked_about);
    CHECK_EQUAL(plain->blocks, BLOCKS);
    CHECK_EQUAL(plain->distinct, CONTENTS - 2);
    CHECK_EQUAL(plain->once + plain->twice + room->distinct, 0);
    CHECK_EQUAL(room->held_bytes, 400 * (uint64_t)room->asked);
    CHECK_EQUAL(room->needed_bytes, 100 * (uint64_t)room->asked);
    CHECK_EQUAL(look.live_bytes, 512 * (BLOCKS + FEW) + 64 * CONTAINERS);
    /* As much is live as then. */
    ms_valuelook_look(&look, 2 * RUN_NS);
    CHECK(!look.choosing);
    ms_valuelook_look(&look, 2 * RUN_NS + 1);
    CHECK(look.choosing);
    ms_valuelook_close(&look);
    ms_ledger_destroy(ledger);
}

static void
nobody_looks_at_little_or_too_early(void)
{
    ms_asking asking;
    ms_valuelook look;
    ms_ledger *ledger = ledger_with_blocks(1000);
    open_look(&look, ledger, &asking);
    ms_valuelook_look(&look, RUN_NS);
    CHECK(!look.choosing);
    allocate(ledger, 1, 2000, BLOCKS, 512);
    ms_valuelook_look(&look, RUN_NS / 1000);
    CHECK(!look.choosing);
    ms_valuelook_look(&look, RUN_NS);
    CHECK(look.choosing);
    ms_valuelook_close(&look);
    ms_ledger_destroy(ledger);
}

static void
a_program_that_says_nothing_is_let_go(void)
{
    ms_asking asking;
    ms_valuelook look;
    ms_ledger *ledger = ledger_with_blocks(BLOCKS);
    open_look(&look, ledger, &asking);
    answers = false;
    take(&look, RUN_NS);
    CHECK_EQUAL(look.found_count, 0);
    ms_valuelook_close(&look);
    ms_ledger_destroy(ledger);
}

int
main(void)
{
    map_new_segment(&segment);
    describe_types(&segment, 2);
    equal_values_are_counted();
    nobody_looks_at_little_or_too_early();
    a_program_that_says_nothing_is_let_go();
    ms_segment_unmap(&segment);
    return 0;
}
