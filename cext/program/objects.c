#include "program/objects.h"

#include "program/answers.h"
#include "program/creations.h"
#include "program/snapshots.h"

ms_objects_state ms_objects_now;

MS_INLINE bool
is_recorded(uintptr_t block)
{
    return !producer.sampling || ms_keptblocks_has(&ms_kept_blocks, block);
}

/* ---- blocks that are used again and again ----------------------------------------------------- */

/* No event may name such a block before. */
MS_COLD void
ms_objects_tell_again(void)
{
    ms_objects_now.attention &= ~MS_ATTENTION_AGAIN;
    ms_sync_rings();
    for (uint32_t place = 0; place < MS_DEAD_PLACES; place++) {
        ms_dead *dead = &ms_objects_now.dead[place];
        if (dead->again != 0)
            ms_push(ms_event_make(MS_AGAIN, MS_OBJ, dead->block, dead->again, producer.thread_id));
        dead->again = 0;
    }
}

MS_INLINE void
tell_again_first(void)
{
    if (MS_UNLIKELY((ms_objects_now.attention & MS_ATTENTION_AGAIN) != 0))
        ms_objects_tell_again();
}

/* ---- deaths that are not told yet ------------------------------------------------------------ */

static void
tell_parked(ms_dead dead)
{
    tell_again_first();
    ms_sync_rings();
    ms_push(ms_event_make(MS_PARKED, dead.domain, dead.block, dead.type, producer.thread_id));
}

static void
tell_all_parked(void)
{
    uint32_t places = (uint32_t)ms_objects_now.attention;
    ms_objects_now.attention &= ~(uint64_t)UINT32_MAX;
    for (; places != 0; places &= places - 1)
        tell_parked(ms_objects_now.dead[__builtin_ctz(places)]);
}

/* What was counted for another block in the place is told before. */
MS_INLINE void
put_dead(uint32_t place, uintptr_t block, uint32_t type, ms_domain domain)
{
    ms_dead *dead = &ms_objects_now.dead[place];
    if (dead->block != block || dead->type != type) {
        if (MS_UNLIKELY(dead->again != 0))
            ms_objects_tell_again();
        *dead = (ms_dead){.block = block, .type = type, .domain = domain};
    }
    ms_objects_now.attention |= UINT64_C(1) << place;
}

/* One that is in the place already is told to make room. */
static void
add_dead(uintptr_t block, uint32_t type, ms_domain domain)
{
    if (!is_recorded(block))
        return;
    uint32_t place = ms_objects_place(block);
    if ((ms_objects_now.attention >> place & 1) != 0)
        tell_parked(ms_objects_now.dead[place]);
    put_dead(place, block, type, domain);
}

/* ---- tables of keys -------------------------------------------------------------------------- */

static void
watch(PyObject *dict, uint32_t stack)
{
    ms_objects_now.watched = dict;
    ms_objects_now.watched_block = (uintptr_t)dict - ms_object_header(&PyDict_Type);
    ms_objects_now.watched_stack = stack;
    ms_objects_now.patience = MS_KEYS_PATIENCE;
    ms_objects_now.attention |= MS_ATTENTION_WATCHED;
}

static void
watch_no_more(void)
{
    ms_objects_now.watched = NULL;
    ms_objects_now.watched_block = 0;
    ms_objects_now.attention &= ~MS_ATTENTION_WATCHED;
}

static uint32_t
keys_type(void)
{
    if (MS_UNLIKELY(ms_objects_now.keys_type == 0))
        ms_objects_now.keys_type = ms_types_part(&ms_objects_now.types, &PyDict_Type, MS_TYPE_KEYS);
    return ms_objects_now.keys_type;
}

/* The last event of a block, if it is among the last so many; NULL: it is not. */
MS_INLINE const ms_event *
last_of(uintptr_t block, uint64_t most, uint64_t *position)
{
    for (uint64_t back = 1; back <= most; back++) {
        *position = producer.spsc.head - back;
        const ms_event *event = ms_spscring_written(&producer.spsc, *position);
        if (MS_UNLIKELY(ms_event_address(event) == block))
            return event;
    }
    return NULL;
}

/* Whether a block was allocated of late, by that stack. */
static bool
was_asked_for_by(uintptr_t block, uint32_t stack)
{
    uint64_t position;
    const ms_event *event = last_of(block, MS_KEYS_PATIENCE + MS_MATCHED, &position);
    return event != NULL && ms_event_kind(event) == MS_ALLOC && event->stack == stack;
}

static void
look_at_watched(void)
{
    if (Py_REFCNT(ms_objects_now.watched) <= 0) { /* on a free list: not each version tells of its death */
        watch_no_more();
        return;
    }
    const struct _dictkeysobject *table = ms_dict_keys(ms_objects_now.watched);
    uintptr_t keys = (uintptr_t)table;
    if (table == NULL) {
        if (--ms_objects_now.patience == 0)
            watch_no_more();
        return;
    }
    uint32_t stack = ms_objects_now.watched_stack;
    watch_no_more();
    if (was_asked_for_by(keys, stack) || !is_recorded(keys))
        return;
    (void)ms_objects_take_dead(keys);
    tell_again_first();
    ms_sync_rings();
    ms_push(ms_event_make(MS_OWNED, MS_KEYS_DOMAIN, keys, ms_reuse_make(ms_keys_bytes(table), keys_type()), stack));
}

/* Where the tracer is told that it is replaced, this follows at the next event. */
static void
look_at_tracer(void)
{
    if (MS_TRACER_IS_TOLD && ms_tracers_are_replaced())
        ms_objects_return_to_top();
}

void
ms_objects_settle(void)
{
    ms_objects_now.attention &= ~MS_ATTENTION_REPLACED;
    tell_again_first();
    look_at_tracer();
    if (ms_objects_now.watched != NULL)
        look_at_watched();
    tell_all_parked();
}

void
ms_objects_settle_dead(void)
{
    tell_again_first();
    tell_all_parked();
}

MS_COLD void
ms_objects_lose(const void *block)
{
    tell_again_first();
    if (ms_objects_watch(block))
        watch_no_more();
}

/* ---- creations and deaths -------------------------------------------------------------------- */

MS_INLINE bool
is_matched(uint64_t position)
{
    return ms_objects_now.matched[position & (MS_MATCHED - 1)] == position;
}

MS_INLINE void
match(uint64_t position)
{
    ms_objects_now.matched[position & (MS_MATCHED - 1)] = position;
}

/* The allocation of a block for which no object was made yet, if it is among the last few events; else NULL. */
MS_INLINE const ms_event *
find_fresh(uintptr_t block)
{
    uint64_t position;
    const ms_event *event = last_of(block, MS_MATCHED, &position);
    if (event == NULL)
        return NULL;
    ms_kind kind = ms_event_kind(event);
    bool fresh = (kind == MS_ALLOC || kind == MS_REALLOC_TO) && !is_matched(position);
    match(position);
    return fresh ? event : NULL;
}

/* Whether the last event is the allocation of the block, and no object was made in it yet. */
MS_INLINE bool
is_fresh(uintptr_t block)
{
    uint64_t position = producer.spsc.head - 1;
    const ms_event *event = ms_spscring_written(&producer.spsc, position);
    if (event->word != ms_event_make(MS_ALLOC, MS_OBJ, block, 0, 0).word || is_matched(position))
        return false;
    match(position);
    return true;
}

MS_INLINE uint32_t
stack_now(void)
{
    return ms_walk(&producer.walker, producer.thread, ms_holder_tstate());
}

/* Nobody is dead in the block any more. */
MS_INLINE void
push_reuse(PyObject *op, const ms_known_type *known, uint32_t stack)
{
    uint32_t reuse = ms_reuse_make(ms_object_bytes(op, known->header), known->id);
    ms_sync_rings();
    ms_push(ms_event_make(MS_REUSE, MS_OBJ, (uintptr_t)op - known->header, reuse, stack));
}

static uint32_t
tell_reuse(PyObject *op, const ms_known_type *known)
{
    if (MS_UNLIKELY((known->traits & MS_TRAIT_PARKS) == 0))
        ms_types_add_trait(&ms_objects_now.types, Py_TYPE(op), MS_TRAIT_PARKS);
    tell_again_first();
    uint32_t stack = stack_now();
    push_reuse(op, known, stack);
    return stack;
}

/* Told as reused, and nothing is told since but of other such blocks. */
static void
begin_calm(ms_dead *dead, uint32_t type, uint32_t stack, uint64_t head)
{
    if (ms_objects_now.calm_head != head)
        ms_objects_now.calm++;
    ms_objects_now.calm_head = producer.spsc.head;
    dead->type = type;
    dead->stack = stack;
    dead->calm = ms_objects_now.calm;
}

/* An object is made where one has died since the last allocation: what was asked for last need not be looked at. A
 * loop over floats makes them all in two or three blocks: what it makes is counted here and told at its end. */
static __attribute__((noinline)) int
take_rebirth(PyObject *op, const ms_known_type *known)
{
    ms_dead *dead = &ms_objects_now.dead[ms_objects_place((uintptr_t)op - known->header)];
    uint32_t stack = stack_now();
    uint64_t head = producer.spsc.head;
    if (dead->stack == stack && dead->type == known->id && dead->calm == ms_objects_now.calm &&
        head == ms_objects_now.calm_head) {
        ms_objects_now.attention |= MS_ATTENTION_AGAIN;
        if (MS_UNLIKELY(++dead->again == MS_AGAIN_MOST))
            ms_objects_tell_again();
        return 0;
    }
    if (MS_UNLIKELY(dead->again != 0))
        ms_objects_tell_again();
    push_reuse(op, known, stack);
    begin_calm(dead, known->id, stack, head);
    return 0;
}

/* Returns the stack. */
MS_INLINE uint32_t
tell_creation(PyObject *op, const ms_known_type *known)
{
    uintptr_t block = (uintptr_t)op - known->header;
    const ms_event *fresh = ms_objects_take_dead(block) != 0 ? NULL : find_fresh(block);
    return fresh != NULL ? fresh->stack : tell_reuse(op, known);
}

/* Whoever calls is at the SPSC ring, and outside of the allocators. Of a dictionary whose block is not sampled, the
 * table of keys may be. */
static __attribute__((noinline)) int
take_creation(PyObject *op, const ms_known_type *known)
{
    uintptr_t block = (uintptr_t)op - known->header;
    bool recorded = MS_LIKELY(!producer.sampling) || is_recorded(block);
    if (!recorded && (known->traits & MS_TRAIT_DICT) == 0)
        return 0;
    if (MS_UNLIKELY(ms_objects_now.watched != NULL)) {
        if (ms_objects_now.watched == op)
            watch_no_more();
        else
            look_at_watched();
    }
    uint32_t stack = recorded ? tell_creation(op, known) : stack_now();
    if (MS_UNLIKELY((known->traits & MS_TRAIT_DICT) != 0))
        watch(op, stack);
    return 0;
}

MS_INLINE void
destroyed(PyObject *op)
{
    const ms_known_type *known = ms_types_known(&ms_objects_now.types, Py_TYPE(op));
    if (MS_LIKELY((known->traits & MS_TRAIT_PARKS) == 0))
        return;
    add_dead((uintptr_t)op - known->header, known->id, MS_OBJ);
    if (MS_LIKELY((known->traits & MS_TRAIT_DICT) == 0))
        return;
    if (ms_objects_now.watched == op)
        watch_no_more(); /* its table dies with it */
    const struct _dictkeysobject *keys = ms_dict_keys(op);
    if (keys != NULL && ms_keys_may_park(keys))
        add_dead((uintptr_t)keys, keys_type(), MS_KEYS_DOMAIN);
}

/* ---- being told ------------------------------------------------------------------------------ */

static __attribute__((noinline)) int
take_event(PyObject *op, PyRefTracerEvent event)
{
    uintptr_t self = ms_thread_pointer();
    if (MS_UNLIKELY(op == NULL)) {
        /* another one takes our place as soon as this returns */
        ms_objects_now.attention |= MS_ATTENTION_REPLACED;
    } else if (ms_objects_now.on && /* else a tool that lies on top still calls us, in a recording without objects */
               !ms_producer_passes(self) && ms_holder_at_spsc_ring(self) &&
               (MS_LIKELY(!tracers.chained) || !ms_tracers_within())) {
        ms_objects_now.quick = !tracers.chained && !producer.sampling;
        if (event == PyRefTracer_CREATE)
            (void)take_creation(op, ms_types_known(&ms_objects_now.types, Py_TYPE(op)));
        else
            destroyed(op);
    }
    return MS_LIKELY(!tracers.chained) ? 0 : ms_tracers_pass_on(op, event);
}

/* Whether a sampled recording has nothing to tell of an object: its block is not in the sample, nor can its table of
 * keys be. That is so of nearly all. */
MS_INLINE bool
is_passed_over(PyObject *op, PyRefTracerEvent event)
{
    if (!producer.sampling || tracers.chained || op == NULL)
        return false;
    const ms_known_type *known = ms_types_look(&ms_objects_now.types, Py_TYPE(op));
    if (MS_UNLIKELY(known->key != (uintptr_t)Py_TYPE(op)))
        return false;
    if (event == PyRefTracer_DESTROY && (known->traits & MS_TRAIT_PARKS) == 0)
        return true;
    return (known->traits & MS_TRAIT_DICT) == 0 && !is_recorded((uintptr_t)op - known->header);
}

/* By any thread that holds a GIL. What is done here, and what it leaves to take_event, is for speed alone: this calls
 * nothing, and so needs no stack frame, for what nearly all objects do. Within an allocator no harm is done: what is
 * asked for there is not told, so nothing is fresh, and a block that is not known may be parked. */
MS_HOT static int
on_event(PyObject *op, PyRefTracerEvent event, void *data)
{
    (void)data;
    if (MS_UNLIKELY(!ms_objects_now.quick || op == NULL))
        return is_passed_over(op, event) ? 0 : take_event(op, event);
    const ms_known_type *known = ms_types_look(&ms_objects_now.types, Py_TYPE(op));
    if (MS_UNLIKELY(known->key != (uintptr_t)Py_TYPE(op)))
        return take_event(op, event);
    uint16_t traits = known->traits;
    if (event == PyRefTracer_DESTROY && (traits & MS_TRAIT_PARKS) == 0)
        return 0;
    const PyThreadState *tstate = ms_tstate_if_holder(ms_thread_pointer());
    if (MS_UNLIKELY(tstate == NULL || !ms_tstate_is_current(tstate)))
        return take_event(op, event);
    uint64_t attention = ms_objects_now.attention;
    uintptr_t block = (uintptr_t)op - known->header;
    bool simple = (traits & MS_TRAIT_DICT) == 0 && (attention & MS_ATTENTION_WATCHED) == 0;
    if (event == PyRefTracer_CREATE) {
        if (MS_UNLIKELY(!simple))
            return take_creation(op, known);
        if (MS_LIKELY(is_fresh(block)))
            return 0;
        return ms_objects_take_dead(block) != 0 ? take_rebirth(op, known) : take_creation(op, known);
    }
    if (MS_UNLIKELY(!simple))
        return take_event(op, event);
    uint32_t place = ms_objects_place(block);
    if (MS_UNLIKELY((attention >> place & 1) != 0))
        return take_event(op, event);
    put_dead(place, block, known->id, MS_OBJ);
    return 0;
}

MS_COLD void
ms_objects_return_to_top(void)
{
    if (!MS_HAVE_TRACER || !ms_objects_now.on)
        return;
    atomic_fetch_add_explicit(&producer.segment->header->tracer_replaced, 1, memory_order_relaxed);
    ms_tracers_put_on_top(on_event);
    ms_objects_now.quick = false;
}

/* Where there is no tracer. By any thread that holds a GIL. */
MS_HOT static void
on_created(PyObject *op)
{
    uintptr_t self = ms_thread_pointer();
    if (ms_objects_now.on && !ms_producer_passes(self) && ms_holder_at_spsc_ring(self))
        (void)take_creation(op, ms_types_known(&ms_objects_now.types, Py_TYPE(op)));
}

/* Among the last few events: another tool's hooks on top of ours ask for memory of their own. */
static bool
was_just_allocated(const void *block)
{
    static uint64_t asked[MS_MATCHED];     /* positions and one: 0 is none */
    if (!atomic_load(&producer.recording)) /* creations are tried before there is a ring */
        return false;
    for (uint64_t back = 1; back <= MS_MATCHED; back++) {
        uint64_t position = producer.spsc.head - back;
        const ms_event *event = ms_spscring_written(&producer.spsc, position);
        ms_kind kind = ms_event_kind(event);
        if (ms_event_address(event) != (uintptr_t)block || (kind != MS_ALLOC && kind != MS_REALLOC_TO))
            continue;
        bool first = asked[position & (MS_MATCHED - 1)] != position + 1;
        asked[position & (MS_MATCHED - 1)] = position + 1;
        return first;
    }
    return false;
}

/* ---- free lists ------------------------------------------------------------------------------ */

static void
tell_free(void *op, PyTypeObject *type, void *context)
{
    (void)context;
    ms_dead dead = {.block = (uintptr_t)op, .domain = MS_KEYS_DOMAIN};
    if (type != NULL) {
        const ms_known_type *known = ms_types_known(&ms_objects_now.types, type);
        dead = (ms_dead){.block = (uintptr_t)op - known->header, .type = known->id, .domain = MS_OBJ};
    }
    if (is_recorded(dead.block))
        tell_parked(dead);
}

/* What is counted now is nobody's if it lies on a free list, also where deaths are not told. False: nobody is to be
 * told. */
static bool
tell_all_free(void)
{
    ms_objects_now.quick = false;
    if (!ms_objects_now.on || !atomic_load(&producer.recording) || !ms_at_spsc_ring(ms_thread_pointer()))
        return false;
    ms_objects_settle();
    ms_walk_free_lists(producer.interp, tell_free, NULL);
    return true;
}

void
ms_objects_end(void)
{
    if (!tell_all_free())
        return;
    (void)ms_snapshots_take(&ms_objects_now.types, MS_MOMENT_END, producer.segment->header);
    ms_answers_give(producer.segment, &ms_objects_now.types);
}

const char *
ms_objects_snapshot(ms_snapshot_moment moment)
{
    if (!ms_objects_now.on || !atomic_load(&producer.recording))
        return "objects are not recorded";
    if (!ms_at_spsc_ring(ms_thread_pointer()))
        return "it was asked for by another interpreter";
    ms_objects_settle();
    return ms_snapshots_take(&ms_objects_now.types, moment, producer.segment->header);
}

/* Run by the interpreter between two instructions of the main thread, as signal handlers are. */
static int
fulfil_wish(void *unused)
{
    (void)unused;
    if (ms_snapshots_fulfil_wish())
        (void)ms_objects_snapshot(MS_MOMENT_PEAK);
    return 0;
}

static int
answer_about_values(void *unused)
{
    (void)unused;
    if (!ms_objects_now.on || !atomic_load(&producer.recording) || !ms_at_spsc_ring(ms_thread_pointer()) ||
        !ms_inquiry_change_wish(producer.segment->inquiry, MS_VALUES_HEARD, MS_VALUES_NONE))
        return 0;
    ms_objects_settle();
    ms_answers_give_values(producer.segment, &ms_objects_now.types);
    return 0;
}

static void
look_for_wish_of_values(void)
{
    ms_inquiry *table = producer.segment->inquiry;
    if (atomic_load_explicit(&table->wish, memory_order_relaxed) == MS_VALUES_WISHED &&
        ms_inquiry_change_wish(table, MS_VALUES_WISHED, MS_VALUES_HEARD) &&
        Py_AddPendingCall(answer_about_values, NULL) != 0)
        (void)ms_inquiry_change_wish(table, MS_VALUES_HEARD, MS_VALUES_NONE);
}

/* In the midst of an allocation, which is no safe moment. */
static MS_COLD void
look_for_wish(void)
{
    look_for_wish_of_values();
    if (ms_snapshots_hear_wish() && Py_AddPendingCall(fulfil_wish, NULL) != 0)
        (void)ms_snapshots_fulfil_wish(); /* too many are waiting */
}

void
ms_objects_look_for_wishes(void)
{
    if (ms_objects_now.on && ms_snapshots_are_on())
        ms_producer_each_round(look_for_wish);
}

/* ---- on and off ------------------------------------------------------------------------------ */

static void
begin(void)
{
    ms_objects_now.quick = false;
    watch_no_more();
    ms_objects_now.attention = 0;
    ms_objects_now.calm++; /* what was in a place is of before */
    memset(ms_objects_now.dead, 0, sizeof ms_objects_now.dead);
}

ms_status
ms_objects_start(ms_segment *segment)
{
    ms_status status = ms_types_open(&ms_objects_now.types, segment);
    if (status != MS_OK)
        return status;
    bool made = MS_HAVE_TRACER || ms_creations_start(on_created, was_just_allocated);
    atomic_store(&segment->header->objects, made ? MS_OBJECTS_MADE : MS_OBJECTS_TYPES);
    atomic_store(&segment->header->keys_domain, MS_KEYS_DOMAIN);
    begin();
    ms_objects_now.keys_type = 0;
    for (uint64_t i = 0; i < MS_MATCHED; i++)
        ms_objects_now.matched[i] = UINT64_MAX;
    ms_objects_now.on = true;
    ms_tracers_put_on_top(on_event);
    return MS_OK;
}

void
ms_objects_stop(void)
{
    ms_snapshots_close();
    if (!ms_objects_now.on)
        return;
    ms_objects_now.on = false;
    begin();
    ms_tracers_take_out();
    ms_creations_stop();
    ms_types_close(&ms_objects_now.types);
}

void
ms_objects_pause(void)
{
    (void)tell_all_free();
}

void
ms_objects_resume(void)
{
    if (!ms_objects_now.on)
        return;
    begin();
    for (uint64_t back = 1; back <= MS_MATCHED; back++) /* of before the pause */
        match(producer.spsc.head - back);
}
