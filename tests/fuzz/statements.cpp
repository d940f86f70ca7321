// Membership statements: no bytes but signed ones change who may sign, and a refused one changes nothing. The
// first byte says whether the rest is an anchor or a statement that comes after the contract's anchor.
#include "core/proof/statements.h"

#include "core/crypto/sha256.h"
#include "tests/fuzz/target.h"

namespace lotmark::proof {
namespace {

const Statements& contract() {
  static const Statements held = [] {
    auto anchor = read_anchor(fuzz::contract_anchor());
    LM_ASSERT(anchor);
    auto s = Statements::from_anchor(*anchor);
    LM_ASSERT(s);
    return *std::move(s);
  }();
  return held;
}

void run_anchor(ByteView in) {
  const auto anchor = read_anchor(in);
  if (!anchor) return;
  const auto held = Statements::from_anchor(*anchor);
  if (!held) return;
  LM_ASSERT(held->chain() == contract().chain() && held->root_key() == contract().root_key());
  LM_ASSERT(held->held()[0].identity == contract().held()[0].identity);
}

void check_order(const Statements& s) {
  for (std::size_t i = 0; i < s.held().size(); ++i) {
    const Membership& m = s.held()[i].body;
    LM_ASSERT(m.epoch == i && s.of_epoch(i) == &m && s.of_block(m.first) == &m);
    LM_ASSERT(s.of_size(m.first + 1) == &m);
    LM_ASSERT(i == 0 || s.held()[i - 1].body.first < m.first);
  }
}

void run_statement(ByteView in) {
  Statements s = contract();
  const std::size_t before = s.held().size();
  const bool taken = bool(s.append(in));
  LM_ASSERT(s.held().size() == before + (taken ? 1 : 0));
  check_order(s);
  std::optional<std::uint64_t> last;
  const bool matched = bool(s.append_or_match(in, last));
  LM_ASSERT(!taken || matched);  // what was just held may come again
  LM_ASSERT(matched == last.has_value());
  check_order(s);
}

void fuzz_statements(ByteView in) {
  if (fuzz::take_byte(in) % 2 == 0) run_anchor(in);
  else run_statement(in);
}

}  // namespace
LM_FUZZ_TARGET(statements, fuzz_statements);
}  // namespace lotmark::proof
