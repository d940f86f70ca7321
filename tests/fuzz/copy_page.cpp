// What a standby takes from its source: what is read is written again as the same bytes.
#include "ledger-node/standby/copy_page.h"

#include "tests/fuzz/target.h"

namespace lotmark::node {
namespace {

void fuzz_copy_page(ByteView in) {
  const auto page = decode_copy_page(in);
  if (!page) return;
  LM_ASSERT(std::ranges::equal(encode(*page), in));
  for (const auto& r : page->rows) LM_ASSERT(r.table != nullptr && r.key.size() == r.table->keys);
}

}  // namespace
LM_FUZZ_TARGET(copy_page, fuzz_copy_page);
}  // namespace lotmark::node
