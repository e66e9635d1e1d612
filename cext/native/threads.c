/* threads.c: stands in front of pthread_create, so that each thread knows which function it was started with.
 *
 *   pthread_create(f, x) ──► libc's, with begin({f, x}) ──► the new thread notes f, and goes on with f(x)
 *
 * What f and x are, waits for the thread in a place of a small table: nothing is requested for it. If all places are
 * taken, the thread starts as it would without us, and does not know. Nothing is noted while nothing is recorded.
 */
#include "native/allocators.h"

#include "native/attaching.h"
#include "native/telling.h"

#define STARTS 256u

typedef void *(*routine)(void *argument);

typedef struct start {
    routine function;
    void *argument;
    _Atomic bool taken;
} start;

static start starts[STARTS];

static _Thread_local routine started_with __attribute__((tls_model("initial-exec")));

const void *
ms_thread_start(void)
{
    const void *function;
    _Static_assert(sizeof function == sizeof started_with, "one kind of address");
    __builtin_memcpy(&function, &started_with, sizeof function);
    return function;
}

/* NULL: all are taken. */
static start *
take_place(void)
{
    static _Atomic uint32_t next;
    uint32_t first = atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
    for (uint32_t i = 0; i < STARTS; i++) {
        start *place = &starts[(first + i) % STARTS];
        bool free_place = false;
        if (atomic_compare_exchange_strong(&place->taken, &free_place, true))
            return place;
    }
    return NULL;
}

static void *
begin(void *context)
{
    start *place = context;
    routine function = place->function;
    void *argument = place->argument;
    atomic_store(&place->taken, false);
    started_with = function;
    return function(argument);
}

EXPORT int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, routine function, void *argument)
{
    if (!ms_allocators_ready() || ms_before.pthread_create == NULL)
        return EAGAIN;
    bool recorded = atomic_load_explicit(&ms_native_library.listener, memory_order_acquire) != NULL;
    start *place = recorded ? take_place() : NULL;
    if (place == NULL)
        return ms_before.pthread_create(thread, attributes, function, argument);
    place->function = function;
    place->argument = argument;
    int result = ms_before.pthread_create(thread, attributes, begin, place);
    if (result != 0)
        atomic_store(&place->taken, false);
    return result;
}

OURS(pthread_create)
