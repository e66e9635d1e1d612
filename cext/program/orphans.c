#include "program/orphans.h"

/* What the cache takes: exact strings of up to 100 characters. ASCII ones, as nearly all names are; one character or
 * none is not made anew. */
#define NAME_BYTES_LEAST (sizeof(PyASCIIObject) + 2 + 1)
#define NAME_BYTES_MOST (sizeof(PyASCIIObject) + 100 + 1)

static uint64_t
filter_bit(uintptr_t address)
{
    return UINT64_C(1) << (address >> 4 & 63);
}

void
ms_orphans_drop(PyInterpreterState *interp)
{
    struct type_cache_entry *entries = ms_type_cache(interp);
    for (unsigned slot = 0; slot < MS_TYPE_CACHE_SLOTS; slot++) {
        struct type_cache_entry *entry = &entries[slot];
        PyObject *name = entry->name;
        if (name != NULL && Py_REFCNT(name) == 1) {
            /* As the interpreter empties it. */
            entry->version = 0;
            entry->value = NULL;
            entry->name = Py_NewRef(Py_None);
            Py_DECREF(name);
        }
    }
}

void
ms_orphans_begin(ms_orphans *orphans, uint64_t position)
{
    orphans->position = position;
    orphans->allocations = orphans->count = 0;
    orphans->filter = 0;
    orphans->in_vain = orphans->rest = 0;
}

static void
forget(ms_orphans *orphans, uintptr_t address)
{
    if ((orphans->filter & filter_bit(address)) == 0)
        return;
    for (uint32_t i = orphans->count; i-- > 0;)
        if (orphans->strings[i].address == address)
            orphans->strings[i].address = 0;
}

uint32_t
ms_orphans_follow(ms_orphans *orphans, const ms_spscring_writer *ring)
{
    for (; orphans->position < ring->head; orphans->position++) {
        const ms_event *event = ms_spscring_written(ring, orphans->position);
        ms_kind kind = ms_event_kind(event);
        uintptr_t address = (uintptr_t)ms_event_address(event);
        if (kind == MS_FREE || kind == MS_REALLOC_FROM) {
            forget(orphans, address);
        } else if (kind == MS_ALLOC || kind == MS_REALLOC_TO) {
            orphans->allocations++;
            if (ms_event_domain(event) == MS_OBJ && event->size >= NAME_BYTES_LEAST && event->size <= NAME_BYTES_MOST &&
                orphans->count < MS_ORPHANS_MAX) {
                orphans->strings[orphans->count].address = address;
                orphans->strings[orphans->count++].age = 0;
                orphans->filter |= filter_bit(address);
            }
        }
    }
    uint32_t allocations = orphans->allocations;
    return allocations < MS_ORPHAN_WINDOW ? MS_ORPHAN_WINDOW - allocations : 0;
}

typedef enum { NO_NAME, HELD, ORPHAN, UNKNOWN } verdict;

/* Of a block that was not freed; it may be anything, if only half made. What is found in the cache is a string. */
static verdict
look_at(const ms_orphans *orphans, const struct type_cache_entry *entries, uintptr_t address)
{
    PyObject *candidate = (PyObject *)address;
    if (!PyUnicode_CheckExact(candidate))
        return NO_NAME;
    if (Py_REFCNT(candidate) != 1 || ((PyASCIIObject *)candidate)->hash == -1)
        return HELD;
    for (uint32_t i = 0; i < orphans->type_count; i++) {
        unsigned slot = (orphans->versions[i] ^ (unsigned)(address >> 3)) & (MS_TYPE_CACHE_SLOTS - 1);
        if (entries[slot].name == candidate)
            return ORPHAN;
    }
    return UNKNOWN;
}

#define SEARCH_BITS 4096u

static unsigned
search_bit(uintptr_t address)
{
    return (unsigned)(address >> 4) & (SEARCH_BITS - 1);
}

/* Looks through the whole cache for what is unknown, 3 us, and learns the types. */
static void
search(ms_orphans *orphans, const struct type_cache_entry *entries, verdict *verdicts)
{
    uint64_t bits[SEARCH_BITS / 64] = {0};
    for (uint32_t i = 0; i < orphans->count; i++) {
        unsigned bit = search_bit(orphans->strings[i].address);
        if (verdicts[i] == UNKNOWN)
            bits[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    orphans->in_vain++;
    for (unsigned slot = 0; slot < MS_TYPE_CACHE_SLOTS; slot++) {
        uintptr_t name = (uintptr_t)entries[slot].name;
        unsigned bit = search_bit(name);
        if (MS_LIKELY((bits[bit / 64] >> (bit % 64) & 1) == 0))
            continue;
        for (uint32_t i = 0; i < orphans->count; i++) {
            if (orphans->strings[i].address != name || verdicts[i] != UNKNOWN)
                continue;
            verdicts[i] = ORPHAN;
            orphans->in_vain = 0;
            orphans->versions[orphans->next_type++ % MS_ORPHAN_TYPES] = entries[slot].version;
            if (orphans->type_count < MS_ORPHAN_TYPES)
                orphans->type_count++;
        }
    }
    for (uint32_t i = 0; i < orphans->count; i++)
        if (verdicts[i] == UNKNOWN)
            verdicts[i] = NO_NAME;
    orphans->rest = orphans->in_vain < MS_ORPHAN_REST ? orphans->in_vain : MS_ORPHAN_REST;
}

uint32_t
ms_orphans_find(ms_orphans *orphans, PyInterpreterState *interp, uintptr_t found[MS_ORPHANS_MAX])
{
    const struct type_cache_entry *entries = ms_type_cache(interp);
    verdict verdicts[MS_ORPHANS_MAX];
    bool unknown = false;
    for (uint32_t i = 0; i < orphans->count; i++) {
        uintptr_t address = orphans->strings[i].address;
        verdicts[i] = address == 0 ? NO_NAME : look_at(orphans, entries, address);
        unknown = unknown || verdicts[i] == UNKNOWN;
    }
    if (orphans->rest > 0)
        orphans->rest--;
    else if (unknown)
        search(orphans, entries, verdicts);
    uint32_t found_count = 0, kept = 0;
    orphans->filter = 0;
    for (uint32_t i = 0; i < orphans->count; i++) {
        uintptr_t address = orphans->strings[i].address;
        uint32_t age = orphans->strings[i].age + 1;
        if (verdicts[i] == ORPHAN) {
            found[found_count++] = address;
        } else if (verdicts[i] != NO_NAME && age < MS_ORPHAN_AGE) {
            orphans->strings[kept].address = address;
            orphans->strings[kept++].age = age;
            orphans->filter |= filter_bit(address);
        }
    }
    orphans->count = kept;
    orphans->allocations = 0;
    return found_count;
}
