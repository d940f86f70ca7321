// The fixture of cuts with three supervisory nodes' archive keepers over chains of the same blocks.
#pragma once

#include <fstream>
#include <functional>

#include "ledger-node/archive/archive_keeper.h"
#include "ledger-node/archive/restore.h"
#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::node {

// One supervisory node.
struct ArchiveNode {
  KeyId kid;
  std::unique_ptr<chain::PublicChain> chain;
  std::unique_ptr<ArchiveKeeper> keeper;
};

class ArchiveTest : public chain::CutTest {
 protected:
  std::vector<ArchiveNode> nodes;  // as the supervisors: the first is the primary

  // Two days of blocks and the cut of them, final and not dropped, on each node's chain.
  void cut_on_all() {
    two_days();
    const auto p = plan();
    ASSERT_FALSE(p.empty());
    range = {p.first, p.last};
    grow(maker.cut_block(claim(p.first, p.last)));
    for (std::size_t i = 0; i < 3; ++i) add_node(i);
  }
  void add_node(std::size_t i) {
    ArchiveNode n;
    n.kid = c.supervisors[i].kid();
    n.chain =
        std::make_unique<chain::PublicChain>(open_chain("chain-" + std::to_string(i) + ".db"));
    for (const auto& b : blocks) ASSERT_TRUE(n.chain->append(b, c.clock.now()));
    for (const auto& v : maker.votes()) ASSERT_TRUE(n.chain->add_vote(v));
    auto files = ArchiveFolder::open(folder / ("archive-" + std::to_string(i)));
    ASSERT_TRUE(files);
    n.keeper = std::make_unique<ArchiveKeeper>(*n.chain, *std::move(files), n.kid);
    nodes.push_back(std::move(n));
  }
  chain::CutEntry cut() const { return **chain::cut_of(*nodes[0].chain, range.first); }
  bool may_drop(ArchiveNode& n) { return n.keeper->may_drop(cut(), c.clock.now()); }
  void drop(ArchiveNode& n) {
    while (*n.chain->drop_bodies(100) > 0) {
    }
  }
  // Indexes of the two holders and of the third.
  std::array<std::size_t, 3> roles() const {
    const auto holders = archive_holders(*nodes[0].chain);
    std::array<std::size_t, 3> out{};
    for (std::size_t i = 0; i < 3; ++i) {
      if (nodes[i].kid == holders.at(0)) out[0] = i;
      else if (nodes[i].kid == holders.at(1)) out[1] = i;
      else out[2] = i;
    }
    return out;
  }
  // What a lying holder makes of a page that it gives.
  using Lie =
      std::function<void(const KeyId& of, ArchivePart part, std::uint64_t from, Bytes& page)>;
  // What the callee answers; `altered` flips a bit of a page of blocks.
  Reply answer(const Outgoing& call) {
    Call made{call.method, call.path, call.body, ""};
    for (auto& n : nodes) {
      if (n.kid != call.to) continue;
      const auto route = *parse_route(call.path);
      auto reply = n.keeper->peer(route, made, *n.chain->member(n.kid), c.clock.now());
      if (altered && route.parts.size() == 4 && !route.text("part") && reply->body.size() > 100)
        reply->body[reply->body.size() / 2] ^= 1;
      if (lie && route.parts.size() == 4) {
        auto list = *decode_list(reply->body, 1);
        lie(n.kid, route.text("part") ? ArchivePart::kDisclosures : ArchivePart::kBlocks,
            route.number("from").value_or(0), list.at(0));
        reply->body = encode_list(list);
      }
      return *reply;
    }
    return {0, "", {}, fail(Errc::kUnavailable, "nobody there")};
  }
  void run(ArchiveNode& n, unsigned seconds) {
    for (unsigned i = 0; i < seconds * 2; ++i) {
      for (auto& call : n.keeper->tick(c.clock.now())) call.done(answer(call));
      c.clock.advance(Millis{500});
    }
  }
  std::filesystem::path file_of(const ArchiveNode& n) const {
    return n.keeper->folder().path(range, ArchivePart::kBlocks);
  }

  BlockRange range;
  bool altered = false;
  Lie lie;
};

}  // namespace lotmark::node
