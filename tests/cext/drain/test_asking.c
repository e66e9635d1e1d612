/* The drain asks a program that waits, one that goes away, and one that goes on without. */
#include "drain/asking.h"

#include <pthread.h>
#include <string.h>

#include "check.h"
#include "ledger/view.h"
#include "made_segment.h"
#include "program/stacktable.h"

#define BLOCKS 10000u /* several batches */
#define ANSWERS_ALL UINT32_MAX

static ms_segment segment;
static uint32_t answered, answers_wanted;
static atomic_bool over;

/* Answers so many batches, then says nothing more. */
static void *
run_program(void *unused)
{
    (void)unused;
    ms_inquiry *table = segment.inquiry;
    atomic_store(&table->state, MS_INQUIRY_READY);
    for (;;) {
        ms_inquiry_state state = ms_inquiry_now(table);
        if (state == MS_INQUIRY_DONE || state == MS_INQUIRY_LEFT)
            return NULL;
        if (state != MS_INQUIRY_ASKED)
            continue;
        if (answered == answers_wanted) {
            atomic_store(&over, true);
            return NULL;
        }
        for (uint32_t i = 0; i < table->count; i++)
            table->answers[i] = (ms_answer){.type = 1 + table->questions[i].address / 64 % 2};
        answered++;
        if (!ms_inquiry_change(table, MS_INQUIRY_ASKED, MS_INQUIRY_ANSWERED))
            return NULL;
    }
}

static bool
is_over(void *unused)
{
    (void)unused;
    return atomic_load(&over);
}

static ms_ledger *
ledger_with_blocks(void)
{
    ms_ledger *ledger = ms_ledger_create(&segment, 0, true);
    CHECK(ledger != NULL);
    uint32_t stack = ms_stack_add_root(&segment, 1);
    ms_ledger_batch(ledger, 0);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        ms_event event = ms_event_make(MS_ALLOC, MS_OBJ, UINT64_C(0x100000) + 64 * i, 64, stack);
        ms_ledger_take(ledger, &event, 64, 0);
    }
    return ledger;
}

static uint64_t
blocks_of_type(const ms_ledger *ledger, uint32_t type)
{
    ms_rows rows = ms_ledger_rows(ledger);
    uint64_t blocks = 0;
    for (uint32_t id = 1; id <= rows.count; id++)
        blocks += rows.row[id].type == type ? ms_row_live_blocks(&rows.row[id]) : 0;
    return blocks;
}

static void
asks(uint32_t batches, const char *outcome)
{
    const char *why;
    ms_asking asking;
    ms_asking_init(&asking, &segment, true);
    asking.is_over = is_over;
    CHECK(!ms_asking_is_wanted(&asking));
    ms_ledger *ledger = ledger_with_blocks();
    answered = 0;
    answers_wanted = batches;
    atomic_store(&over, false);
    pthread_t program;
    CHECK(pthread_create(&program, NULL, run_program, NULL) == 0);
    while (!ms_asking_is_wanted(&asking)) {
    }
    ms_asking_ask(&asking, ledger, ms_now_ns());
    ms_asking_let_go(&asking);
    pthread_join(program, NULL);
    CHECK(strcmp(ms_asking_outcome(&asking, &why), outcome) == 0);
    CHECK((*why == '\0') == (batches == ANSWERS_ALL));
    CHECK_EQUAL(ms_inquiry_now(segment.inquiry), MS_INQUIRY_DONE);
    /* The first one gave the row its type. Half of the others are of the other. */
    uint64_t told = answered * (uint64_t)MS_QUESTIONS < BLOCKS ? answered * (uint64_t)MS_QUESTIONS : BLOCKS;
    CHECK_EQUAL(blocks_of_type(ledger, 2), told / 2);
    CHECK_EQUAL(blocks_of_type(ledger, 1), told == 0 ? 0 : BLOCKS - told / 2);
    ms_ledger_destroy(ledger);
}

static void
a_program_that_has_left_is_not_asked(void)
{
    const char *why;
    ms_asking asking;
    ms_asking_init(&asking, &segment, true);
    asking.is_over = is_over;
    CHECK(strcmp(ms_asking_outcome(&asking, &why), "not asked") == 0 && *why != '\0');
    atomic_store(&segment.inquiry->state, MS_INQUIRY_LEFT);
    CHECK(!ms_asking_is_wanted(&asking));
    ms_asking_init(&asking, &segment, false);
    atomic_store(&segment.inquiry->state, MS_INQUIRY_READY);
    CHECK(!ms_asking_is_wanted(&asking));
}

int
main(void)
{
    map_new_segment(&segment);
    describe_types(&segment, 2);
    asks(ANSWERS_ALL, "asked");
    asks(1, "asked in part");
    asks(0, "not asked");
    a_program_that_has_left_is_not_asked();
    ms_segment_unmap(&segment);
    return 0;
}
