#include "program/callers.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/unwinding.h"

#define PLACES 4096u
#define MODULES 4096u
#define MODULE_BITS 22
#define MODULE_MASK ((UINT64_C(1) << MODULE_BITS) - 1)
#define GENERATION_MASK 127u
#define TAG_SHIFT 29
#define FRAMES 1024u
#define RUNTIME_DEPTH 8 /* functions of the C++ runtime that call one another */

/* As in dlfcn.h of glibc 2.35 and later. */
typedef struct found_object {
    unsigned long long flags;
    void *start, *end;
    struct link_map *link_map;
    void *eh_frame;
    unsigned long long reserved[7];
} found_object;

typedef struct module {
    uintptr_t start, end;
    uintptr_t base;    /* of the addresses in its file */
    const void *table; /* of its frames, if it is a C++ runtime; else NULL */
    _Atomic uint32_t generation;
    _Atomic uint32_t code;        /* last to be written; 0: not yet */
    _Atomic uint32_t begins_code; /* of threads that it starts; 0: none yet */
} module;

ms_span ms_callers_loader;
_Atomic uint32_t ms_callers_generation;

static struct {
    ms_segment *segment;
    int (*find_object)(void *, found_object *);
    ms_span allocator, recorder;
    char program[4096]; /* the executable's path */

    /* caller >> 12, generation, module; the rest of the address is the place. */
    _Atomic uint64_t places[PLACES];
    module modules[MODULES + 1]; /* from 1 */
    /* Return address << 16, bytes to the function's own return address / 8 << 8, bytes of its frame / 8. */
    _Atomic uint64_t frames[FRAMES];
    _Atomic uint32_t claimed;
} callers;

/* What is looked for, and where it was found. */
typedef struct search {
    uintptr_t address;
    ms_span found;
} search;

static int
look_at_library(struct dl_phdr_info *info, size_t bytes, void *context)
{
    (void)bytes;
    search *at = context;
    ms_span library = {.start = UINTPTR_MAX};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD)
            continue;
        uintptr_t from = info->dlpi_addr + part->p_vaddr;
        library.start = from < library.start ? from : library.start;
        library.end = from + part->p_memsz > library.end ? from + part->p_memsz : library.end;
    }
    if (at->address < library.start || at->address >= library.end)
        return 0;
    at->found = library;
    return 1;
}

static ms_span
library_around(const void *address)
{
    search at = {.address = (uintptr_t)address};
    (void)dl_iterate_phdr(look_at_library, &at);
    return at.found;
}

void
ms_callers_open(ms_segment *segment, const void *allocator)
{
    callers.segment = segment;
    memset(callers.places, 0, sizeof callers.places);
    memset(callers.modules, 0, sizeof callers.modules);
    memset(callers.frames, 0, sizeof callers.frames);
    atomic_store(&callers.claimed, 0);
    void *found = dlsym(RTLD_DEFAULT, "_dl_find_object");
    memcpy(&callers.find_object, &found, sizeof found);
    ssize_t length = readlink("/proc/self/exe", callers.program, sizeof callers.program - 1);
    callers.program[length < 0 ? 0 : length] = '\0';
    /* A function of the loader's, wherever it may be. */
    ms_callers_loader = library_around(dlsym(RTLD_DEFAULT, "__tls_get_addr"));
    callers.allocator = library_around(allocator);
    callers.recorder = library_around(&callers);
}

bool
ms_caller_maps_untold(const void *caller)
{
    return ms_caller_is_loader(caller) || ms_span_has(&callers.allocator, caller) ||
           ms_span_has(&callers.recorder, caller);
}

void
ms_callers_forget(void)
{
    uint32_t generation = atomic_fetch_add(&ms_callers_generation, 1) + 1;
    for (uint32_t i = 0; i < FRAMES; i++)
        atomic_store_explicit(&callers.frames[i], 0, memory_order_relaxed);
    if ((generation & GENERATION_MASK) != 0)
        return;
    /* What places hold of the generation comes round again. */
    for (uint32_t i = 0; i < PLACES; i++)
        atomic_store_explicit(&callers.places[i], 0, memory_order_relaxed);
}

static const char *
path_of(const found_object *object)
{
    const char *path = object->link_map->l_name;
    return path == NULL || *path == '\0' ? callers.program : path;
}

static uint32_t
append_code(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const ms_code_text text = {
        .filename = path,
        .filename_bytes = (uint32_t)strlen(path),
        .function = name,
        .function_bytes = (uint32_t)strlen(name),
        .lines = "",
        .flags = MS_NODE_NATIVE,
    };
    return ms_code_append(callers.segment, &text);
}

/* The code of threads that a library starts, by that of the library. */
static uint32_t
append_begins_code(uint32_t code)
{
    char name[NAME_MAX];
    const ms_code *of = &callers.segment->codes[code];
    int length =
        snprintf(name, sizeof name, "<thread of %.*s>", (int)of->function_bytes, callers.segment->text + of->function);
    const ms_code_text text = {
        .filename = callers.segment->text + of->filename,
        .filename_bytes = of->filename_bytes,
        .function = name,
        .function_bytes = length < NAME_MAX ? (uint32_t)length : NAME_MAX - 1,
        .lines = "",
        .flags = MS_NODE_NATIVE | MS_NODE_BEGINS,
    };
    return ms_code_append(callers.segment, &text);
}

/* The modules that there are. */
static uint32_t
module_count(void)
{
    uint32_t count = atomic_load(&callers.claimed);
    return count < MODULES ? count : MODULES;
}

/* The module that an address lies in, if it was seen since a library has gone. 0: it was not. */
static uint32_t
known_module(uintptr_t caller, uint32_t generation)
{
    uint32_t count = module_count();
    for (uint32_t i = 1; i <= count; i++) {
        const module *known = &callers.modules[i];
        /* pairs with the release in enter_module */
        if (atomic_load_explicit(&known->code, memory_order_acquire) != 0 &&
            atomic_load(&known->generation) == generation && caller - known->start < known->end - known->start)
            return i;
    }
    return 0;
}

/* Whether a module is this library: it has not gone, or has come again to the same place. */
static bool
is_module(const module *known, const found_object *object)
{
    uint32_t code = atomic_load_explicit(&known->code, memory_order_acquire);
    if (code == 0 || known->start != (uintptr_t)object->start || known->end != (uintptr_t)object->end)
        return false;
    const char *path = path_of(object);
    const ms_code *text = &callers.segment->codes[code];
    return text->filename_bytes == strlen(path) &&
           memcmp(callers.segment->text + text->filename, path, text->filename_bytes) == 0;
}

/* Whether a library is the C++ runtime: what it requests is mostly "new" of others. */
static bool
is_runtime(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    return strncmp(name, "libstdc++", sizeof "libstdc++" - 1) == 0 || strncmp(name, "libc++", sizeof "libc++" - 1) == 0;
}

static uint32_t
enter_module(const found_object *object, uint32_t generation)
{
    uint32_t count = module_count();
    for (uint32_t i = 1; i <= count; i++) {
        if (is_module(&callers.modules[i], object)) {
            atomic_store(&callers.modules[i].generation, generation);
            return i;
        }
    }
    uint32_t code = count < MODULES ? append_code(path_of(object)) : 0;
    uint32_t place = code == 0 ? MODULES : atomic_fetch_add(&callers.claimed, 1);
    if (place >= MODULES)
        return 0;
    module *entry = &callers.modules[place + 1];
    entry->start = (uintptr_t)object->start;
    entry->end = (uintptr_t)object->end;
    entry->base = object->link_map->l_addr;
    entry->table = is_runtime(path_of(object)) ? object->eh_frame : NULL;
    atomic_store(&entry->generation, generation);
    /* pairs with the acquire in known_module */
    atomic_store_explicit(&entry->code, code, memory_order_release);
    return place + 1;
}

static MS_COLD uint32_t
look_up(uintptr_t caller, uint32_t generation, _Atomic uint64_t *place)
{
    found_object object;
    uint32_t number = known_module(caller, generation);
    if (number == 0 && callers.find_object != NULL && callers.find_object((void *)caller, &object) == 0)
        number = enter_module(&object, generation);
    uint64_t entry =
        (uint64_t)caller >> 12 << TAG_SHIFT | (uint64_t)(generation & GENERATION_MASK) << MODULE_BITS | number;
    atomic_store_explicit(place, entry, memory_order_relaxed);
    return number;
}

/* The module that a return address lies in; 0: not known. */
MS_INLINE uint32_t
module_of(uintptr_t address)
{
    uint32_t generation = atomic_load_explicit(&ms_callers_generation, memory_order_relaxed);
    _Atomic uint64_t *place = &callers.places[(address ^ address >> 12) & (PLACES - 1)];
    uint64_t entry = atomic_load_explicit(place, memory_order_relaxed);
    uint64_t wanted = (uint64_t)address >> 12 << (TAG_SHIFT - MODULE_BITS) | (generation & GENERATION_MASK);
    uint32_t number = (uint32_t)(entry & MODULE_MASK);
    if (MS_UNLIKELY(entry >> MODULE_BITS != wanted))
        number = look_up(address, generation, place);
    return number;
}

static uint32_t
position_in(const module *known, uintptr_t address)
{
    uintptr_t offset = address - known->base;
    return offset <= UINT32_MAX ? (uint32_t)offset : 0;
}

/* The frame of the function that a return address lies in. */
static ms_unwound
frame_at(const module *known, uintptr_t address)
{
    _Atomic uint64_t *place = &callers.frames[(address ^ address >> 10) & (FRAMES - 1)];
    uint64_t entry = atomic_load_explicit(place, memory_order_relaxed);
    if (entry >> 16 == address)
        return (ms_unwound){.to_return = (uint32_t)(entry >> 8 & 255) * 8, .to_caller = (uint32_t)(entry & 255) * 8};
    ms_unwound found = ms_unwinding_at(known->table, address - 1);
    entry = (uint64_t)address << 16 | (uint64_t)(found.to_return / 8) << 8 | found.to_caller / 8;
    atomic_store_explicit(place, entry, memory_order_relaxed);
    return found;
}

/* The return address into the library that called the C++ runtime; where that cannot be told, the one that there is. */
static MS_COLD uintptr_t
behind_runtime(const module *known, ms_asker from)
{
    uintptr_t address = (uintptr_t)from.caller;
    const char *stack = from.stack;
    for (int depth = 0; depth < RUNTIME_DEPTH && known->table != NULL; depth++) {
        ms_unwound frame = frame_at(known, address);
        if (frame.to_caller == 0)
            return (uintptr_t)from.caller;
        memcpy(&address, stack + frame.to_return, sizeof address);
        stack += frame.to_caller;
        known = &callers.modules[module_of(address)];
    }
    bool is_told = known->code != 0 && known->table == NULL && !ms_caller_is_loader((const void *)address);
    return is_told ? address : (uintptr_t)from.caller;
}

bool
ms_caller_address(ms_asker from, uintptr_t *address)
{
    *address = (uintptr_t)from.caller;
    const module *known = &callers.modules[module_of(*address)];
    if (MS_LIKELY(known->table == NULL) || from.stack == NULL)
        return true;
    *address = behind_runtime(known, from);
    return *address != (uintptr_t)from.caller;
}

ms_caller
ms_caller_at(uintptr_t address)
{
    const module *known = &callers.modules[module_of(address)];
    return (ms_caller){
        .code = atomic_load_explicit(&known->code, memory_order_relaxed),
        .position = position_in(known, address - 1), /* within the call, which may be a function's last instruction */
    };
}

ms_caller
ms_caller_of_start(const void *function)
{
    uintptr_t address = (uintptr_t)function;
    module *known = &callers.modules[module_of(address)];
    uint32_t library = atomic_load_explicit(&known->code, memory_order_relaxed);
    uint32_t code = atomic_load(&known->begins_code);
    if (code == 0 && library != 0) {
        code = append_begins_code(library); /* two threads at once: there are two, of one name */
        atomic_store(&known->begins_code, code);
    }
    return (ms_caller){.code = code, .position = position_in(known, address)};
}
