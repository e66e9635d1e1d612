/* A drain that does not move is waited for as long as its thread works, and given up when it sleeps or is gone. What
 * time it is the waiting one says: no test waits for seconds. */
#include "check.h"
#include "program/patience.h"
#include "shared/procfs.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

static ms_segment_header header;
static _Atomic uint32_t thread_id;
static _Atomic bool over;
static pthread_mutex_t closed = PTHREAD_MUTEX_INITIALIZER;

static void *
spin(void *unused)
{
    atomic_store(&thread_id, (uint32_t)syscall(SYS_gettid));
    while (!atomic_load_explicit(&over, memory_order_relaxed)) {
    }
    return unused;
}

static void *
sleep_on(void *unused)
{
    atomic_store(&thread_id, (uint32_t)syscall(SYS_gettid));
    pthread_mutex_lock(&closed);
    pthread_mutex_unlock(&closed);
    return unused;
}

/* The drain is from now on a thread that does this. */
static pthread_t
begin(void *(*work)(void *))
{
    pthread_t thread;
    atomic_store(&thread_id, 0);
    atomic_store(&over, false);
    CHECK(pthread_create(&thread, NULL, work, NULL) == 0);
    while (atomic_load(&thread_id) == 0)
        sched_yield();
    atomic_store(&header.drain_pid, (uint32_t)getpid());
    atomic_store(&header.drain_thread, atomic_load(&thread_id));
    return thread;
}

static void
one_that_works_is_waited_for(void)
{
    pthread_t thread = begin(spin);
    ms_patience patience = ms_patience_begin(&header, 0);
    for (uint64_t second = 1; second <= 60; second++)
        CHECK(!ms_patience_ends(&patience, second * SECOND));
    CHECK(ms_patience_ends(&patience, 64 * SECOND));
    ms_patience_renew(&patience, 64 * SECOND);
    CHECK(!ms_patience_ends(&patience, 67 * SECOND));
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    ms_process_state state;
    while (ms_procfs_thread_state((uint32_t)getpid(), atomic_load(&thread_id), &state)) /* a moment longer */
        sched_yield();
    CHECK(ms_patience_ends(&patience, 70 * SECOND)); /* it is gone */
}

static void
one_that_sleeps_is_not(void)
{
    pthread_mutex_lock(&closed);
    pthread_t thread = begin(sleep_on);
    ms_process_state state = {0};
    while (state.state != 'S') {
        sched_yield();
        CHECK(ms_procfs_thread_state((uint32_t)getpid(), atomic_load(&thread_id), &state));
    }
    ms_patience patience = ms_patience_begin(&header, 0);
    CHECK(!ms_patience_ends(&patience, SECOND));
    CHECK(!ms_patience_ends(&patience, 3 * SECOND)); /* nobody knows yet whether it has run since */
    CHECK(ms_patience_ends(&patience, 6 * SECOND));
    pthread_mutex_unlock(&closed);
    pthread_join(thread, NULL);
}

static void
one_that_is_not_known_or_has_gone_is_not(void)
{
    atomic_store(&header.drain_thread, 0);
    ms_patience patience = ms_patience_begin(&header, 0);
    CHECK(!ms_patience_ends(&patience, SECOND));
    CHECK(ms_patience_ends(&patience, 3 * SECOND));
    atomic_store(&header.abandoned, 1);
    patience = ms_patience_begin(&header, 0);
    CHECK(ms_patience_ends(&patience, 1));
    atomic_store(&header.abandoned, 0);
}

int
main(void)
{
    one_that_works_is_waited_for();
    one_that_sleeps_is_not();
    one_that_is_not_known_or_has_gone_is_not();
    return 0;
}
