/* Which of memscope's signals were sent to all, by what the witness got: as tests/recording/test_signals.py. */
#include "supervising/tracker.h"

#include <signal.h>
#include <stddef.h>

#include "check.h"

#define MS 1000000

typedef struct moment {
    double ms;
    int number, sender;
    bool delayed;
} moment;

static ms_receipt
receipt_of(moment at)
{
    return (ms_receipt){.number = at.number == 0 ? SIGTERM : at.number,
                        .sender = at.sender == 0 ? 7 : at.sender,
                        .at_ns = (int64_t)(at.ms * MS),
                        .delayed = at.delayed};
}

/* Checks at which of ours something is passed on: a bit for each. */
static void
check(const moment *ours, int our_count, const moment *seen, int seen_count, unsigned passed_on)
{
    static ms_tracker tracker;
    tracker = (ms_tracker){0};
    int64_t latest_ns = INT64_MIN;
    for (int i = 0; i < our_count; i++) {
        ms_receipt receipt = receipt_of(ours[i]);
        ms_tracker_received(&tracker, &receipt);
        latest_ns = receipt.at_ns > latest_ns ? receipt.at_ns : latest_ns;
    }
    for (int i = 0; i < seen_count; i++) {
        ms_receipt receipt = receipt_of(seen[i]);
        ms_tracker_witnessed(&tracker, &receipt);
        latest_ns = receipt.at_ns > latest_ns ? receipt.at_ns : latest_ns;
    }
    ms_tracker_forget(&tracker, latest_ns);
    unsigned found = 0;
    for (int i = 0; i < our_count; i++) {
        ms_receipt receipt = receipt_of(ours[i]);
        found |= (unsigned)!ms_tracker_was_sent_to_all(&tracker, &receipt) << i;
    }
    CHECK_EQUAL(found, passed_on);
}

#define LIST(...) (const moment[]){__VA_ARGS__}, (int)(sizeof((const moment[]){__VA_ARGS__}) / sizeof(moment))
#define NONE NULL, 0

static void
standard_signals(void)
{
    check(LIST({.ms = 0}, {.ms = 1}, {.ms = 9}), NONE, 7);
    check(LIST({.ms = 0}, {.ms = 10}), LIST({.ms = .1}, {.ms = 10.1}), 0);
    check(LIST({.ms = 0}), LIST({.ms = -20}), 0); /* one process after the other */
    check(LIST({.ms = 0}), LIST({.ms = 0, .sender = 8}), 1);
    check(LIST({.ms = 0}), LIST({.ms = 0, .number = SIGHUP}), 1);
    check(LIST({.ms = 0}, {.ms = 10}), LIST({.ms = 10.2}), 1);
    check(LIST({.ms = 0}, {.ms = 10}), LIST({.ms = .2}), 2);
    check(LIST({.ms = 0}, {.ms = .1}), LIST({.ms = .2}), 0);
    check(LIST({.ms = 0}), LIST({.ms = .1}, {.ms = .2}), 0);
    check(LIST({.ms = 0}, {.ms = 50}), LIST({.ms = .1}, {.ms = .2}), 2);
}

static void
real_time_signals_are_counted(void)
{
    int queued = SIGRTMIN;
    check(LIST({.ms = 0, .number = queued}, {.ms = .1, .number = queued}, {.ms = .2, .number = queued}),
          LIST({.ms = .3, .number = queued}, {.ms = .4, .number = queued}), 4);
    check(LIST({.ms = 0, .number = queued}, {.ms = .1, .number = queued}, {.ms = .2, .number = queued}),
          LIST({.ms = 5, .number = queued}, {.ms = 5, .number = queued}, {.ms = 5, .number = queued}), 0);
}

static void
one_that_waited_while_memscope_was_stopped(void)
{
    check(LIST({.ms = 60000}), LIST({.ms = 0, .delayed = true}, {.ms = 60000, .sender = 9}), 0);
    check(LIST({.ms = 60000}), LIST({.ms = 0}, {.ms = 60000, .sender = 9}), 1);
}

static void
a_list_that_is_full_forgets_the_oldest(void)
{
    static ms_receipts list;
    for (int i = 0; i < MS_RECEIPTS + 3; i++)
        ms_receipts_add(&list, &(ms_receipt){.at_ns = i});
    CHECK_EQUAL(list.count, MS_RECEIPTS);
    CHECK_EQUAL(list.at[0].at_ns, 3);
    ms_receipts_remove(&list, 1);
    CHECK_EQUAL(list.at[0].at_ns, 3);
    CHECK_EQUAL(list.at[1].at_ns, 5);
    CHECK_EQUAL(list.at[list.count - 1].at_ns, MS_RECEIPTS + 2);
}

int
main(void)
{
    standard_signals();
    real_time_signals_are_counted();
    one_that_waited_while_memscope_was_stopped();
    a_list_that_is_full_forgets_the_oldest();
    return 0;
}
