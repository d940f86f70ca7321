// Scans of barcodes: elements that are read keep their rules and read again from both of their texts as the same; a
// link made of them has all of them.
#include <algorithm>

#include "core/gs1/element_string.h"
#include "tests/fuzz/target.h"

namespace lotmark::gs1 {
namespace {

void check_elements(const std::vector<AiValue>& elements) {
  LM_ASSERT(!elements.empty() && elements.size() <= kElementsMax);
  for (const AiValue& e : elements) LM_ASSERT(judge(e));
  const auto of_brackets = read_elements(bracketed(elements));
  LM_ASSERT(of_brackets && *of_brackets == elements);
  const auto of_raw = read_elements("]d2" + raw_elements(elements));
  LM_ASSERT(of_raw && *of_raw == elements);
}

void fuzz_gs1_scan(ByteView in) {
  const auto elements = read_elements(as_text(in));
  if (!elements) {
    LM_ASSERT(!elements.error().text.empty());
    return;
  }
  check_elements(*elements);
  const auto link = link_of_elements(*elements);
  if (!link) return;
  auto of_link = elements_of(*link);
  auto sorted = *elements;
  std::ranges::sort(of_link);
  std::ranges::sort(sorted);
  LM_ASSERT(of_link == sorted);
}

}  // namespace
LM_FUZZ_TARGET(gs1_scan, fuzz_gs1_scan);
}  // namespace lotmark::gs1
