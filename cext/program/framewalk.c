#include "program/framewalk.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "program/anchor.h"
#include "shared/memory.h"

/* Frames that a walk confirms one by one before it begins to leave anchors, at every eighth. */
#define ANCHOR_AFTER 8u
#define FRAMES_FIRST 256u
#define STACKS_FIRST 4096u
#define NOGIL_STACKS_FIRST 128u

/* ---- threads --------------------------------------------------------------------------------- */

/* Enters the thread into the segment's table; after MS_THREADS_MAX all share the last entry. */
static uint32_t
register_thread(ms_segment *segment, bool is_main)
{
    ms_segment_header *header = segment->header;
    uint32_t id = atomic_fetch_add_explicit(&header->threads_claimed, 1, memory_order_relaxed) + 1;
    if (id > MS_THREADS_MAX)
        return MS_THREADS_MAX;
    ms_thread_entry *entry = &header->threads[id];
    entry->native_id = (uint32_t)syscall(SYS_gettid);
    entry->flags = is_main ? 1 : id == MS_THREADS_MAX ? 2 : 0;
    /* A thread that nobody named has its process's name: its number says more. */
    if (is_main)
        snprintf(entry->name, sizeof entry->name, "main");
    else if (id == MS_THREADS_MAX)
        snprintf(entry->name, sizeof entry->name, "later threads");
    else
        snprintf(entry->name, sizeof entry->name, "thread %u", id);
    uint32_t expected = id - 1;
    /* In order, so that the drain may read all up to the count. */
    while (!atomic_compare_exchange_weak_explicit(&header->thread_count, &expected, id, memory_order_release,
                                                  memory_order_relaxed))
        expected = id - 1;
    return id;
}

/* Threads that share an entry share its root: or each would bring all its stacks anew. */
static uint32_t
root_of(ms_segment *segment, uint32_t thread_id)
{
    if (thread_id < MS_THREADS_MAX)
        return ms_stack_add_root(segment, thread_id);
    _Atomic uint32_t *shared = &segment->header->late_root;
    uint32_t root = atomic_load(shared);
    if (root == 0) {
        uint32_t made = ms_stack_add_root(segment, thread_id);
        if (atomic_compare_exchange_strong(shared, &root, made))
            root = made;
    }
    return root;
}

ms_status
ms_thread_open(ms_thread *thread, ms_segment *segment, uint64_t session, bool is_main)
{
    ms_stackindex_close(&thread->nogil_index);
    if (thread->frames == NULL) {
        thread->frames = ms_memory_get(FRAMES_FIRST * sizeof *thread->frames);
        thread->fresh = ms_memory_get(FRAMES_FIRST * sizeof *thread->fresh);
        thread->places = ms_memory_get(MS_PLACES * sizeof *thread->places);
        thread->capacity = FRAMES_FIRST;
        if (thread->frames == NULL || thread->fresh == NULL || thread->places == NULL) {
            ms_thread_close(thread);
            return MS_NO_MEMORY;
        }
    }
    if (thread->nogil_codes != NULL)
        memset(thread->nogil_codes, 0, MS_NOGIL_CODES * sizeof *thread->nogil_codes);
    thread->depth = 0;
    thread->own_root = 0;
    thread->nogil_frame = NULL;
    memset(thread->leaves, 0, sizeof thread->leaves);
    thread->begin = 0;
    thread->session = session;
    thread->thread_id = register_thread(segment, is_main);
    thread->root = root_of(segment, thread->thread_id);
    return MS_OK;
}

void
ms_thread_close(ms_thread *thread)
{
    ms_stackindex_close(&thread->nogil_index);
    ms_memory_give(thread->nogil_codes);
    ms_memory_give(thread->nogil_names);
    ms_memory_give(thread->frames);
    ms_memory_give(thread->fresh);
    ms_memory_give(thread->places);
    thread->nogil_codes = NULL;
    thread->nogil_names = NULL;
    thread->frames = NULL;
    thread->fresh = NULL;
    thread->places = NULL;
    thread->session = 0;
}

static bool
grow_thread(ms_thread *thread)
{
    uint32_t capacity = thread->capacity * 2;
    ms_walked *frames = ms_memory_grow(thread->frames, thread->capacity * sizeof *frames, capacity * sizeof *frames);
    if (frames == NULL)
        return false;
    thread->frames = frames;
    ms_frame **fresh = ms_memory_grow(thread->fresh, thread->capacity * sizeof *fresh, capacity * sizeof *fresh);
    if (fresh == NULL)
        return false;
    thread->fresh = fresh;
    thread->capacity = capacity;
    return true;
}

void
ms_thread_compiles(ms_walker *walker, ms_thread *thread, const char *filename)
{
    size_t length = strlen(filename);
    if (length > MS_NAME_CHARACTERS)
        return;
    bool is_compiled = length > 4 && strcmp(filename + length - 4, ".pyc") == 0;
    const char *work = is_compiled ? "<unmarshal>" : "<compile>";
    const ms_code_text text = {
        .filename = filename,
        .filename_bytes = (uint32_t)length,
        .function = work,
        .function_bytes = (uint32_t)strlen(work),
        .lines = "",
    };
    uint32_t code = ms_code_register(&walker->codes.texts, &text);
    if (code == 0)
        return;
    uint32_t node = ms_stack_intern(&walker->stacks, thread->root, code, 0);
    if (node == thread->root)
        return;
    thread->own_root = thread->root;
    thread->root = node;
    thread->depth = 0;
}

void
ms_thread_compiled(ms_thread *thread)
{
    if (thread->own_root == 0)
        return;
    thread->root = thread->own_root;
    thread->own_root = 0;
    thread->depth = 0;
}

/* What the frame at the bottom of a thread's stack stands on. Codecs and warnings run frames while source is being
 * compiled, but not a module at the bottom: that one is the program. */
MS_INLINE uint32_t
ground(ms_thread *thread, ms_frame *bottom)
{
    if (MS_UNLIKELY(thread->own_root != 0) && ms_code_is_module(ms_frame_code(bottom))) {
        thread->root = thread->own_root;
        thread->own_root = 0;
    }
    return thread->root;
}

/* ---- the walker ------------------------------------------------------------------------------ */

static void
note_private_bytes(ms_walker *walker)
{
    uint64_t bytes =
        ms_stackindex_bytes(&walker->stacks) + ms_codemap_bytes(&walker->codes) + MS_PLACES * sizeof(uint32_t);
    atomic_store_explicit(&walker->segment->header->private_bytes, bytes, memory_order_relaxed);
}

ms_status
ms_walker_open(ms_walker *walker, ms_segment *segment)
{
    static uint64_t sessions;
    memset(walker, 0, sizeof *walker);
    walker->segment = segment;
    walker->session = ++sessions;
    ms_status status = ms_stackindex_open(&walker->stacks, segment, STACKS_FIRST, true);
    if (status == MS_OK)
        status = ms_codemap_open(&walker->codes, segment);
    if (status != MS_OK) {
        ms_walker_close(walker);
        return status;
    }
    ms_anchor_prepare();
    note_private_bytes(walker);
    return MS_OK;
}

void
ms_walker_close(ms_walker *walker)
{
    if (walker->segment != NULL)
        note_private_bytes(walker);
    ms_stackindex_close(&walker->stacks);
    ms_codemap_close(&walker->codes);
    memset(walker, 0, sizeof *walker);
}

/* ---- with the GIL ---------------------------------------------------------------------------- */

MS_INLINE ms_frame *
visible(ms_frame *frame)
{
    while (frame != NULL && MS_UNLIKELY(ms_frame_hidden(frame)))
        frame = ms_frame_previous(frame);
    return frame;
}

MS_INLINE uint32_t
place_of(const ms_frame *frame)
{
    uintptr_t address = (uintptr_t)frame >> 3;
    return (uint32_t)(address ^ address >> 12) & (MS_PLACES - 1);
}

/* Interns what an entry's frame, instruction, code and parent say. */
MS_INLINE uint32_t
intern_walked(ms_walker *walker, ms_walked *walked)
{
    if (MS_UNLIKELY(walked->code == 0)) {
        atomic_fetch_add_explicit(&walker->segment->header->lost_stacks, 1, memory_order_relaxed);
        return walked->parent;
    }
    uint32_t position = ms_code_position(walked->instruction, walked->start);
    return ms_stack_intern(&walker->stacks, walked->parent, walked->code, position);
}

/* Fills an entry anew; `frame` and `parent` are set. */
MS_INLINE void
remember(ms_walker *walker, ms_walked *walked)
{
    PyCodeObject *code = ms_frame_code(walked->frame);
    walked->instruction = ms_frame_instruction(walked->frame);
    walked->start = ms_code_start(code);
    walked->code = ms_codemap_id(&walker->codes, code);
    walked->id = intern_walked(walker, walked);
    ms_frame_trust(walked->frame);
}

/* Checks the remembered chain from an index down, and brings ids up to date where a frame has moved on.
 * False: other frames are below now. */
static bool
confirm(ms_walker *walker, ms_thread *thread, uint32_t from, bool believe)
{
    ms_walked *frames = thread->frames;
    uint32_t moved = from + 1; /* lowest index whose instruction is another */
    for (uint32_t i = from;; i--) {
        ms_frame *frame = frames[i].frame;
        const void *instruction = ms_frame_instruction(frame);
        if (instruction != frames[i].instruction) {
            if (ms_frame_hidden(frame))
                return false;
            moved = i;
        }
        if (believe && (ms_frame_trusted(frame) || ms_frame_anchored(frame)))
            break;
        if (MS_HAVE_ANCHORS && from - i >= ANCHOR_AFTER && i % ANCHOR_AFTER == 0 && walker->anchoring)
            ms_anchor_frame(frame);
        ms_frame *below = i == 0 ? NULL : frames[i - 1].frame;
        ms_frame *previous = ms_frame_previous(frame);
        /* Comparing with what we expect first spares a load that depends on the last one: 1 ns a frame, not 2. */
        if (previous != below && visible(previous) != below)
            return false;
        if (i == 0)
            break;
    }
    for (uint32_t i = moved; i <= from; i++) {
        frames[i].parent = i == 0 ? ground(thread, frames[i].frame) : frames[i - 1].id;
        remember(walker, &frames[i]);
    }
    ms_frame_trust(frames[from].frame);
    return true;
}

MS_HOT uint32_t
ms_walk_on(ms_walker *walker, ms_thread *thread)
{
    ms_walked *last = &thread->frames[thread->depth - 1];
    last->instruction = ms_frame_instruction(last->frame);
    last->id = intern_walked(walker, last);
    return last->id;
}

MS_HOT uint32_t
ms_walk_down(ms_walker *walker, ms_thread *thread, PyThreadState *tstate)
{
    if (MS_UNLIKELY(thread->epoch != walker->codes.deaths)) {
        thread->epoch = walker->codes.deaths;
        thread->depth = 0;
    }
    bool believe = !ms_tracing(tstate);
    uint32_t fresh = 0, kept = 0;
    for (ms_frame *frame = visible(ms_frame_top(tstate)); frame != NULL; frame = visible(ms_frame_previous(frame))) {
        uint32_t index = thread->places[place_of(frame)];
        if (index < thread->depth && thread->frames[index].frame == frame) {
            if (MS_HAVE_ANCHORS && fresh == 0)
                ms_anchor_lift(frame);
            if (MS_LIKELY(confirm(walker, thread, index, believe))) {
                kept = index + 1;
                break;
            }
            thread->depth = 0;
        }
        if (MS_UNLIKELY(fresh == thread->capacity) && !grow_thread(thread)) {
            atomic_fetch_add_explicit(&walker->segment->header->lost_stacks, 1, memory_order_relaxed);
            thread->depth = 0;
            return thread->root;
        }
        thread->fresh[fresh++] = frame;
    }
    thread->depth = kept;
    uint32_t parent = kept != 0    ? thread->frames[kept - 1].id
                      : fresh != 0 ? ground(thread, thread->fresh[fresh - 1])
                                   : thread->root;
    while (kept + fresh > thread->capacity) {
        if (grow_thread(thread))
            continue;
        atomic_fetch_add_explicit(&walker->segment->header->lost_stacks, 1, memory_order_relaxed);
        return parent;
    }
    while (fresh > 0) {
        ms_walked *walked = &thread->frames[thread->depth];
        walked->frame = thread->fresh[--fresh];
        walked->parent = parent;
        remember(walker, walked);
        thread->places[place_of(walked->frame)] = thread->depth++;
        parent = walked->id;
    }
    return parent;
}

#ifdef MS_CHECK_WALKS
/* Builds with MEMSCOPE_CHECK_WALKS=1 hold every answer against a walk of the whole stack. */
uint32_t
ms_walk_checked(ms_walker *walker, ms_thread *thread, PyThreadState *tstate, uint32_t claimed)
{
    static ms_frame *frames[1 << 16];
    static unsigned long checks, wrong;
    uint32_t count = 0;
    for (ms_frame *frame = visible(ms_frame_top(tstate)); frame != NULL && count < 1 << 16;
         frame = visible(ms_frame_previous(frame)))
        frames[count++] = frame;
    uint32_t id = thread->root;
    while (count > 0) {
        ms_walked walked = {.frame = frames[--count], .parent = id};
        remember(walker, &walked);
        id = walked.id;
    }
    checks++;
    wrong += id != claimed;
    if (id != claimed || checks % 1000000 == 0)
        fprintf(stderr, "memscope: %lu walks checked, %lu wrong\n", checks, wrong);
    return claimed;
}
#endif

/* ---- without the GIL ------------------------------------------------------------------------- */

/* A code's id as a thread without the GIL may find it: the map of codes is not its to read, nor can it hear of
 * deaths, so an entry is believed only if the text is still the same. */
static uint32_t
nogil_code_id(ms_walker *walker, ms_thread *thread, PyCodeObject *code)
{
    ms_nogil_code *known = &thread->nogil_codes[((uintptr_t)code >> 4) % MS_NOGIL_CODES];
    ms_code_text text = ms_code_describe(code, thread->nogil_names);
    if (known->code != code || !ms_code_equal(walker->segment, known->id, &text)) {
        uint32_t id = ms_code_append(walker->segment, &text);
        if (id == 0)
            return 0;
        *known = (ms_nogil_code){.code = code, .id = id};
    }
    return known->id;
}

static bool
open_nogil(ms_walker *walker, ms_thread *thread)
{
    if (thread->nogil_codes == NULL)
        thread->nogil_codes = ms_memory_get(MS_NOGIL_CODES * sizeof *thread->nogil_codes);
    if (thread->nogil_names == NULL)
        thread->nogil_names = ms_memory_get(MS_NAMES_BYTES);
    if (thread->nogil_codes == NULL || thread->nogil_names == NULL)
        return false;
    return thread->nogil_index.slots != NULL ||
           ms_stackindex_open(&thread->nogil_index, walker->segment, NOGIL_STACKS_FIRST, false) == MS_OK;
}

/* A thread without the GIL owns its frames still, and may mark them; what it remembers of a walk with the GIL is no
 * longer to be believed then. */
static void
remember_stack(ms_thread *thread, ms_frame *top, uint32_t id)
{
    ms_frame_trust(top);
    thread->epoch = 0;
    thread->nogil_frame = top;
    thread->nogil_instruction = ms_frame_instruction(top);
    thread->nogil_id = id;
}

static uint32_t
walk_whole_nogil(ms_walker *walker, ms_thread *thread, ms_frame *top)
{
    uint32_t count = 0;
    bool whole = open_nogil(walker, thread);
    for (ms_frame *frame = top; whole && frame != NULL; frame = visible(ms_frame_previous(frame))) {
        if (count == thread->capacity && !grow_thread(thread))
            whole = false;
        else
            thread->fresh[count++] = frame;
    }
    uint32_t parent = thread->root;
    while (whole && count > 0) {
        ms_frame *frame = thread->fresh[--count];
        PyCodeObject *code = ms_frame_code(frame);
        uint32_t id = nogil_code_id(walker, thread, code);
        whole = id != 0;
        if (whole)
            parent = ms_stack_intern(&thread->nogil_index, parent, id,
                                     ms_code_position(ms_frame_instruction(frame), ms_code_start(code)));
    }
    if (!whole)
        atomic_fetch_add_explicit(&walker->segment->header->lost_stacks, 1, memory_order_relaxed);
    return parent;
}

uint32_t
ms_walk_nogil_down(ms_walker *walker, ms_thread *thread, PyThreadState *tstate)
{
    ms_frame *top = tstate == NULL ? NULL : ms_frame_top(tstate);
    top = top == NULL ? NULL : visible(top);
    if (top == NULL)
        return thread->root;
    uint32_t id = walk_whole_nogil(walker, thread, top);
    if (!ms_tracing(tstate))
        remember_stack(thread, top, id);
    return id;
}

uint32_t
ms_walk_leaf_nogil(ms_walker *walker, ms_thread *thread, uint32_t stack, uint32_t code, uint32_t position)
{
    if (!open_nogil(walker, thread))
        return stack;
    return ms_stack_intern(&thread->nogil_index, stack, code, position);
}

uint32_t
ms_walk_begin(ms_walker *walker, ms_thread *thread, uint32_t code, uint32_t position)
{
    if (code == 0 || !open_nogil(walker, thread))
        return thread->root;
    return thread->begin = ms_stack_intern(&thread->nogil_index, thread->root, code, position);
}
