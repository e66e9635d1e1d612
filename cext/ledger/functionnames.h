/* functionnames.h: a symbol of a library as people name the function.
 *
 *   _ZN5arrow6Buffer4CopyEllPNS_10MemoryPoolE  ──►  arrow::Buffer::Copy
 *   _ZNSt6vectorIiSaIiEE7reserveEm             ──►  std::vector::reserve
 *   sqlite3_exec.part.0                        ──►  sqlite3_exec
 *   __pyx_pw_3app_3Box_1fill                   ──►  app.Box.fill   (Cython)
 *   CPyDef_app___Box___fill                    ──►  app.Box.fill   (mypyc)
 *
 * Without parameters, and without arguments of templates: a line of a report has room for 40 letters. The C++ runtime
 * demangles, where there is one; else the symbol stays as it is.
 */
#ifndef MS_FUNCTIONNAMES_H
#define MS_FUNCTIONNAMES_H

#include "shared/platform.h"

/* Changes the name where it stands, which has no more bytes afterwards than `room` with the NUL. may_load: the C++
 * runtime may be loaded into this process for it. */
void ms_function_name(char *name, uint32_t room, bool may_load);

#endif
