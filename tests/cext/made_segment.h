/* made_segment.h: a segment of its own for a test program, and types in it. */
#ifndef MS_TESTS_MADE_SEGMENT_H
#define MS_TESTS_MADE_SEGMENT_H

#include <unistd.h>

#include "check.h"
#include "shared/segment.h"

static inline void
map_new_segment(ms_segment *segment)
{
    int fd;
    CHECK(ms_segment_create(&fd) == MS_OK);
    CHECK(ms_segment_map(fd, segment) == MS_OK);
    close(fd);
}

/* Types 1 to count are there, without names, and creations are told. */
static inline void
describe_types(ms_segment *segment, uint32_t count)
{
    for (uint32_t type = 1; type <= count; type++)
        atomic_store(&segment->types[type].state, MS_TYPE_READY);
    atomic_store(&segment->header->type_count, count);
    atomic_store(&segment->header->objects, MS_OBJECTS_MADE);
}

#endif
