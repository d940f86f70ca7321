#include "firmware/hal/mps2/measure.h"

#include "firmware/app/crypto_mbedtls.h"
#include "firmware/app/text.h"
#include "firmware/hal/mps2/board.h"

extern uint32_t stack_bottom[];
extern uint32_t stack_top[];

static size_t stack_used(void) {
  const uint32_t* word = stack_bottom;
  while (word < stack_top && *word == LM_PAINT) word++;
  return (size_t)(stack_top - word) * sizeof *word;
}

/* Headers and holes between the blocks count: what the array must have, not the sum of what was asked for. */
static size_t arena_used(void) {
  const uint32_t* word = lm_arena + LM_ARENA_BYTES / sizeof *lm_arena;
  while (word > lm_arena && word[-1] == LM_PAINT) word--;
  return (size_t)(word - lm_arena) * sizeof *word;
}

void lm_log_use(const char* name, uint32_t begin) {
  uint32_t ticks = lm_ticks() - begin;
  lm_text t = {.size = 0};
  lm_text_add(&t, name);
  lm_text_add(&t, " ticks=");
  lm_text_add_uint(&t, ticks);
  lm_text_add(&t, " stack=");
  lm_text_add_uint(&t, stack_used());
  lm_text_add(&t, "/");
  lm_text_add_uint(&t, (size_t)(stack_top - stack_bottom) * sizeof *stack_top);
  lm_text_add(&t, " arena=");
  lm_text_add_uint(&t, arena_used());
  lm_text_add(&t, "/");
  lm_text_add_uint(&t, LM_ARENA_BYTES);
  lm_log_bytes(t.data, t.size);
}

void lm_board_known_answer(void) {
  uint32_t begin = lm_ticks();
  if (lm_signer_known_answer() == 0) {
    lm_log_use("known-answer", begin);
    lm_board_turn(); /* the watchdog's time is for what comes next */
    return;
  }
  lm_log("RFC 6979 known answer: WRONG, nothing is signed");
  for (;;) lm_board_turn();
}

static lm_crypto measured;

static int sign(void* ctx, const uint8_t digest[LM_DIGEST_BYTES], uint8_t out[LM_SIGNATURE_BYTES]) {
  uint32_t begin = lm_ticks();
  int failed = measured.sign(ctx, digest, out);
  lm_log_use("sign", begin);
  return failed;
}

lm_crypto lm_measured(const lm_crypto* crypto) {
  measured = *crypto;
  return (lm_crypto){.ctx = crypto->ctx, .sha256 = crypto->sha256, .sign = sign};
}
