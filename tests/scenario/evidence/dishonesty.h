// Honest nodes side by side, and parties whose keys are in dishonest hands; what the nodes wrote is judged by the real
// program, a fresh process without environment in a folder that holds nothing but the file and the anchor.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "tests/scenario/block_maker.h"
#include "tests/scenario/lot/network.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {

using nlohmann::json;
namespace fs = std::filesystem;
using Seconds = std::chrono::seconds;

class Dishonesty : public testing::Test {
 protected:
  Consortium c;
  TempFolder folder;
  std::unique_ptr<Network> net = std::make_unique<Network>(c, folder / "nodes");
  const Party& first = c.supervisors[0];  // orders
  const Party& second = c.supervisors[1];
  const Party& third = c.supervisors[2];

  Dishonesty() { net->advance(Seconds(20)); }  // the nodes have told each other that they begin

  std::vector<fs::path> files(const Party& at, const std::string& kind) const {
    std::vector<fs::path> out;
    const fs::path dir = folder / "nodes" / at.name / "evidence";
    if (!fs::exists(dir)) return out;
    for (const auto& e : fs::directory_iterator(dir)) {
      if (e.path().filename().string().starts_with(kind)) out.push_back(e.path());
    }
    return out;
  }
  // What the real program says of the one file of that kind, alone with the anchor.
  json judged(const Party& at, const std::string& kind) {
    const auto found = files(at, kind);
    EXPECT_EQ(found.size(), 1u) << at.name << " and " << kind;
    if (found.empty()) return {};
    const TempFolder alone;
    fs::copy_file(found[0], alone / found[0].filename().string());
    std::ofstream(alone / "anchor.cbor", std::ios::binary) << as_text(c.anchor);
    const std::string command = "cd '" + (alone / "").string() +
                                "' && env -i " LOTMARK_BIN_DIR "/lotmark evidence verify " +
                                found[0].filename().string() +
                                " --anchor anchor.cbor --json > ../" + name_of(alone);
    EXPECT_EQ(std::system(command.c_str()), 0) << "not proven";
    const fs::path said = (alone / "").parent_path().parent_path() / name_of(alone);
    std::ifstream in(said);
    json j = json::parse(in, nullptr, false);
    fs::remove(said);
    return j;
  }
  static std::string name_of(const TempFolder& f) {
    return (f / "").parent_path().filename().string() + ".json";
  }
  void expect_proven(const Party& at, const std::string& kind, const Party& culprit) {
    const json j = judged(at, kind);
    ASSERT_TRUE(j.is_object());
    EXPECT_EQ(j["outcome"], "proven");
    EXPECT_EQ(j["kind"], kind);
    EXPECT_EQ(j["by"]["kid"], to_hex(culprit.kid()));
  }
  static node::Reply nothing() { return node::reply_cbor(node::encode_list({})); }
  static bool asks_blocks(const node::Outgoing& call) {
    return call.path.starts_with("/peer/v1/blocks");
  }
  bool metric(const Party& at, const std::string& line) {
    return net->node(at).metrics_text().find(line + "\n") != std::string::npos;
  }
  // The primary's key signs two first blocks: one for `second`, the other for everybody else.
  BlockMaker one{c}, other{c};
  void fork_blocks() {
    const Bytes a = one.period_block();
    c.clock.advance(Seconds(1));
    const Bytes b = other.period_block();
    net->impersonate(first, [this, a, b](const KeyId& from, const node::Outgoing& call) {
      if (!asks_blocks(call)) return nothing();
      return node::reply_cbor(node::encode_list({from == second.kid() ? a : b}));
    });
  }
  json delegate_to(const Party& to, std::uint64_t term) {
    Delegation d;
    d.term = term;
    d.to = to.kid();
    d.from = net->node(to).chain().size();
    d.time = static_cast<std::uint64_t>(to_ms(c.clock.now()));
    const auto reply = net->control_raw(to, to, "POST", "/control/v1/delegations",
                                        seal(d, *third.signer, c.chain)->bytes);
    EXPECT_TRUE(reply.ok()) << as_text(reply.body);
    return json::parse(as_text(reply.body), nullptr, false);
  }
  Bytes turn(const Party& by, const Party& asker, std::uint64_t term) {
    Turn t;
    t.term = term;
    t.asker = asker.kid();
    return node::encode_list({seal(t, *by.signer, c.chain)->bytes});
  }
};

}  // namespace lotmark::test
