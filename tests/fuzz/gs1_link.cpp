// GS1's URIs, links and EPC URNs: what is read keeps its rules and reads again from its own text as the same; an
// identity is its own identity, and the class of a class is none. The first byte says what is let pass.
#include "core/gs1/link.h"

#include "core/gs1/epc_uri.h"
#include "core/gs1/identity.h"
#include "tests/fuzz/target.h"

namespace lotmark::gs1 {
namespace {

void check_identity(std::string_view uri) {
  const auto identity = canonical_identity(uri);
  if (!identity) return;
  LM_ASSERT(canonical_identity(*identity) == identity);
  const auto above = class_of_identity(*identity);
  if (!above) return;
  LM_ASSERT(canonical_identity(*above) == above && *above != *identity);
  LM_ASSERT(!class_of_identity(*above));
}

void check_link(std::string_view uri, LinkLeniency leniency) {
  const auto link = read_link(uri, leniency);
  if (!link) {
    LM_ASSERT(!link.error().text.empty());
    return;
  }
  LM_ASSERT(judge(*link, leniency.check_digits ? CheckDigits::kIgnored : CheckDigits::kJudged));
  const std::string text = link_uri(*link);
  if (text.size() > kLinkMax) return;  // more is encoded now
  const auto again = read_link(text, {.check_digits = leniency.check_digits});
  LM_ASSERT(again && *again == *link && link_uri(*again) == text);
}

// The prefix that the URN itself names gives that URN again, or one with the same identity.
void check_urn(std::string_view urn) {
  const auto link = link_of_urn(urn);
  if (!link) return;
  LM_ASSERT(judge(*link));
  const auto begin = urn.find(':', urn.find(':', urn.find(':', 4) + 1) + 1) + 1;
  const std::vector<std::string> prefixes = {
      std::string(urn.substr(begin, urn.find('.', begin) - begin))};
  const auto back = urn_of_link(*link, prefixes);
  LM_ASSERT(back && canonical_identity(*back) == canonical_identity(urn));
}

void fuzz_gs1_link(ByteView in) {
  const auto pick = fuzz::take_byte(in);
  const LinkLeniency leniency{(pick & 1) != 0, (pick & 2) != 0, (pick & 4) != 0};
  const auto text = as_text(in);
  check_link(text, leniency);
  check_urn(text);
  check_identity(text);
}

}  // namespace
LM_FUZZ_TARGET(gs1_link, fuzz_gs1_link);
}  // namespace lotmark::gs1
