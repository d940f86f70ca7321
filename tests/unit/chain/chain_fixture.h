// A node's public chain in a folder of its own, and a maker of blocks to feed it.
#pragma once

#include <gtest/gtest.h>

#include "ledger-node/chain/public/public_chain.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::chain {

class ChainTest : public testing::Test {
 protected:
  test::Consortium c{{.agency = true}};
  test::BlockMaker maker{c};
  test::TempFolder folder;
  PublicChain chain = open_chain();

  PublicChain open_chain() {
    auto opened = PublicChain::open(folder / "chain.db", c.anchor);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  Errc append(ByteView block) { return chain.append(block, c.clock.now()).code(); }
  Errc adopt(const std::vector<Bytes>& blocks,
             PublicChain::Adopt why = PublicChain::Adopt::kHigherTerm) {
    return chain.adopt(blocks, c.clock.now(), why).code();
  }
  // An application as the enterprise signs it, with a release around it to come.
  Bytes application(std::string lot = "A-1", std::optional<Digest> supersedes = {}) {
    Application a = c.application(std::move(lot));
    a.start = Digest{{1}};
    a.opening = Digest{{2}};
    a.supersedes = supersedes;
    return seal(a, *c.enterprise.signer, c.chain)->bytes;
  }
  void vote_all() {
    for (const auto& v : maker.votes()) ASSERT_TRUE(chain.add_vote(v));
  }
};

}  // namespace lotmark::chain
