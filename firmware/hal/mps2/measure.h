/* What a signature and a run took of the board: instructions, stack, and the array mbedTLS allocates from. */
#pragma once

#include "core/embedded/cose.h"

/* What stack and array hold before they are used. */
#define LM_PAINT 0xa5a5a5a5u

/* Takes over: logs what each signature took, "sign ticks=N ...", one tick 40 ns of the board's clock. In QEMU with
 * -icount shift=0 an instruction takes 1 ns. */
lm_crypto lm_measured(const lm_crypto* crypto);

/* Makes RFC 6979's own example signature, and logs what it took. On another than stands there nothing is signed, ever: it
 * logs so and does not return. */
void lm_board_known_answer(void);

/* Logs "NAME ticks=N stack=BYTES/OF arena=BYTES/OF": ticks since `begin`, the most that stack and array ever reached into. */
void lm_log_use(const char* name, uint32_t begin);
