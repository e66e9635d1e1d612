/* Size classes against the sentences of docs/capture-format.md. */
#include "check.h"
#include "shared/sizeclass.h"

static void
small_classes_are_sixteen_bytes_apart(void)
{
    CHECK_EQUAL(ms_sizeclass(0), 0);
    for (uint64_t size = 1; size <= 512; size++) {
        uint64_t class = ms_sizeclass(size);
        CHECK(16 * class - 15 <= size && size <= 16 * class);
    }
}

/* Class 33 + 4(e-9) + s holds (4+s) << (e-2) up to below (5+s) << (e-2); class 33 starts at 513. */
static void
large_classes_are_four_a_doubling(void)
{
    for (unsigned e = 9; e < 64; e++)
        for (unsigned s = 0; s < 4; s++) {
            uint64_t first = (uint64_t)(4 + s) << (e - 2);
            uint64_t last = first + ((UINT64_C(1) << (e - 2)) - 1);
            unsigned class = 33 + 4 * (e - 9) + s;
            CHECK_EQUAL(ms_sizeclass(first > 512 ? first : 513), class);
            CHECK_EQUAL(ms_sizeclass(last), class);
            if (last != UINT64_MAX)
                CHECK_EQUAL(ms_sizeclass(last + 1), class + 1);
        }
}

int
main(void)
{
    small_classes_are_sixteen_bytes_apart();
    large_classes_are_four_a_doubling();
    CHECK(ms_sizeclass(UINT64_MAX) < MS_CLASSES);
    return 0;
}
