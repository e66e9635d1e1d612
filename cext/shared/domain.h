/* domain.h: who is asked for memory: Python's three allocators, and beside them the malloc family and the kernel, by
 * mmap; each a domain.
 * What is known of all of them stands here.
 *
 *   recorded in program/ ──► event ──► counters for each ──► captures, which name them in this order
 *
 * memscope/capture/format.py has the same table for those who read captures; a test holds the two together.
 */
#ifndef MS_DOMAIN_H
#define MS_DOMAIN_H

#include "shared/platform.h"

/* The numbers stand in captures: they never change. An event has three bits for one. */
typedef enum ms_domain {
    MS_RAW = 0,
    MS_MEM = 1,
    MS_OBJ = 2,
    MS_NATIVE = 3, /* requests of the malloc family that Python's allocators did not make */
    MS_MAPPED = 4, /* what libraries have mapped themselves: pages, in pieces (ledger/ranges.h) */
    MS_DOMAINS = 5,
} ms_domain;

#define MS_PYTHON_DOMAINS 3 /* the first ones: all that there are in a recording without native memory */

/* As captures say it. */
static inline const char *
ms_domain_name(ms_domain domain)
{
    static const char *const names[MS_DOMAINS] = {
        [MS_RAW] = "raw", [MS_MEM] = "mem", [MS_OBJ] = "obj", [MS_NATIVE] = "native", [MS_MAPPED] = "mapped"};
    return names[domain];
}

/* How many domains a recording tells of. */
static inline int
ms_domains_told(bool native)
{
    return native ? MS_DOMAINS : MS_PYTHON_DOMAINS;
}

/* Whether small requests are pymalloc's, if it is in use. */
MS_INLINE bool
ms_domain_is_pooled(ms_domain domain)
{
    return domain == MS_MEM || domain == MS_OBJ;
}

#endif
