/* values.h: what an object is worth: a hash of its content, and how much of a container's room is used.
 *
 *   block ──► an object of one of a few exact types? ──► str, bytes, tuple: hash     list, dict, set, bytearray: room
 *
 * Runs no Python code: no __hash__, no __eq__. What has the same hash is of one type and equal, so one may stand for
 * the other. Items of tuples are compared by content if they are texts, bytes, numbers or tuples, else by identity.
 * What is long is not looked at.
 */
#ifndef MS_VALUES_H
#define MS_VALUES_H

#include "program/types.h"
#include "shared/inquiry.h"

/* At a moment at which the collector could run: nothing is half made that is read here. */
void ms_value_tell(ms_types *types, const ms_question *question, ms_value *value);

#endif
