#include "program/arenas.h"

#include "program/producer.h"
#include "shared/arena.h"
#include "shared/array.h"
#include "shared/sizeclass.h"

#define KNOWN_FIRST 64u

static struct {
    PyObjectArenaAllocator before;
    bool installed;   /* may still be reached through somebody else's, even when not recording */
    uintptr_t *known; /* arenas of the main interpreter, in no order; guarded by its GIL */
    uint32_t count, capacity;
} arenas;

static void
remember(uintptr_t address)
{
    if (MS_ARRAY_HOLDS(arenas.known, arenas.capacity, arenas.count + 1, KNOWN_FIRST)) /* else its pools go untold */
        arenas.known[arenas.count++] = address;
}

static void
forget(uintptr_t address)
{
    for (uint32_t i = 0; i < arenas.count; i++) {
        if (arenas.known[i] == address) {
            arenas.known[i] = arenas.known[--arenas.count];
            return;
        }
    }
}

static bool
holds_our_gil(void)
{
    PyThreadState *tstate = ms_tstate_current();
    return tstate != NULL && tstate->interp == producer.interp;
}

/* ---- the hook -------------------------------------------------------------------------------- */

/* Stacks of frames come from here as well, in chunks of other sizes. */
static void *
arena_alloc(void *context, size_t size)
{
    (void)context;
    /* It is Python's own: not mapped by a library. */
    bool was_inside = ms_own_of_thread.inside_away;
    ms_own_of_thread.inside_away = true;
    void *arena = arenas.before.alloc(arenas.before.ctx, size);
    ms_own_of_thread.inside_away = was_inside;
    if (arena != NULL && size == MS_ARENA_BYTES &&
        ms_tell(ms_event_make(MS_ARENA, MS_OBJ, (uintptr_t)arena, (uint32_t)size, 0)))
        remember((uintptr_t)arena);
    return arena;
}

static void
arena_free(void *context, void *arena, size_t size)
{
    (void)context;
    if (size == MS_ARENA_BYTES) {
        (void)ms_tell(ms_event_make(MS_ARENA_GONE, MS_OBJ, (uintptr_t)arena, (uint32_t)size, 0));
        /* Told or not: a recording that was given up still ends, and looks at those that it knows. */
        if (holds_our_gil())
            forget((uintptr_t)arena);
    }
    bool was_inside = ms_own_of_thread.inside_away;
    ms_own_of_thread.inside_away = true;
    arenas.before.free(arenas.before.ctx, arena, size);
    ms_own_of_thread.inside_away = was_inside;
}

void
ms_arenas_let_go(void)
{
    PyObjectArenaAllocator now;
    PyObject_GetArenaAllocator(&now);
    if (!arenas.installed || now.alloc != arena_alloc)
        return;
    PyObject_SetArenaAllocator(&arenas.before);
    arenas.installed = false;
}

static void
install(void)
{
    ms_arenas_let_go();
    if (arenas.installed) /* somebody who came later still calls it */
        return;
    PyObject_GetArenaAllocator(&arenas.before);
    PyObjectArenaAllocator ours = {.alloc = arena_alloc, .free = arena_free};
    PyObject_SetArenaAllocator(&ours);
    arenas.installed = true;
}

void
ms_arenas_forget(void)
{
    arenas.count = 0;
    ms_arenas_let_go();
}

/* ---- on and off ------------------------------------------------------------------------------ */

void
ms_arenas_start(void)
{
    arenas.count = 0;
    install();
    uint32_t most = ms_pymalloc_arenas_max(producer.interp);
    for (uint32_t i = 0; i < most; i++) {
        uintptr_t address = ms_pymalloc_arena(producer.interp, i);
        if (address != 0 && ms_tell(ms_event_make(MS_ARENA, MS_OBJ, address, MS_ARENA_BYTES, 1)))
            remember(address);
    }
}

static void
tell_pools(uintptr_t address)
{
    ms_arena arena = {.address = address, .bytes = MS_ARENA_BYTES};
    uint64_t place = ms_arena_first_pool(&arena);
    for (uint32_t left = ms_arena_pools(&arena); left != 0; left--, place += MS_POOL_BYTES) {
        const ms_pool_head *pool = (const ms_pool_head *)(uintptr_t)place;
        if (pool->blocks != 0 && pool->size_class < MS_SMALL_CLASSES &&
            !ms_tell(ms_event_make(MS_POOL, MS_OBJ, place, pool->blocks, pool->size_class + 1)))
            return;
    }
}

void
ms_arenas_stop(void)
{
    bool recording = atomic_load(&producer.recording);
    for (uint32_t i = 0; recording && i < arenas.count; i++)
        tell_pools(arenas.known[i]);
    ms_arenas_forget();
}
