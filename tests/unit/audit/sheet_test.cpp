// The sheet in a folder: every lot with its receipt beside it, nothing of others' text as markup.
#include <gtest/gtest.h>

#include <fstream>

#include "cli/audit.h"
#include "cli/audit_sheet.h"
#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/proof/verdict.h"
#include "tests/unit/audit/many_lots.h"

namespace lotmark::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class AuditSheetTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = m.plant.file("sheet");
    fs::remove_all(folder);
    const auto done = m.audit(m.options());
    ASSERT_TRUE(cli::write_sheet(folder, done, {"everything", 2, "2026-01-05T08:00:00Z"}));
    page = read(folder / "audit.html");
    sheet = nlohmann::json::parse(read(folder / "audit.json"), nullptr, false);
    ASSERT_TRUE(sheet.is_object());
  }
  ManyLots& m = ManyLots::get();
  fs::path folder;
  std::string page;
  nlohmann::json sheet;
};

TEST_F(AuditSheetTest, EveryLotHasItsReceiptBesideIt) {
  ASSERT_EQ(sheet["lots"].size(), m.released.size());
  for (const auto& lot : sheet["lots"]) {
    const std::string bytes = read(folder / lot["receipt_file"].get<std::string>());
    EXPECT_EQ(to_hex(sha256(to_bytes(as_bytes(bytes)))), lot["receipt"]);
    const auto verdict = proof::verify_receipt(to_bytes(as_bytes(bytes)), m.plant.c.anchor, {},
                                               m.plant.c.clock.now());
    EXPECT_EQ(verdict.verdict, VerdictKind::kReleased) << lot["lot"];
    EXPECT_EQ(lot["final"], true);
    EXPECT_EQ(lot["votes"], 3);
    EXPECT_NE(page.find("href=\"" + lot["receipt_file"].get<std::string>() + "\""),
              std::string::npos);
    EXPECT_NE(page.find(lot["receipt"].get<std::string>()), std::string::npos);
  }
  EXPECT_NE(page.find("3, quorum 2"), std::string::npos);
}

TEST_F(AuditSheetTest, TextOfOthersIsNoMarkup) {
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("\xE2\x80\xAE"), std::string::npos)
      << "nothing turns the direction of writing";
  EXPECT_NE(
      page.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\u202e &amp; &quot;quoted&quot;"),
      std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST_F(AuditSheetTest, WhatIsLeftAndWhatIsDrawnAreListed) {
  ASSERT_EQ(sheet["left"].size(), 2u);
  EXPECT_EQ(sheet["left"][0]["what"], "never-opened");
  EXPECT_EQ(sheet["left"][1]["lot"], m.left);
  EXPECT_NE(page.find(m.left), std::string::npos);
  for (const auto& lot : sheet["lots"]) {
    EXPECT_EQ(lot["reviewers"], "drug-east, drug-west");
    EXPECT_EQ(lot["second"], lot["drawn"] == true ? nlohmann::json("drug-west") : nlohmann::json())
        << "drug-east released it";
  }
}

TEST(AuditCommand, PrintsListsAndEndsWithTheReport) {
  auto& m = ManyLots::get();
  const auto anchor = m.fresh("anchor.cbor");
  std::ofstream(anchor, std::ios::binary)
      .write(reinterpret_cast<const char*>(m.plant.c.anchor.data()),
             static_cast<std::streamsize>(m.plant.c.anchor.size()));
  cli::AuditArguments a;
  a.private_dbs = {m.plant.file("private.db").string()};
  a.chain_db = m.plant.file("chain.db").string();
  a.anchor = anchor.string();
  a.out = m.plant.file("sheet-of-command").string();
  a.second = 1;
  std::ostringstream out, err;
  cli::Output screen(out, err, {});
  EXPECT_EQ(cli::run_audit(a, screen), cli::Exit::kDone) << err.str();
  EXPECT_NE(out.str().find("2 begun and never applied for:"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("(file of "), std::string::npos) << out.str();
  const auto n = std::to_string(m.released.size());
  EXPECT_NE(out.str().find(n + " of " + n + " lots drawn for a second review (one in 1)"),
            std::string::npos);
  EXPECT_TRUE(out.str().ends_with("audit ok\n"));
  EXPECT_TRUE(fs::exists(fs::path(a.out) / "audit.html"));
  a.resume = true;
  a.out.clear();
  EXPECT_EQ(cli::run_audit(a, screen), cli::Exit::kUsage);
}

}  // namespace
}  // namespace lotmark::test
