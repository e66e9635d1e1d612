/* sizeclass.h: which size class a request falls into.
 *
 *   class   0        requests of 0 bytes
 *   class   1..32    pymalloc's: 16, 32 ... 512 bytes (Objects/obmalloc.c, ALIGNMENT 16)
 *   class  33..      four per doubling: 513-639, 640-767, 768-895, 896-1023, 1024-1279 ...
 *
 * The numbers stand in captures: they never change.
 */
#ifndef MS_SIZECLASS_H
#define MS_SIZECLASS_H

#include "shared/platform.h"

#define MS_SMALL_MAX 512u    /* bytes; the largest request that pymalloc serves itself */
#define MS_SMALL_CLASSES 32u /* classes 1 to 32 */
#define MS_CLASSES 256u

MS_INLINE uint8_t
ms_sizeclass(uint64_t size_bytes)
{
    if (MS_LIKELY(size_bytes <= MS_SMALL_MAX))
        return (uint8_t)((size_bytes + 15) >> 4);
    unsigned exponent = ms_log2(size_bytes);
    unsigned quarter = (unsigned)(size_bytes >> (exponent - 2)) & 3;
    return (uint8_t)(MS_SMALL_CLASSES + 1 + 4 * (exponent - 9) + quarter);
}

#endif
