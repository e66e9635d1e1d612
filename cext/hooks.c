#include "hooks.h"

#include <pthread.h>

#include "arenas.h"
#include "producer.h"
#include "sizeclass.h"

static struct {
    PyMemAllocatorEx before[MS_DOMAINS];
    bool installed; /* may still be reached through somebody else's hooks, even when not recording */
    bool sampled;   /* which of the two kinds */
} hooks;

MS_INLINE void *
ask(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    return zeroed ? before->calloc(before->ctx, count, size) : before->malloc(before->ctx, size);
}

/* ---- away from the main ring --------------------------------------------------------------------- */

/* Threads without the GIL, and those of another interpreter, which may hold a GIL of its own and so must touch nothing
 * that the main one's guards. */

static _Thread_local bool inside_away; /* what producer.inside is to the others */

/* On 3.11 a thread that runs another interpreter is taken for one without the GIL, and may be inside. */
static bool
passes_away(void)
{
    return inside_away || ms_producer_passes(ms_thread_pointer());
}

static MS_COLD void *
alloc_away(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    if (passes_away())
        return ask(domain, count, size, zeroed);
    inside_away = true;
    void *block = ask(domain, count, size, zeroed);
    if (block != NULL)
        ms_note_alloc_side(domain, block, count * size);
    inside_away = false;
    return block;
}

static MS_COLD void *
realloc_away(ms_domain domain, void *old, size_t size)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    if (passes_away())
        return before->realloc(before->ctx, old, size);
    inside_away = true;
    bool known = old != NULL && ms_was_kept(old) &&
                 ms_note_plain_side(MS_REALLOC_FROM, domain, old);
    void *block = before->realloc(before->ctx, old, size);
    if (known && block == NULL && producer.sampling)
        (void)ms_producer_keep(old);
    if (known)
        ms_note_realloc_end_side(domain, block, size);
    else if (block != NULL)
        ms_note_alloc_side(domain, block, size);
    inside_away = false;
    return block;
}

static MS_COLD void
free_away(ms_domain domain, void *block)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    bool passes = block == NULL || passes_away();
    if (!passes && ms_was_kept(block))
        (void)ms_note_plain_side(MS_FREE, domain, block);
    bool was_inside = inside_away;
    inside_away = was_inside || !passes;
    before->free(before->ctx, block);
    inside_away = was_inside;
}

/* ---- at the main ring ---------------------------------------------------------------------------- */

/* RAW is the one domain that may be used without a GIL. */
MS_INLINE bool
at_main_ring(ms_domain domain, uintptr_t self)
{
    return domain == MS_RAW ? ms_at_main_ring(self) : ms_holder_at_main_ring(self);
}

MS_INLINE void *
noted_alloc(ms_domain domain, size_t count, size_t size, bool zeroed, bool sampled)
{
    uintptr_t self = ms_thread_pointer();
    if (ms_producer_passes(self))
        return ask(domain, count, size, zeroed);
    if (MS_UNLIKELY(!at_main_ring(domain, self)))
        return alloc_away(domain, count, size, zeroed);
    ms_producer_go_inside(self);
    void *block = ask(domain, count, size, zeroed);
    if (MS_LIKELY(block != NULL) && (!sampled || ms_wanted(block, count * size, true)))
        ms_note_alloc(domain, block, count * size);
    ms_producer_go_inside(0);
    return block;
}

MS_INLINE void *
exact_alloc(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    return noted_alloc(domain, count, size, zeroed, false);
}

MS_INLINE void *
exact_realloc(ms_domain domain, void *old, size_t size)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    uintptr_t self = ms_thread_pointer();
    if (ms_producer_passes(self))
        return before->realloc(before->ctx, old, size);
    if (MS_UNLIKELY(!at_main_ring(domain, self)))
        return realloc_away(domain, old, size);
    ms_producer_go_inside(self);
    /* A sampled recording may not know the old block; then this is a plain allocation. */
    bool known = old != NULL && ms_was_kept(old);
    if (known)
        ms_note_plain(MS_REALLOC_FROM, domain, old);
    void *block = before->realloc(before->ctx, old, size);
    if (known && block == NULL && producer.sampling)
        (void)ms_producer_keep(old); /* it stays */
    if (known)
        ms_note_realloc_end(domain, block, size);
    else if (block != NULL && ms_wanted(block, size, true))
        ms_note_alloc(domain, block, size);
    ms_producer_go_inside(0);
    return block;
}

MS_INLINE void
exact_free(ms_domain domain, void *block)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    uintptr_t self = ms_thread_pointer();
    if (ms_producer_passes(self) || block == NULL) {
        before->free(before->ctx, block);
        return;
    }
    /* A thread that has changed interpreters since allocates there before it frees. */
    if (MS_UNLIKELY(!ms_is_holder(self)) && !at_main_ring(domain, self)) {
        free_away(domain, block);
        return;
    }
    ms_producer_go_inside(self);
    ms_note_plain(MS_FREE, domain, block);
    before->free(before->ctx, block);
    ms_producer_go_inside(0);
}

/* ---- the same, sampled --------------------------------------------------------------------------- */

/* Most requests end at one subtraction, most frees at one load. What is left is out of line, so that
 * these few instructions need no stack frame of their own. */
static __attribute__((noinline)) void *
sampled_alloc_slow(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    return noted_alloc(domain, count, size, zeroed, true);
}

static __attribute__((noinline)) void
sampled_free_slow(ms_domain domain, void *block)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    if (block != NULL && ms_was_kept(block))
        exact_free(domain, block);
    else
        before->free(before->ctx, block);
}

/* Requests of up to 512 bytes are not passed on to another domain, so nobody needs to be told that we
 * are inside. */
MS_INLINE void *
sampled_alloc(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    size_t bytes = count * size;
    if (MS_LIKELY(bytes <= MS_SMALL_MAX && domain != MS_RAW &&
                  producer.sampler.until_next_bytes > (int64_t)bytes)) {
        producer.sampler.until_next_bytes -= (int64_t)bytes;
        return ask(domain, count, size, zeroed);
    }
    return sampled_alloc_slow(domain, count, size, zeroed);
}

MS_INLINE void
sampled_free(ms_domain domain, void *block)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    if (MS_LIKELY(!ms_sampleset_may_hold(&ms_kept_blocks, (uintptr_t)block)))
        before->free(before->ctx, block);
    else
        sampled_free_slow(domain, block);
}

/* ---- one function for each call, domain and kind ------------------------------------------------- */

#define WITHOUT_GIL(domain) ((domain) == MS_RAW && MS_UNLIKELY(!ms_gil_held()))

#define DEFINE_HOOKS(kind, name, domain, free_function, alloc_function)                            \
    MS_HOT static void *kind##_##name##_malloc(void *context, size_t size)                         \
    {                                                                                              \
        (void)context;                                                                             \
        if (WITHOUT_GIL(domain))                                                                   \
            return alloc_away(domain, 1, size, false);                                                     \
        return alloc_function(domain, 1, size, false);                                             \
    }                                                                                              \
    MS_HOT static void *kind##_##name##_calloc(void *context, size_t count, size_t size)           \
    {                                                                                              \
        (void)context;                                                                             \
        if (WITHOUT_GIL(domain))                                                                   \
            return alloc_away(domain, count, size, true);                                                  \
        return alloc_function(domain, count, size, true);                                          \
    }                                                                                              \
    MS_HOT static void *kind##_##name##_realloc(void *context, void *block, size_t size)           \
    {                                                                                              \
        (void)context;                                                                             \
        if (WITHOUT_GIL(domain))                                                                   \
            return realloc_away(domain, block, size);                                                      \
        return exact_realloc(domain, block, size);                                                 \
    }                                                                                              \
    MS_HOT static void kind##_##name##_free(void *context, void *block)                            \
    {                                                                                              \
        (void)context;                                                                             \
        if ((domain) == MS_RAW)                                                                    \
            ms_producer_goes_away(block);                                                          \
        if (WITHOUT_GIL(domain))                                                                   \
            free_away(domain, block);                                                                      \
        else                                                                                       \
            free_function(domain, block);                                                          \
    }

#define TABLE_ENTRY(kind, name)                                                                    \
    {                                                                                              \
        .malloc = kind##_##name##_malloc, .calloc = kind##_##name##_calloc,                        \
        .realloc = kind##_##name##_realloc, .free = kind##_##name##_free                           \
    }

DEFINE_HOOKS(exact, raw, MS_RAW, exact_free, exact_alloc)
DEFINE_HOOKS(exact, mem, MS_MEM, exact_free, exact_alloc)
DEFINE_HOOKS(exact, obj, MS_OBJ, exact_free, exact_alloc)
DEFINE_HOOKS(sampled, raw, MS_RAW, sampled_free, sampled_alloc)
DEFINE_HOOKS(sampled, mem, MS_MEM, sampled_free, sampled_alloc)
DEFINE_HOOKS(sampled, obj, MS_OBJ, sampled_free, sampled_alloc)

/* By kind (exact, sampled) and domain. */
static const PyMemAllocatorEx ours[2][MS_DOMAINS] = {
    {TABLE_ENTRY(exact, raw), TABLE_ENTRY(exact, mem), TABLE_ENTRY(exact, obj)},
    {TABLE_ENTRY(sampled, raw), TABLE_ENTRY(sampled, mem), TABLE_ENTRY(sampled, obj)},
};

static const PyMemAllocatorDomain domains[MS_DOMAINS] = {
    PYMEM_DOMAIN_RAW,
    PYMEM_DOMAIN_MEM,
    PYMEM_DOMAIN_OBJ,
};

/* ---- on and off ---------------------------------------------------------------------------------- */

static bool
is_ours(int domain)
{
    PyMemAllocatorEx now;
    PyMem_GetAllocator(domains[domain], &now);
    return now.malloc == ours[hooks.sampled][domain].malloc;
}

static PyMemAllocatorEx probed;
static bool reached;

static void *
note_reached(void *context, size_t size)
{
    reached = true;
    return probed.malloc(context, size);
}

/* Whether requests come to our hooks, if only through those of another tool. A tool that was there before us takes
 * our hooks out with its own. Needs the GIL. */
static bool
is_reached(void)
{
    PyMemAllocatorEx *before = &hooks.before[MS_OBJ];
    probed = *before;
    reached = false;
    before->malloc = note_reached;
    ms_producer_go_inside(ms_thread_pointer()); /* not to be recorded */
    PyObject_Free(PyObject_Malloc(1));
    ms_producer_go_inside(0);
    before->malloc = probed.malloc;
    return reached;
}

static bool
on_top(void)
{
    bool all = true;
    for (int domain = 0; domain < MS_DOMAINS; domain++)
        all = all && is_ours(domain);
    return all;
}

static void
put_back(void)
{
    for (int domain = 0; domain < MS_DOMAINS; domain++)
        PyMem_SetAllocator(domains[domain], &hooks.before[domain]);
    hooks.installed = false;
}

/* Takes our hooks out, unless another tool has put its own on top: then they stay and pass everything on.
 * False: they had been taken out already. */
static bool
uninstall(void)
{
    if (on_top()) {
        put_back();
        return true;
    }
    hooks.installed = is_reached();
    return hooks.installed;
}

/* False: hooks of the other kind are stuck below another tool's. */
static bool
install(bool sampled)
{
    if (hooks.installed && uninstall() && hooks.installed) /* somebody who came later still calls them */
        return hooks.sampled == sampled;
    for (int domain = 0; domain < MS_DOMAINS; domain++)
        PyMem_GetAllocator(domains[domain], &hooks.before[domain]);
    for (int domain = 0; domain < MS_DOMAINS; domain++) {
        PyMemAllocatorEx hook = ours[sampled][domain];
        PyMem_SetAllocator(domains[domain], &hook);
    }
    hooks.installed = true;
    hooks.sampled = sampled;
    return true;
}

/* The parent's recording is not the child's: its segment is shared, its drain is not here. */
static void
in_forked_child(void)
{
    if (!ms_hooks_recording())
        return;
    ms_producer_abandon();
    ms_arenas_let_go();
    if (on_top())
        put_back();
}

ms_status
ms_hooks_start(ms_segment *segment, uint64_t sample_bytes)
{
    static bool fork_handled;
    if (ms_hooks_recording())
        return MS_BUSY;
    if (!fork_handled && pthread_atfork(NULL, NULL, in_forked_child) != 0)
        return MS_NO_MEMORY;
    fork_handled = true;
    if (!install(sample_bytes != 0)) /* first: once recording, threads without the GIL are at work */
        return MS_BUSY;
    ms_status status = ms_producer_start(segment, sample_bytes);
    if (status == MS_OK)
        ms_arenas_start();
    else
        (void)uninstall();
    return status;
}

void
ms_hooks_stop(void)
{
    if (!ms_hooks_recording())
        return;
    ms_arenas_stop();
    ms_producer_stop(uninstall());
}

bool
ms_hooks_pause(void)
{
    ms_producer_pause();
    ms_arenas_forget();
    return on_top() || is_reached();
}

bool
ms_hooks_resume(void)
{
    return (on_top() || is_reached()) && ms_producer_resume();
}

bool
ms_hooks_recording(void)
{
    return producer.segment != NULL;
}
