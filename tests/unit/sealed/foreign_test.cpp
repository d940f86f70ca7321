// Others open what this implementation sealed: python3-cryptography and the page's WebCrypto, each by code of its own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "tests/unit/sealed/sealed_vectors.h"

namespace lotmark::sealed {
namespace {

using nlohmann::json;
using test::must;

// A folder that goes with the test.
class ForeignScene : public testing::Test {
 protected:
  ForeignScene() {
    std::string pattern = std::filesystem::temp_directory_path() / "lotmark-sealed-XXXXXX";
    LM_ASSERT(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~ForeignScene() override { std::filesystem::remove_all(folder_); }

  // Seals these for two readers each; what another program is asked to open.
  json asked(const std::vector<Segment>& segments) {
    json files = json::array();
    for (const auto& plain : segments) {
      auto sealing = must(seal_segment(test::vector_chain(), plain));
      std::vector<Bytes> recipients;
      for (const char* reader : {"reviewer", "regulator"}) {
        recipients.push_back(must(wrap(sealing.key, test::vector_reader(reader).reader())));
      }
      const auto segment = must(decode<Segment>(sealing.entry));
      entries_.push_back(sealing.entry);
      files.push_back({{"cose", to_hex(must(cose_encrypt(segment, recipients)))},
                       {"scalar", test::sealed_vectors()["readers"]["regulator"]["scalar"]}});
    }
    return {{"chain", test::sealed_vectors()["chain"]}, {"files", files}};
  }

  // What `program FILE` prints, FILE holding `asked`.
  json answer(const std::string& program, const json& asked) {
    const auto file = folder_ / "asked.json";
    std::ofstream(file) << asked;
    FILE* out = popen((program + " " + file.string()).c_str(), "r");
    LM_ASSERT(out != nullptr);
    std::string text;
    std::array<char, 4096> part;
    for (std::size_t n; (n = fread(part.data(), 1, part.size(), out)) > 0;) {
      text.append(part.data(), n);
    }
    EXPECT_EQ(pclose(out), 0) << program;
    return json::parse(text, nullptr, false);
  }

  void expect_opens(const std::string& program) {
    std::vector<Segment> plain = {
        {{}, "claim", Audience::kRegulator, std::string(kClaimMedia), Bytes(700, 0xc1)},
        {{}, "低温", Audience::kPartner, "text/plain", to_bytes(as_bytes("recipe 7"))},
        {{}, "", Audience::kRegulator, "", {}},
        {{},
         std::string(256, 'n'),
         Audience::kRegulator,
         std::string(256, 'm'),
         Bytes(kPlainContentMax, 0x5a)}};
    const auto got = answer(program, asked(plain));
    ASSERT_EQ(got["opened"].size(), plain.size());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const auto& one = got["opened"][i];
      EXPECT_EQ(one["name"], plain[i].name);
      EXPECT_EQ(one["media"], plain[i].media);
      EXPECT_EQ(one["content"], to_hex(plain[i].content));
      EXPECT_EQ(one["entry"], to_hex(entries_[i]));
    }
  }

  std::filesystem::path folder_;
  std::vector<Bytes> entries_;
};

TEST_F(ForeignScene, PythonOpensWhatWeSeal) {
  expect_opens("/usr/bin/python3 -B " LOTMARK_SOURCE_DIR "/tests/vectors/sealed/open.py");
}

TEST_F(ForeignScene, WebCryptoOpensWhatWeSeal) {
  expect_opens("node " LOTMARK_SOURCE_DIR "/tests/unit/js/sealed_open.mjs");
}

}  // namespace
}  // namespace lotmark::sealed
