#include "drain/mappings.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/array.h"
#include "shared/descriptor.h"

#define KINDS ((uint32_t)MS_MAP_MEMSCOPE + 1)
#define GROUPS (MS_MAPPING_NAMES + KINDS)
#define LOOK_SHARE 50u                         /* of the run may go to looks, */
#define FREE_NS 20e6                           /* and so much at any rate; three times where memory grows no more */
#define REGULAR_SHARE 100u                     /* and so much of it to those at the ends of windows, */
#define REGULAR_MOST (MS_LOOKS_MOST / 4 * 3)   /* which leave some to peaks */
#define AT_END_NS 100e6                        /* that the program is kept waiting at its end, at most */
#define STEP_BYTES (UINT64_C(4) << 20)         /* a new peak is at least so much higher */
#define GUARD_BYTES (UINT64_C(64) << 10)       /* below a thread's stack, at most */
#define THREAD_HEAP_BYTES (UINT64_C(64) << 20) /* glibc's HEAP_MAX_SIZE: such heaps begin at its multiples */
#define DATA_BYTES (UINT64_C(64) << 20)        /* behind a library, at most */
#define LINE_BYTES 8192u                       /* a path has at most 4096 bytes */

static const char *const kind_names[KINDS] = {"heap", "anonymous", "stack", "file", "shared", "memscope"};

void
ms_mappings_init(ms_mappings *mappings, int pid)
{
    *mappings = (ms_mappings){.pid = pid};
}

void
ms_mappings_close(ms_mappings *mappings)
{
    ms_look *looks[] = {&mappings->peak, &mappings->last, &mappings->next};
    for (int i = 0; i < 3; i++) {
        ms_memory_give(looks[i]->groups);
        ms_residency_close(&looks[i]->residency);
    }
    ms_looksums_close(&mappings->sums);
    ms_compiledmodules_close(&mappings->modules);
    memset(mappings, 0, sizeof *mappings);
}

void
ms_mappings_restart(ms_mappings *mappings)
{
    int pid = mappings->pid;
    ms_mappings_close(mappings);
    ms_mappings_init(mappings, pid);
}

/* What a look will take is what the last one took, by what was resident. */
static double
expected_ns(const ms_mappings *mappings, uint64_t resident_bytes)
{
    double share = (double)resident_bytes / (double)(mappings->last_bytes + 1);
    return (double)mappings->last_ns * (share < 1 ? 1 : share);
}

/* Looks that are called for by time alone have their own share of the run, and of all looks: peaks take what they need
 * first. */
static bool
regular_is_due(const ms_mappings *mappings, uint64_t time_ns, double next_ns)
{
    return mappings->regular < REGULAR_MOST && (double)mappings->regular_ns + next_ns < (double)time_ns / REGULAR_SHARE;
}

bool
ms_mappings_wanted(ms_mappings *mappings, uint64_t time_ns, uint64_t resident_bytes, bool window_ends)
{
    bool grows = resident_bytes > mappings->asked_bytes + mappings->asked_bytes / 128;
    mappings->asked_bytes = resident_bytes;
    mappings->is_regular = false;
    if (mappings->unreadable || resident_bytes == 0 || mappings->looks == MS_LOOKS_MOST)
        return false;
    if (mappings->last.final) /* what ends meanwhile is not to take its place */
        return false;
    if (mappings->looks == 0)
        return true;
    uint64_t most = mappings->most_bytes;
    bool higher = resident_bytes > most + most / (grows ? 2 : 32) && resident_bytes > most + STEP_BYTES;
    bool later = time_ns > 2 * mappings->looked_ns;
    double next_ns = expected_ns(mappings, resident_bytes);
    double spent_ns = (double)mappings->spent_ns + next_ns;
    if (spent_ns >= (grows ? FREE_NS : 3 * FREE_NS) + (double)time_ns / LOOK_SHARE)
        return false;
    mappings->is_regular = !higher && !later && window_ends && regular_is_due(mappings, time_ns, next_ns);
    return higher || later || mappings->is_regular;
}

bool
ms_mappings_wanted_at_end(const ms_mappings *mappings, uint64_t time_ns, uint64_t resident_bytes)
{
    if (mappings->unreadable || resident_bytes == 0)
        return false;
    return expected_ns(mappings, resident_bytes) < AT_END_NS + (double)time_ns / LOOK_SHARE;
}

/* ---- one look -------------------------------------------------------------------------------- */

/* What is being read: the mapping that the lines are about. */
typedef struct mapping {
    uint64_t start, end;
    ms_mapping_group *group;
    ms_range *range; /* NULL: it is no private memory */
    uint64_t resident_bytes;
    bool guard; /* no access, and small enough to lie below a stack */
} mapping;

static bool
ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* A library is known by its package and what comes after; other files by the last part of the path. */
static const char *
short_name(const char *path)
{
    const char *package = strstr(path, "-packages/");
    const char *name = package != NULL ? package + strlen("-packages/") : strrchr(path, '/') + 1;
    size_t length = strlen(name);
    return length < MS_MAPPING_NAME_BYTES ? name : name + length - (MS_MAPPING_NAME_BYTES - 1);
}

static ms_mapping_group *
group_of(ms_look *look, ms_mapping_kind kind, const char *name)
{
    /* From the end: a file's mappings follow one another. */
    for (uint32_t i = look->group_count; i-- != 0;) {
        ms_mapping_group *group = &look->groups[i];
        if (group->kind == kind && strcmp(group->name, name) == 0)
            return group;
    }
    if (look->group_count >= MS_MAPPING_NAMES && name[0] != '\0')
        return group_of(look, kind, "");
    ms_mapping_group *group = &look->groups[look->group_count++];
    *group = (ms_mapping_group){.kind = (uint8_t)kind};
    strcpy(group->name, name);
    return group;
}

static ms_mapping_group *
classify(ms_look *look, const mapping *before, const mapping *current, const char *access, char *path)
{
    if (path[0] == '\0') {
        bool behind = before->end == current->start && access[1] == 'w';
        bool data = behind && before->group != NULL && before->group->kind == MS_MAP_FILE && before->group->code;
        if (data && current->end - current->start <= DATA_BYTES)
            return before->group;
        return group_of(look, behind && before->guard ? MS_MAP_STACK : MS_MAP_ANONYMOUS, "");
    }
    if (strcmp(path, "[heap]") == 0)
        return group_of(look, MS_MAP_HEAP, "");
    if (strncmp(path, "[stack", 6) == 0)
        return group_of(look, MS_MAP_STACK, "");
    if (path[0] != '/')
        return group_of(look, MS_MAP_ANONYMOUS, "");
    if (strncmp(path, "/memfd:memscope", 15) == 0)
        return group_of(look, MS_MAP_MEMSCOPE, "");
    if (ends_with(path, " (deleted)"))
        path[strlen(path) - strlen(" (deleted)")] = '\0';
    bool shared =
        strncmp(path, "/memfd:", 7) == 0 || strncmp(path, "/dev/shm/", 9) == 0 || strncmp(path, "/SYSV", 5) == 0;
    if (strcmp(path, "/dev/zero") == 0) /* shared without a file, as a child may find it */
        return group_of(look, MS_MAP_SHARED, "");
    return group_of(look, shared ? MS_MAP_SHARED : MS_MAP_FILE, short_name(path));
}

static ms_range *
new_range(ms_look *look, const mapping *current)
{
    ms_residency *residency = &look->residency;
    if (!MS_ARRAY_HOLDS(residency->ranges, residency->range_capacity, residency->range_count + 1, 256u))
        return NULL;
    ms_range *range = &residency->ranges[residency->range_count++];
    *range = (ms_range){.start = current->start,
                        .end = current->end,
                        .kind = current->group->kind,
                        .group = (uint16_t)(current->group - look->groups)};
    return range;
}

/* Blocks and arenas may lie in it. Advice on huge pages parts mappings: numpy's, of all but a large array's first page.
 */
static ms_range *
add_range(ms_look *look, const mapping *current, bool no_file)
{
    ms_residency *residency = &look->residency;
    uint8_t kind = current->group->kind;
    ms_range *last = residency->range_count == 0 ? NULL : &residency->ranges[residency->range_count - 1];
    if (last != NULL && last->end == current->start && kind == MS_MAP_ANONYMOUS && last->kind == kind) {
        last->end = current->end;
        return last;
    }
    bool private = kind == MS_MAP_HEAP || kind == MS_MAP_ANONYMOUS || kind == MS_MAP_STACK || no_file;
    return private ? new_range(look, current) : NULL;
}

/* The C library's heaps of threads fill the first part of 64 MiB that nobody may touch. */
static bool
is_heap_of_thread(const mapping *before, const mapping *current, const char *access)
{
    return before->range != NULL && before->start % THREAD_HEAP_BYTES == 0 && before->end == current->start &&
           access[0] == '-' && current->end == before->start + THREAD_HEAP_BYTES;
}

/* It is a range of its own, although it may follow another. */
static void
tell_heap_of_thread(ms_look *look, const mapping *heap)
{
    ms_range *range = heap->range;
    if (range->start != heap->start) {
        range->end = heap->start;
        range->resident_bytes -= heap->resident_bytes;
        range = new_range(look, heap);
        if (range == NULL)
            return;
        range->resident_bytes = heap->resident_bytes;
    }
    range->of_thread = true;
}

/* Takes the first line of a mapping: "start-end access offset device inode   path". */
static bool
begin(ms_look *look, mapping *current, const char *line)
{
    uint64_t start, end;
    char access[5];
    int path_at = -1;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %*s %n", &start, &end, access, &path_at) < 3)
        return false;
    char path[LINE_BYTES];
    snprintf(path, sizeof path, "%s", path_at < 0 ? "" : line + path_at);
    mapping before = *current;
    bool no_file = path[0] == '\0';
    *current = (mapping){
        .start = start,
        .end = end,
        .guard = no_file && strncmp(access, "---", 3) == 0 && end - start <= GUARD_BYTES,
    };
    current->group = classify(look, &before, current, access, path);
    if (is_heap_of_thread(&before, current, access))
        tell_heap_of_thread(look, &before);
    if (access[0] != '-') { /* what nobody may read is address space that is set aside */
        current->group->mapped_bytes += end - start;
        current->range = add_range(look, current, no_file);
    }
    if (access[2] == 'x') {
        current->group->code = true;
        ms_compiledmodules_note(look->modules, path);
    }
    return true;
}

/* From glibc 2.42 on, what guards a thread's stack is no mapping below it but a mark within, and stacks that follow one
 * another are one mapping. Linux tells of such marks from 6.18 on. */
static void
tell_from_anonymous(ms_look *look, mapping *current)
{
    uint64_t bytes = current->end - current->start;
    current->group->mapped_bytes -= bytes;
    current->group->resident_bytes -= current->resident_bytes;
    current->group = group_of(look, MS_MAP_STACK, "");
    current->group->mapped_bytes += bytes;
    current->group->resident_bytes += current->resident_bytes;
    ms_range *range = current->range;
    if (range == NULL)
        return;
    range->resident_bytes -= current->resident_bytes;
    if (range->start == current->start)
        look->residency.range_count--; /* it is the last one, and nothing else */
    else
        range->end = current->start;
    current->range = add_range(look, current, true);
    if (current->range != NULL)
        current->range->resident_bytes += current->resident_bytes;
}

static void
take_line(ms_look *look, mapping *current, const char *line)
{
    if (current->group == NULL)
        return;
    if (strncmp(line, "Rss:", 4) == 0) {
        uint64_t bytes = strtoull(line + 4, NULL, 10) * 1024;
        current->resident_bytes += bytes;
        current->group->resident_bytes += bytes;
        if (current->range != NULL)
            current->range->resident_bytes += bytes;
        look->resident_bytes += bytes;
    } else if (strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " gu") != NULL &&
               current->group->kind == MS_MAP_ANONYMOUS) {
        tell_from_anonymous(look, current);
    }
}

/* False: not to be read, or too much of it. */
static bool
read_mappings(const ms_descriptor *file, ms_look *look)
{
    char text[2 * LINE_BYTES];
    size_t held = 0;
    uint32_t count = 0;
    mapping current = {0};
    for (;;) {
        if (!ms_descriptor_is_ours(file)) /* a program's own file would lose what is read here */
            return false;
        ssize_t got = read(file->number, text + held, sizeof text - 1 - held);
        if (got < 0)
            return false;
        if (got == 0)
            return count != 0;
        held += (size_t)got;
        text[held] = '\0';
        char *line = text;
        for (char *stop; (stop = strchr(line, '\n')) != NULL; line = stop + 1) {
            *stop = '\0';
            /* Only what begins a mapping begins with a small letter or a digit. */
            bool first = (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f');
            if (!first)
                take_line(look, &current, line);
            else if (++count > MS_MAPPINGS_MOST || !begin(look, &current, line))
                return false;
        }
        held = strlen(line);
        if (held >= LINE_BYTES)
            return false;
        memmove(text, line, held);
    }
}

static bool
read_all(int pid, ms_look *look)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/smaps", pid);
    ms_descriptor file = ms_descriptor_of(open(path, O_RDONLY | O_CLOEXEC));
    look->group_count = look->residency.range_count = 0;
    look->resident_bytes = 0;
    bool whole = read_mappings(&file, look);
    ms_descriptor_close(&file);
    return whole;
}

/* CPU time of this thread: on a busy machine a look may last ten times as long. */
static uint64_t
spent_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The kernel joins what is mapped right behind a library's data to it: arenas and blocks there are anonymous memory. */
static void
tell_from_data(ms_look *look)
{
    for (uint32_t i = 0; i < look->residency.range_count; i++) {
        ms_range *range = &look->residency.ranges[i];
        uint64_t bytes = range->arena_bytes + range->block_bytes + range->around_bytes;
        if (range->kind != MS_MAP_FILE || bytes == 0 || bytes > range->resident_bytes)
            continue;
        uint64_t reserved = bytes + range->untouched_bytes;
        look->groups[range->group].resident_bytes -= bytes;
        look->groups[range->group].mapped_bytes -= reserved < range->end - range->start ? reserved : 0;
        ms_mapping_group *anonymous = group_of(look, MS_MAP_ANONYMOUS, "");
        anonymous->resident_bytes += bytes;
        anonymous->mapped_bytes += reserved;
        range->kind = MS_MAP_ANONYMOUS;
        range->group = (uint16_t)(anonymous - look->groups);
        range->resident_bytes = bytes;
        range->end = range->start + reserved;
    }
}

static void
swap(ms_look *left, ms_look *right)
{
    ms_look kept = *left;
    *left = *right;
    *right = kept;
}

/* Copies a look, groups and all. */
static void
copy(ms_look *to, const ms_look *from)
{
    ms_mapping_group *groups = to->groups;
    ms_residency residency = to->residency;
    if (groups == NULL && (groups = ms_memory_get(GROUPS * sizeof *groups)) == NULL)
        return;
    (void)ms_residency_copy(&residency, &from->residency);
    memcpy(groups, from->groups, from->group_count * sizeof *groups);
    *to = *from;
    to->groups = groups;
    to->residency = residency;
}

/* What is kept of every look. */
static void
keep_sums(ms_mappings *mappings, const ms_look *look, const ms_ledger *ledger)
{
    ms_look_sums *sums = ms_looksums_add(&mappings->sums, &look->residency, ledger);
    if (sums == NULL)
        return;
    sums->time_ns = look->time_ns;
    sums->final = look->final;
    sums->own_tables = look->own_bytes;
    for (uint32_t i = 0; i < look->group_count; i++) {
        const ms_mapping_group *group = &look->groups[i];
        if (group->kind == MS_MAP_FILE)
            *(group->code ? &sums->libraries : &sums->files) += group->resident_bytes;
        else if (group->kind == MS_MAP_SHARED)
            sums->shared += group->resident_bytes;
        else if (group->kind == MS_MAP_MEMSCOPE)
            sums->own += group->resident_bytes;
    }
}

void
ms_mappings_look(ms_mappings *mappings, const ms_look *facts, ms_ledger *ledger, const ms_heap *heap)
{
    ms_mapping_group *groups = mappings->next.groups;
    if (groups == NULL)
        groups = ms_memory_get(GROUPS * sizeof *groups);
    if (groups == NULL)
        return;
    ms_look *look = &mappings->next;
    ms_residency residency = look->residency;
    *look = *facts;
    look->groups = groups;
    look->residency = residency;
    look->modules = &mappings->modules;
    uint64_t before_ns = spent_ns();
    bool whole = read_all(mappings->pid, look);
    if (whole) {
        ms_residency_measure(&look->residency, mappings->pid, ledger, heap);
        tell_from_data(look);
        ms_residency_shorten(&look->residency, MS_RANGES_MOST);
    }
    mappings->looks++;
    mappings->last_ns = spent_ns() - before_ns;
    mappings->spent_ns += mappings->last_ns;
    if (mappings->is_regular) {
        mappings->regular++;
        mappings->regular_ns += mappings->last_ns;
    }
    mappings->is_regular = false;
    mappings->looked_ns = facts->time_ns;
    mappings->unreadable = !whole && mappings->looks == 1;
    /* Less than half: the process ended meanwhile, and the looks before still hold. */
    if (!whole || look->resident_bytes < facts->resident_bytes / 2)
        return;
    mappings->last_bytes = ms_bytes_without(look->resident_bytes, look->snapshot_bytes);
    keep_sums(mappings, look, ledger);
    swap(&mappings->last, look);
    /* At its end a program holds much that is free by then: it must be more by a little to be the peak. */
    uint64_t most = mappings->most_bytes;
    if (mappings->last_bytes > most + (facts->final ? most / 32 : 0)) {
        mappings->most_bytes = mappings->last_bytes;
        copy(&mappings->peak, &mappings->last);
    }
}

void
ms_mappings_renumber(ms_mappings *mappings, const uint32_t *row_to)
{
    ms_residency_renumber(&mappings->peak.residency, row_to);
    ms_residency_renumber(&mappings->last.residency, row_to);
}

void
ms_mappings_keep(const ms_mappings *mappings, uint32_t *row_to)
{
    ms_residency_keep(&mappings->peak.residency, row_to);
    ms_residency_keep(&mappings->last.residency, row_to);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static void
put(ms_buffer *json, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ms_buffer_put(json, text, (size_t)count);
}

/* A name is bytes of any kind; what is not plain ASCII is told byte by byte, as Latin-1. */
static void
put_name(ms_buffer *json, const char *name)
{
    ms_buffer_put(json, "\"", 1);
    for (; *name != '\0'; name++) {
        unsigned char byte = (unsigned char)*name;
        if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\')
            put(json, "\\u%04x", byte);
        else
            ms_buffer_put(json, name, 1);
    }
    ms_buffer_put(json, "\"", 1);
}

static void
describe_arenas(const ms_arena_pages *arenas, ms_buffer *json)
{
    put(json, ", \"arenas\": {\"count\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"resident_bytes\": %" PRIu64,
        arenas->count, arenas->bytes, arenas->resident_bytes);
    put(json, ", \"used_pools\": %" PRIu64 ", \"blocks_bytes\": %" PRIu64 ", \"headers_bytes\": %" PRIu64,
        arenas->used_pools, arenas->blocks_bytes, arenas->headers_bytes);
    put(json, ", \"read\": %" PRIu64 ", \"older_bytes\": %" PRIu64, arenas->read, arenas->older_bytes);
    put(json, ", \"free_blocks_bytes\": %" PRIu64 ", \"free_pools_bytes\": %" PRIu64 ", \"counted\": %s}",
        arenas->free_blocks_bytes, arenas->free_pools_bytes, arenas->counted ? "true" : "false");
}

static void
describe_range(const ms_look *look, const ms_range *range, ms_buffer *json)
{
    put(json, "{\"kind\": \"%s\", \"name\": ", range->kind == MS_MAP_FILE ? "library" : kind_names[range->kind]);
    put_name(json, look->groups[range->group].name);
    put(json, ", \"of_thread\": %s, \"mapped_bytes\": %" PRIu64, range->of_thread ? "true" : "false",
        range->end - range->start);
    put(json, ", \"resident_bytes\": %" PRIu64 ", \"arena_bytes\": %" PRIu64 ", \"blocks\": %" PRIu64,
        range->resident_bytes, range->arena_bytes, range->blocks);
    put(json, ", \"block_bytes\": %" PRIu64 ", \"around_bytes\": %" PRIu64 ", \"untouched_bytes\": %" PRIu64 "}",
        range->block_bytes, range->around_bytes, range->untouched_bytes);
}

static void
describe_residency(const ms_look *look, const ms_numbers *rows, ms_buffer *json)
{
    const ms_residency *residency = &look->residency;
    describe_arenas(&residency->arenas, json);
    put(json, ", \"ranges\": [");
    for (uint32_t i = 0; i < residency->range_count; i++) {
        put(json, i == 0 ? "" : ", ");
        describe_range(look, &residency->ranges[i], json);
    }
    put(json, "], \"untouched\": [");
    for (uint32_t i = 0; i < residency->untouched_count; i++)
        put(json, "%s[%u, %" PRIu64 "]", i == 0 ? "" : ", ", ms_numbers_of(rows, residency->untouched[i].row),
            residency->untouched[i].bytes);
    put(json, "]");
}

static void
describe_look(const ms_look *look, const char *moment, const ms_numbers *rows, ms_buffer *json)
{
    put(json, "{\"moment\": \"%s\", \"time_ns\": %" PRIu64 ", \"resident_bytes\": %" PRIu64, moment, look->time_ns,
        look->resident_bytes);
    put(json, ", \"final\": %s", look->final ? "true" : "false");
    describe_residency(look, rows, json);
    put(json, ", \"live_bytes\": %" PRIu64 ", \"own_bytes\": %" PRIu64, look->live_bytes, look->own_bytes);
    put(json, ", \"arena_bytes\": %" PRIu64 ", \"pooled_bytes\": %" PRIu64 ", \"parts\": [", look->arena_bytes,
        look->pooled_bytes);
    for (uint32_t i = 0; i < look->group_count; i++) {
        const ms_mapping_group *group = &look->groups[i];
        put(json, "%s{\"kind\": \"%s\", \"name\": ", i == 0 ? "" : ", ",
            group->kind == MS_MAP_FILE && group->code ? "library" : kind_names[group->kind]);
        put_name(json, group->name);
        put(json, ", \"resident_bytes\": %" PRIu64 ", \"mapped_bytes\": %" PRIu64 "}", group->resident_bytes,
            group->mapped_bytes);
    }
    put(json, "]}");
}

void
ms_mappings_describe(const ms_mappings *mappings, const ms_numbers *rows, ms_buffer *json)
{
    put(json, "{\"count\": %u, \"spent_ns\": %" PRIu64 ", \"looks\": [", mappings->looks, mappings->spent_ns);
    describe_look(&mappings->peak, "peak", rows, json);
    put(json, ", ");
    describe_look(&mappings->last, "last", rows, json);
    put(json, "], \"sums\": {");
    ms_looksums_describe(&mappings->sums, json);
    put(json, "}, \"compiled\": ");
    ms_compiledmodules_describe(&mappings->modules, put_name, json);
    put(json, "}");
}
