/* answers.h: at the end of a recording, tells the drain what lies in the blocks that it asks about (inquiry.h): the
 * object's type, and which other blocks the object alone holds.
 *
 * An answer reads the block that was asked about and the object's type, and no further: what looks like an object may
 * be what another one left behind, whose pointers lead nowhere.
 */
#ifndef MS_ANSWERS_H
#define MS_ANSWERS_H

#include "program/types.h"

/* Answers until the drain has no more questions, or does not move. The caller is at the SPSC ring. */
void ms_answers_give(ms_segment *segment, ms_types *types);
/* The same of values (values.h), which reads what objects refer to as well. The collector could run just now. */
void ms_answers_give_values(ms_segment *segment, ms_types *types);

#endif
