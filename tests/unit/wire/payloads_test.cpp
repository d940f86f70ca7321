// The vectors of payloads with one fault or two: which error counts (docs/format/cbor.md, "Phase 2").
#include <gtest/gtest.h>

#include "core/wire/codec.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark {
namespace {

using Decoder = Errc (*)(ByteView);
template <class T>
Errc decoded(ByteView bytes) {
  KeyId signer;
  signer.bytes.fill(3);
  return decode<T>(bytes, std::is_same_v<T, Membership> ? nullptr : &signer).code();
}

const std::map<std::string, Decoder> kDecoders = {
    {"LineFile", [](ByteView b) { return read_line_file(b).code(); }},
    {"Turn", decoded<Turn>},
    {"Delegation", decoded<Delegation>},
    {"Recall", decoded<Recall>},
    {"Head", decoded<Head>},
    {"Token", decoded<Token>},
    {"EvidenceEntry", decoded<EvidenceEntry>},
    {"Application", decoded<Application>},
    {"Claim", decoded<Claim>},
    {"InclusionProof", decoded<InclusionProof>},
    {"Disclosure", decoded<Disclosure>},
    {"Sample", decoded<Sample>},
    {"Receipt", [](ByteView b) { return read_receipt(b).code(); }},
    {"Membership", decoded<Membership>},
    {"Programme", decoded<Programme>},
    {"Bundle", decoded<Bundle>},
    {"Ack", decoded<Ack>},
    {"Opening", decoded<Opening>},
    {"Report", decoded<Report>},
    {"PeriodBody", decoded<PeriodBody>},
};

TEST(Payloads, TheFirstErrorInTheOrderOfThePageCounts) {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/payloads.json");
  const auto cases = nlohmann::json::parse(in);
  ASSERT_GE(cases.size(), 60u);
  for (const auto& c : cases) {
    const auto decoder = kDecoders.find(c["type"].get<std::string>());
    ASSERT_NE(decoder, kDecoders.end()) << c["type"];
    const Errc got = decoder->second(test::hex(c["hex"]));
    const std::string expected = c["error"].is_null() ? "ok" : c["error"].get<std::string>();
    EXPECT_EQ(got == Errc::kOk ? "ok" : name(got), expected) << c["type"] << ": " << c["what"];
  }
}

}  // namespace
}  // namespace lotmark
