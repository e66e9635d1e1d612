/* Threads enter and leave all the time, while another says that all is over, and takes away what they work on: whoever
 * got in is waited for, and nobody gets in after. Both ways, with the kernel's barrier and without. */
#include "check.h"
#include "program/presence.h"

#include <pthread.h>
#include <sched.h>

#define THREADS 3u
#define TIMES 12u

static _Atomic bool on, ended;
static ms_presence counters[THREADS];
static _Atomic uint64_t taken_away, events, refused; /* taken_away: 1 while nobody may be within */

static void *
work(void *argument)
{
    ms_presence *own = argument;
    while (!atomic_load_explicit(&ended, memory_order_relaxed)) {
        ms_presence_enter(own);
        bool is_on = atomic_load(&on);
        if (is_on)
            CHECK(atomic_load_explicit(&taken_away, memory_order_relaxed) == 0);
        ms_presence_leave(own);
        atomic_fetch_add_explicit(is_on ? &events : &refused, 1, memory_order_relaxed);
    }
    return NULL;
}

static bool
somebody_is_within(void)
{
    bool found = false;
    for (uint32_t i = 0; i < THREADS; i++)
        found |= atomic_load_explicit(&counters[i], memory_order_acquire) != 0;
    return found;
}

static void
wait_for_more(_Atomic uint64_t *count)
{
    for (uint64_t before = atomic_load(count); atomic_load(count) < before + THREADS;)
        sched_yield();
}

static void
whoever_is_within_is_waited_for(void)
{
    pthread_t threads[THREADS];
    atomic_store(&ended, false);
    for (uint32_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, &counters[i]) == 0);
    for (uint32_t i = 0; i < TIMES; i++) {
        atomic_store(&on, true);
        wait_for_more(&events);
        atomic_store(&on, false);
        ms_presence_settle();
        while (somebody_is_within())
            sched_yield();
        atomic_store(&taken_away, 1);
        if (i % 4 == 0)
            wait_for_more(&refused);
        atomic_store(&taken_away, 0);
    }
    atomic_store(&ended, true);
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK(!somebody_is_within());
}

/* As a signal handler in the midst of an event does. */
static void
within_within(void)
{
    ms_presence own = 0;
    ms_presence_enter(&own);
    ms_presence_enter(&own);
    ms_presence_leave(&own);
    CHECK_EQUAL(atomic_load(&own), 1);
    ms_presence_leave(&own);
    CHECK_EQUAL(atomic_load(&own), 0);
}

int
main(void)
{
    whoever_is_within_is_waited_for();
    within_within();
    ms_presence_prepare();
    printf("%s\n", atomic_load(&ms_presence_is_light) ? "the kernel has barriers" : "no barriers of the kernel");
    whoever_is_within_is_waited_for();
    within_within();
    return 0;
}
