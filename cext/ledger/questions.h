/* questions.h: what the drain asks the program of the blocks that are live (shared/inquiry.h).
 *
 *   live blocks of the OBJ domain ──► questions ──► ask ──► answers ──► types of blocks, owners of others
 */
#ifndef MS_QUESTIONS_H
#define MS_QUESTIONS_H

#include "ledger/ledger.h"
#include "shared/inquiry.h"

/* Has the questions in the table answered. False: there is no answer, and nothing more is to be asked. */
typedef bool (*ms_questions_ask)(void *context);

/* Asks for all live blocks that were requested for objects, MS_QUESTIONS at a time, and takes the answers in. Blocks at
 * addresses that are no multiples of 16 are not asked for. False: not all were answered. */
bool ms_questions_put(ms_ledger *ledger, ms_inquiry *table, ms_questions_ask ask, void *context);

#endif
