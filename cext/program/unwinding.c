#include "program/unwinding.h"

#include <string.h>

/* As the DWARF standard and the Linux Standard Base have it. */
#define ENCODED_UDATA4 0x03
#define ENCODED_PCREL_SDATA4 0x1b
#define ENCODED_DATAREL_SDATA4 0x3b
#define SAVED_STATES 4u

/* Where bytes are read from. */
typedef struct reader {
    const unsigned char *at, *end;
    bool failed;
} reader;

static uint64_t
fixed(reader *from, size_t bytes)
{
    uint64_t value = 0;
    if ((size_t)(from->end - from->at) < bytes) {
        from->failed = true;
        return 0;
    }
    memcpy(&value, from->at, bytes);
    from->at += bytes;
    return value;
}

static int32_t
fixed_signed(reader *from)
{
    return (int32_t)(uint32_t)fixed(from, 4);
}

static uint64_t
leb(reader *from, bool is_signed)
{
    uint64_t value = 0, byte = 0x80;
    unsigned shift = 0;
    for (; (byte & 0x80) != 0 && shift < 63 && !from->failed; shift += 7) {
        byte = fixed(from, 1);
        value |= (byte & 0x7f) << shift;
    }
    if (is_signed && (byte & 0x40) != 0)
        value |= ~UINT64_C(0) << shift;
    return value;
}

/* ---- the entry of a function ----------------------------------------------------------------- */

typedef struct entry {
    reader common, own; /* instructions: of all of its kind, of the function */
    uintptr_t start;
    uint64_t code_step;
    int64_t data_step;
    uint64_t return_register;
} entry;

/* The bytes of an entry, behind its length. */
static reader
open_entry(const unsigned char *at)
{
    uint32_t length;
    memcpy(&length, at, sizeof length);
    bool plain = length != 0 && length < UINT32_C(0xfffffff0);
    return (reader){.at = at + 4, .end = at + 4 + (plain ? length : 0), .failed = !plain};
}

/* What is common to many functions. False: it has something that is not known here. */
static bool
read_common(entry *found, const unsigned char *at)
{
    reader from = open_entry(at);
    uint64_t id = fixed(&from, 4), version = fixed(&from, 1);
    const char *augmentation = (const char *)from.at;
    const unsigned char *end = memchr(from.at, '\0', (size_t)(from.end - from.at));
    if (from.failed || id != 0 || version != 1 || end == NULL || augmentation[0] != 'z')
        return false;
    from.at = end + 1;
    found->code_step = leb(&from, false);
    found->data_step = (int64_t)leb(&from, true);
    found->return_register = fixed(&from, 1);
    uint64_t length = leb(&from, false);
    if (from.failed || length > (uint64_t)(from.end - from.at))
        return false;
    reader data = {.at = from.at, .end = from.at + length};
    for (const char *letter = augmentation + 1; *letter != '\0'; letter++) {
        if (*letter == 'R' && fixed(&data, 1) != ENCODED_PCREL_SDATA4)
            return false;
        if (*letter == 'P') { /* a function, in one of the ways that take 4 bytes */
            if ((fixed(&data, 1) & 0x0f) != 0x0b)
                return false;
            (void)fixed(&data, 4);
        } else if (*letter == 'L') {
            (void)fixed(&data, 1);
        } else if (*letter != 'R') {
            return false;
        }
    }
    found->common = (reader){.at = from.at + length, .end = from.end};
    return !data.failed;
}

/* The entry at `at`, if it is of the function that has the address. */
static bool
read_entry(entry *found, const unsigned char *at, uintptr_t address)
{
    reader from = open_entry(at);
    const unsigned char *here = from.at;
    uint64_t back = fixed(&from, 4);
    const unsigned char *field = from.at;
    found->start = (uintptr_t)field + (uintptr_t)(intptr_t)fixed_signed(&from);
    uint64_t bytes = fixed(&from, 4);
    if (from.failed || back == 0 || address - found->start >= bytes || !read_common(found, here - back))
        return false;
    uint64_t length = leb(&from, false);
    if (from.failed || length > (uint64_t)(from.end - from.at))
        return false;
    found->own = (reader){.at = from.at + length, .end = from.end};
    return true;
}

/* Looks the address up in the sorted index. */
static bool
find_entry(entry *found, const unsigned char *table, uintptr_t address)
{
    if (table == NULL || table[0] != 1 || table[1] != ENCODED_PCREL_SDATA4 || table[2] != ENCODED_UDATA4 ||
        table[3] != ENCODED_DATAREL_SDATA4)
        return false;
    uint32_t count;
    memcpy(&count, table + 8, sizeof count);
    const unsigned char *items = table + 12;
    uint32_t low = 0, high = count;
    int32_t item[2];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        memcpy(item, items + (size_t)middle * sizeof item, sizeof item);
        if ((uintptr_t)table + (uintptr_t)(intptr_t)item[0] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    memcpy(item, items + (size_t)(low - 1) * sizeof item, sizeof item);
    return read_entry(found, table + item[1], address);
}

/* ---- its instructions ------------------------------------------------------------------------ */

/* Where the caller's frame begins, and how far from there the return address is. */
typedef struct frame {
    uint64_t base, offset; /* a register, and what to add */
    int64_t to_return;
    bool saved; /* the return address is in memory */
} frame;

typedef struct machine {
    entry *of;
    frame now, saved[SAVED_STATES];
    unsigned saved_count;
    uintptr_t place;
    bool unknown;
} machine;

static void
set_register(machine *at, uint64_t which, int64_t offset)
{
    if (which != at->of->return_register)
        return;
    at->now.to_return = offset;
    at->now.saved = true;
}

static void
step_state(machine *at, bool remember)
{
    if (remember && at->saved_count < SAVED_STATES)
        at->saved[at->saved_count++] = at->now;
    else if (!remember && at->saved_count != 0)
        at->now = at->saved[--at->saved_count];
    else
        at->unknown = true;
}

/* Instructions that have all of their eight bits. */
static void
step_plain(machine *at, reader *from, uint64_t code)
{
    uint64_t which;
    switch (code) {
    case 0x00: /* nop */
        break;
    case 0x02: /* advance_loc1, 2, 4 */
    case 0x03:
    case 0x04:
        at->place += fixed(from, (size_t)1 << (code - 2)) * at->of->code_step;
        break;
    case 0x05: /* offset_extended */
        which = leb(from, false);
        set_register(at, which, (int64_t)leb(from, false) * at->of->data_step);
        break;
    case 0x0a: /* remember_state, restore_state */
    case 0x0b:
        step_state(at, code == 0x0a);
        break;
    case 0x0c: /* def_cfa */
        at->now.base = leb(from, false);
        at->now.offset = leb(from, false);
        break;
    case 0x0d: /* def_cfa_register */
        at->now.base = leb(from, false);
        break;
    case 0x0e: /* def_cfa_offset */
        at->now.offset = leb(from, false);
        break;
    case 0x2e: /* GNU_args_size */
        (void)leb(from, false);
        break;
    default:
        at->unknown = true;
    }
}

/* Up to the address. */
static void
run(machine *at, reader from, uintptr_t address)
{
    while (from.at < from.end && !from.failed && !at->unknown) {
        machine before = *at;
        uint64_t code = fixed(&from, 1), low = code & 0x3f;
        if (code >> 6 == 1) /* advance_loc */
            at->place += low * at->of->code_step;
        else if (code >> 6 == 2) /* offset */
            set_register(at, low, (int64_t)leb(&from, false) * at->of->data_step);
        else if (code >> 6 == 3) /* restore */
            at->unknown = low == at->of->return_register;
        else
            step_plain(at, &from, code);
        if (at->place > address) {
            *at = before;
            return;
        }
    }
    at->unknown = at->unknown || from.failed;
}

ms_unwound
ms_unwinding_at(const void *table, uintptr_t address)
{
    entry found;
    ms_unwound nothing = {0};
    if (!find_entry(&found, table, address))
        return nothing;
    machine at = {.of = &found, .place = found.start};
    run(&at, found.common, UINTPTR_MAX);
    run(&at, found.own, address);
    int64_t to_return = (int64_t)at.now.offset + at.now.to_return;
    if (at.unknown || !at.now.saved || at.now.base != MS_DWARF_STACK_POINTER || at.now.offset > MS_UNWOUND_MOST ||
        to_return < 0 || to_return >= (int64_t)at.now.offset)
        return nothing;
    return (ms_unwound){.to_return = (uint32_t)to_return, .to_caller = (uint32_t)at.now.offset};
}
