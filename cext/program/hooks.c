#include "program/hooks.h"

#include <pthread.h>

#include "program/arenas.h"
#include "program/creations.h"
#include "program/native.h"
#include "program/objects.h"
#include "program/producer.h"
#include "shared/sizeclass.h"

typedef enum hook_kind { EXACT, SAMPLED, OF_OBJECTS, KINDS } hook_kind;

static struct {
    PyMemAllocatorEx before[MS_PYTHON_DOMAINS];
    bool installed; /* may still be reached through somebody else's hooks, even when not recording */
    hook_kind kind;
} hooks;

MS_INLINE void *
ask(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    return zeroed ? before->calloc(before->ctx, count, size) : before->malloc(before->ctx, size);
}

/* ---- without the GIL: the MPSC ring ----------------------------------------------------------------- */

/* Threads without the GIL, and those of another interpreter, which may hold a GIL of its own and so must touch nothing
 * that the main one's guards. */

/* On 3.11 a thread that runs another interpreter is taken for one without the GIL, and may be inside. */
static bool
passes_away(void)
{
    return ms_own_of_thread.inside_away || ms_producer_passes(ms_thread_pointer());
}

static MS_COLD void *
alloc_away(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    if (passes_away())
        return ask(domain, count, size, zeroed);
    ms_own_of_thread.inside_away = true;
    void *block = ask(domain, count, size, zeroed);
    if (block != NULL)
        ms_note_alloc_nogil(domain, block, count * size);
    ms_own_of_thread.inside_away = false;
    return block;
}

static MS_COLD void *
realloc_away(ms_domain domain, void *old, size_t size)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    if (passes_away())
        return before->realloc(before->ctx, old, size);
    ms_own_of_thread.inside_away = true;
    bool known = old != NULL && ms_was_kept(old) && ms_note_plain_nogil(MS_REALLOC_FROM, domain, old);
    void *block = before->realloc(before->ctx, old, size);
    if (known && block == NULL && producer.sampling)
        (void)ms_producer_keep(old);
    if (known)
        ms_note_realloc_end_nogil(domain, block, size);
    else if (block != NULL)
        ms_note_alloc_nogil(domain, block, size);
    ms_own_of_thread.inside_away = false;
    return block;
}

static MS_COLD void
free_away(ms_domain domain, void *block)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    bool passes = block == NULL || passes_away();
    if (!passes && ms_was_kept(block))
        (void)ms_note_plain_nogil(MS_FREE, domain, block);
    bool was_inside = ms_own_of_thread.inside_away;
    ms_own_of_thread.inside_away = was_inside || !passes;
    before->free(before->ctx, block);
    ms_own_of_thread.inside_away = was_inside;
}

/* ---- with the GIL: the SPSC ring ------------------------------------------------------------------------ */

/* RAW is the one domain that may be used without a GIL. */
MS_INLINE bool
at_spsc_ring(ms_domain domain, uintptr_t self)
{
    return domain == MS_RAW ? ms_at_spsc_ring(self) : ms_holder_at_spsc_ring(self);
}

/* Constant in all kinds of hooks but the sampled one. */
#define WITH_OBJECTS(kind) ((kind) == OF_OBJECTS || ((kind) == SAMPLED && ms_objects_now.on))

MS_INLINE void *
noted_alloc(ms_domain domain, size_t count, size_t size, bool zeroed, hook_kind kind)
{
    uintptr_t self = ms_thread_pointer();
    if (ms_producer_passes(self))
        return ask(domain, count, size, zeroed);
    if (MS_UNLIKELY(!at_spsc_ring(domain, self)))
        return alloc_away(domain, count, size, zeroed);
    ms_producer_go_inside(self);
    void *block = ask(domain, count, size, zeroed);
    uint64_t from_ns = kind == SAMPLED ? ms_timed_from() : 0;
    if (MS_LIKELY(block != NULL) && (kind != SAMPLED || ms_wanted(block, count * size, true))) {
        if (WITH_OBJECTS(kind))
            ms_objects_before_alloc();
        ms_note_alloc(domain, block, count * size);
    }
    if (kind == SAMPLED) {
        ms_timed_until_now(from_ns);
        ms_follow_budget();
    }
    ms_producer_go_inside(0);
    return block;
}

MS_INLINE void *
exact_alloc(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    return noted_alloc(domain, count, size, zeroed, EXACT);
}

MS_INLINE void *
of_objects_alloc(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    return noted_alloc(domain, count, size, zeroed, OF_OBJECTS);
}

MS_INLINE void *
noted_realloc(ms_domain domain, void *old, size_t size, hook_kind kind)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    uintptr_t self = ms_thread_pointer();
    if (ms_producer_passes(self))
        return before->realloc(before->ctx, old, size);
    if (MS_UNLIKELY(!at_spsc_ring(domain, self)))
        return realloc_away(domain, old, size);
    ms_producer_go_inside(self);
    /* A sampled recording may not know the old block; then this is a plain allocation. */
    bool known = old != NULL && (kind != SAMPLED || ms_was_kept(old));
    if (WITH_OBJECTS(kind))
        ms_objects_before_realloc();
    if (known)
        ms_note_plain(MS_REALLOC_FROM, domain, old);
    void *block = before->realloc(before->ctx, old, size);
    if (known && block == NULL && producer.sampling)
        (void)ms_producer_keep(old); /* it stays */
    if (WITH_OBJECTS(kind))
        ms_objects_before_alloc();
    if (known)
        ms_note_realloc_end(domain, block, size);
    else if (block != NULL && ms_wanted(block, size, true))
        ms_note_alloc(domain, block, size);
    if (kind == SAMPLED)
        ms_follow_budget();
    ms_producer_go_inside(0);
    return block;
}

MS_INLINE void
noted_free(ms_domain domain, void *block, hook_kind kind, uint64_t from_ns)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    uintptr_t self = ms_thread_pointer();
    if (ms_producer_passes(self) || block == NULL) {
        before->free(before->ctx, block);
        return;
    }
    /* A thread that has changed interpreters since allocates there before it frees. */
    if (MS_UNLIKELY(!ms_is_holder(self)) && !at_spsc_ring(domain, self)) {
        free_away(domain, block);
        return;
    }
    ms_producer_go_inside(self);
    uint32_t type = WITH_OBJECTS(kind) ? ms_objects_before_free(domain, block) : 0;
    ms_note_free(domain, block, type);
    if (kind == SAMPLED)
        ms_timed_until_now(from_ns);
    before->free(before->ctx, block);
    ms_producer_go_inside(0);
}

MS_INLINE void
exact_free(ms_domain domain, void *block)
{
    noted_free(domain, block, EXACT, 0);
}

MS_INLINE void
of_objects_free(ms_domain domain, void *block)
{
    noted_free(domain, block, OF_OBJECTS, 0);
}

/* ---- the same, sampled ----------------------------------------------------------------------- */

/* Most requests end at one subtraction, most frees at a look at one bit. What is left is out of line, so that
 * these few instructions need no stack frame of their own. */
static __attribute__((noinline)) void *
sampled_alloc_slow(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    return noted_alloc(domain, count, size, zeroed, SAMPLED);
}

static __attribute__((noinline)) void
sampled_free_slow(ms_domain domain, void *block)
{
    const PyMemAllocatorEx *before = &hooks.before[domain];
    uint64_t from_ns = ms_timed_from();
    if (block != NULL && ms_was_kept(block))
        noted_free(domain, block, SAMPLED, from_ns);
    else
        before->free(before->ctx, block);
}

/* Requests of up to 512 bytes are not passed on to another domain, so nobody needs to be told that we
 * are inside. */
MS_INLINE void *
sampled_alloc(ms_domain domain, size_t count, size_t size, bool zeroed)
{
    size_t bytes = count * size;
    if (MS_LIKELY(bytes <= MS_SMALL_MAX && ms_domain_is_pooled(domain) &&
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
    if (domain == MS_OBJ && MS_UNLIKELY(ms_objects_watch(block)))
        ms_objects_lose(block);
    if (MS_LIKELY(!ms_keptblocks_has(&ms_kept_blocks, (uintptr_t)block)))
        before->free(before->ctx, block);
    else
        sampled_free_slow(domain, block);
}

/* ---- one function for each call, domain and kind --------------------------------------------- */

#define WITHOUT_GIL(domain) ((domain) == MS_RAW && MS_UNLIKELY(!ms_gil_held()))

#define DEFINE_HOOKS(kind, KIND, name, domain)                                           \
    MS_HOT static void *kind##_##name##_malloc(void *context, size_t size)               \
    {                                                                                    \
        (void)context;                                                                   \
        if (WITHOUT_GIL(domain))                                                         \
            return alloc_away(domain, 1, size, false);                                   \
        return kind##_alloc(domain, 1, size, false);                                     \
    }                                                                                    \
    MS_HOT static void *kind##_##name##_calloc(void *context, size_t count, size_t size) \
    {                                                                                    \
        (void)context;                                                                   \
        if (WITHOUT_GIL(domain))                                                         \
            return alloc_away(domain, count, size, true);                                \
        return kind##_alloc(domain, count, size, true);                                  \
    }                                                                                    \
    MS_HOT static void *kind##_##name##_realloc(void *context, void *block, size_t size) \
    {                                                                                    \
        (void)context;                                                                   \
        if (WITHOUT_GIL(domain))                                                         \
            return realloc_away(domain, block, size);                                    \
        return noted_realloc(domain, block, size, KIND);                                 \
    }                                                                                    \
    MS_HOT static void kind##_##name##_free(void *context, void *block)                  \
    {                                                                                    \
        (void)context;                                                                   \
        if ((domain) == MS_RAW)                                                          \
            ms_producer_goes_away(block);                                                \
        if (WITHOUT_GIL(domain))                                                         \
            free_away(domain, block);                                                    \
        else                                                                             \
            kind##_free(domain, block);                                                  \
    }

#define TABLE_ENTRY(kind, name)          \
    {.malloc = kind##_##name##_malloc,   \
     .calloc = kind##_##name##_calloc,   \
     .realloc = kind##_##name##_realloc, \
     .free = kind##_##name##_free}

DEFINE_HOOKS(exact, EXACT, raw, MS_RAW)
DEFINE_HOOKS(exact, EXACT, mem, MS_MEM)
DEFINE_HOOKS(exact, EXACT, obj, MS_OBJ)
DEFINE_HOOKS(sampled, SAMPLED, raw, MS_RAW)
DEFINE_HOOKS(sampled, SAMPLED, mem, MS_MEM)
DEFINE_HOOKS(sampled, SAMPLED, obj, MS_OBJ)

DEFINE_HOOKS(of_objects, OF_OBJECTS, raw, MS_RAW)
DEFINE_HOOKS(of_objects, OF_OBJECTS, mem, MS_MEM)
DEFINE_HOOKS(of_objects, OF_OBJECTS, obj, MS_OBJ)

/* By kind and domain. */
static const PyMemAllocatorEx ours[KINDS][MS_PYTHON_DOMAINS] = {
    {TABLE_ENTRY(exact, raw), TABLE_ENTRY(exact, mem), TABLE_ENTRY(exact, obj)},
    {TABLE_ENTRY(sampled, raw), TABLE_ENTRY(sampled, mem), TABLE_ENTRY(sampled, obj)},
    {TABLE_ENTRY(of_objects, raw), TABLE_ENTRY(of_objects, mem), TABLE_ENTRY(of_objects, obj)},
};

static const PyMemAllocatorDomain domains[MS_PYTHON_DOMAINS] = {
    PYMEM_DOMAIN_RAW,
    PYMEM_DOMAIN_MEM,
    PYMEM_DOMAIN_OBJ,
};

/* ---- on and off ------------------------------------------------------------------------------ */

static bool
is_ours(int domain)
{
    PyMemAllocatorEx now;
    PyMem_GetAllocator(domains[domain], &now);
    return now.malloc == ours[hooks.kind][domain].malloc;
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
    for (int domain = 0; domain < MS_PYTHON_DOMAINS; domain++)
        all = all && is_ours(domain);
    return all;
}

static void
put_back(void)
{
    for (int domain = 0; domain < MS_PYTHON_DOMAINS; domain++)
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
install(hook_kind kind)
{
    if (hooks.installed && uninstall() && hooks.installed) /* somebody who came later still calls them */
        return hooks.kind == kind;
    for (int domain = 0; domain < MS_PYTHON_DOMAINS; domain++)
        PyMem_GetAllocator(domains[domain], &hooks.before[domain]);
    for (int domain = 0; domain < MS_PYTHON_DOMAINS; domain++) {
        PyMemAllocatorEx hook = ours[kind][domain];
        PyMem_SetAllocator(domains[domain], &hook);
    }
    hooks.installed = true;
    hooks.kind = kind;
    return true;
}

/* The parent's recording is not the child's: its segment is shared, its drain is not here. */
static void
in_forked_child(void)
{
    if (!ms_hooks_recording())
        return;
    ms_native_stop();
    ms_producer_abandon();
    ms_creations_abandon();
    ms_objects_stop();
    ms_arenas_let_go();
    if (on_top())
        put_back();
}

ms_status
ms_hooks_start(ms_segment *segment, ms_options options)
{
    static bool fork_handled;
    if (ms_hooks_recording())
        return MS_BUSY;
    if (!fork_handled && pthread_atfork(NULL, NULL, in_forked_child) != 0)
        return MS_NO_MEMORY;
    fork_handled = true;
    if (options.sample_bytes != 0 && !ms_keptblocks_open(&ms_kept_blocks)) /* the hooks ask it from the first free on */
        return MS_NO_MEMORY;
    /* First: once recording, threads without the GIL are at work. */
    if (!install(options.sample_bytes != 0 ? SAMPLED : options.objects ? OF_OBJECTS : EXACT))
        return MS_BUSY;
    ms_status status = options.objects ? ms_objects_start(segment) : MS_OK;
    if (status == MS_OK)
        status = ms_producer_start(segment, options.sample_bytes, options.budgeted);
    if (status == MS_OK) {
        ms_objects_look_for_wishes();
        ms_arenas_start();
        if (options.native)
            ms_native_start(segment, options.native_least_bytes);
    } else {
        ms_objects_stop();
        (void)uninstall();
    }
    return status;
}

void
ms_hooks_stop(void)
{
    if (!ms_hooks_recording())
        return;
    ms_objects_end();
    ms_native_stop();
    ms_arenas_stop();
    ms_producer_stop(uninstall());
    ms_objects_stop();
}

bool
ms_hooks_pause(void)
{
    ms_objects_pause();
    ms_producer_pause();
    ms_arenas_forget();
    return on_top() || is_reached();
}

bool
ms_hooks_resume(void)
{
    ms_objects_resume();
    return (on_top() || is_reached()) && ms_producer_resume();
}

bool
ms_hooks_recording(void)
{
    return producer.segment != NULL;
}

/* pymalloc says nothing while the OBJ domain's malloc is another's. No thread with our GIL can meet the domain without
 * our hook; one with its own GIL could, and would be missed. */
bool
ms_hooks_print_pymalloc(FILE *stream)
{
    if (!hooks.installed)
        return ms_pymalloc_print(stream);
    if (ms_others_allocate())
        return false;
    PyMemAllocatorEx now, bare;
    PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &now);
    bare = now;
    bare.malloc = hooks.before[MS_OBJ].malloc;
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &bare);
    bool printed = ms_pymalloc_print(stream);
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &now);
    return printed;
}
