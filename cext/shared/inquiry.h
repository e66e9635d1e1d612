/* inquiry.h: when a recording ends, the drain asks the program what lies in the blocks that are live.
 *
 *   program                      state          drain
 *   tells its free lists,    ──► READY     ──►  takes all events that came before
 *   and waits
 *   reads the blocks         ◄── ASKED     ◄──  writes `count` and the questions
 *   writes the answers       ──► ANSWERED  ──►  uses them, and asks again, or
 *   goes on                  ◄── DONE      ◄──  has no more questions
 *
 * The table belongs to one side at a time. Who hands it on changes `state` by a compare-and-swap with release, and the
 * other side reads `state` with acquire: so all that the one wrote before is seen by the other.
 *
 * Neither side depends on the other:
 *   - The program waits in READY and in ANSWERED. When the state stays the same for MS_PATIENCE_NS, it changes it to
 *     LEFT and goes on. If that compare-and-swap fails, the drain has just asked, or is done.
 *   - The drain waits in ASKED. When it gives up, it changes ASKED to DONE. The program's change of ASKED to ANSWERED
 *     then fails, and it goes on.
 * The program begins an inquiry by storing READY, and only where `offered` is 1. It may do so again later.
 *
 * One that is `about` values is held while the program runs. The drain wishes for it, and the program comes by at its
 * next safe moment. What an object is worth is told by its content, and a container by how much of its room is used.
 */
#ifndef MS_INQUIRY_H
#define MS_INQUIRY_H

#include "shared/platform.h"

#define MS_QUESTIONS 4096u /* at a time */
#define MS_OWNED_MAX 3u    /* blocks that one object is told to own */

typedef enum ms_inquiry_state {
    MS_INQUIRY_IDLE = 0,
    MS_INQUIRY_READY = 1,    /* by the program: it waits for questions */
    MS_INQUIRY_ASKED = 2,    /* by the drain */
    MS_INQUIRY_ANSWERED = 3, /* by the program */
    MS_INQUIRY_DONE = 4,     /* by the drain: there is nothing more to ask, or no more time */
    MS_INQUIRY_LEFT = 5,     /* by the program: it has waited in vain */
} ms_inquiry_state;

/* A live block that was requested from the OBJ domain. */
typedef struct ms_question {
    uint64_t address;
    uint64_t size_bytes; /* as requested; nothing beyond may be read */
} ms_question;

/* A block that the object alone holds; whatever is no live block of the recording is passed over. */
typedef struct ms_owned {
    uint64_t address; /* 0: none */
    uint32_t type;    /* of the block: "items of list" */
    uint32_t reserved;
} ms_owned;

typedef struct ms_answer {
    uint32_t type; /* of the object in the block; 0: no object, or not known */
    uint32_t reserved;
    ms_owned owned[MS_OWNED_MAX];
} ms_answer;

/* Objects of equal content have equal hashes: those of one exact type, where that is known to mean that one may stand
 * for the other. The hash is mixed with a secret of the program's, and is kept nowhere. */
typedef struct ms_value {
    uint32_t type;         /* of the object; 0: none that values are told of */
    uint32_t is_text;      /* 1: a list of characters; `needed_bytes` is a text's */
    uint64_t hash;         /* 0: its content was not looked at */
    uint64_t held_bytes;   /* of a container with its tables; 0: it is none */
    uint64_t needed_bytes; /* that a copy of it would take */
} ms_value;

typedef enum ms_inquiry_about { MS_ABOUT_OWNERS = 0, MS_ABOUT_VALUES = 1 } ms_inquiry_about;

/* The drain makes a wish, and takes back what is not fulfilled. */
typedef enum ms_values_wish { MS_VALUES_NONE = 0, MS_VALUES_WISHED = 1, MS_VALUES_HEARD = 2 } ms_values_wish;

typedef struct ms_inquiry {
    alignas(MS_CACHE_LINE) _Atomic uint32_t state; /* ms_inquiry_state */
    _Atomic uint32_t wish;                         /* ms_values_wish */
    uint32_t about;                                /* ms_inquiry_about; program, before READY */
    _Atomic uint32_t offered;                      /* 1: the drain will ask; drain, before the program's first event */
    uint32_t count;                                /* of questions; drain */
    alignas(MS_CACHE_LINE) ms_question questions[MS_QUESTIONS];
    alignas(MS_CACHE_LINE) ms_answer answers[MS_QUESTIONS]; /* one for each question; program */
    alignas(MS_CACHE_LINE) ms_value values[MS_QUESTIONS];   /* or of these */
} ms_inquiry;

/* Changes the state, if it is still the one expected. */
static inline bool
ms_inquiry_change(ms_inquiry *table, ms_inquiry_state from, ms_inquiry_state to)
{
    uint32_t expected = from;
    /* pairs with the acquire in ms_inquiry_now, and the acquire here with the release there */
    return atomic_compare_exchange_strong_explicit(&table->state, &expected, to, memory_order_acq_rel,
                                                   memory_order_acquire);
}

/* The same of the wish. */
static inline bool
ms_inquiry_change_wish(ms_inquiry *table, ms_values_wish from, ms_values_wish to)
{
    uint32_t expected = from;
    return atomic_compare_exchange_strong(&table->wish, &expected, to);
}

static inline ms_inquiry_state
ms_inquiry_now(ms_inquiry *table)
{
    /* pairs with the release in ms_inquiry_change */
    return (ms_inquiry_state)atomic_load_explicit(&table->state, memory_order_acquire);
}

#endif
