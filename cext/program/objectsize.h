/* objectsize.h: how much memory an object takes, with what it alone holds and is no object: tables, arrays.
 *
 * As sys.getsizeof() has it where a type is known here. Of other types what every object of theirs has: memory that
 * such an object holds elsewhere is not known.
 */
#ifndef MS_OBJECTSIZE_H
#define MS_OBJECTSIZE_H

#include "program/pycompat.h"

uint64_t ms_object_size(PyObject *op);

#endif
