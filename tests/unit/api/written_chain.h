// A folder with anchor and chain.db, which a node goes on writing while the API reads it.
#pragma once

#include <gtest/gtest.h>

#include "ledger-node/chain/public/public_chain.h"
#include "tests/eventually.h"
#include "tests/must.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/api/api_fixture.h"

namespace lotmark::api::test {

class WrittenChain : public ::testing::Test {
 protected:
  WrittenChain() { dir.write("anchor", as_text(c.anchor)); }
  void add(const Bytes& block) { lotmark::test::must(node.append(block, c.clock.now())); }
  // Of everybody, on all there is.
  void vote() {
    for (const auto& v : maker.votes()) ASSERT_TRUE(node.add_vote(v));
  }

  TempDir dir;
  lotmark::test::Consortium c{{.agency = true}};
  lotmark::test::BlockMaker maker{c};
  chain::PublicChain node =
      lotmark::test::must(chain::PublicChain::open(dir.path() / "chain.db", c.anchor));
};

}  // namespace lotmark::api::test
