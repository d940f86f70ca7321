// What a node gives to those who begin behind a cut (docs/operate/peer.md).
#include "core/wire/cbor_writer.h"
#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/join/joiner.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kPage = 1024 * 1024;
constexpr std::size_t kCutsMax = 100'000;

// The newest final cut whose state is here.
Result<chain::CutEntry> newest_cut(const chain::PublicChain& chain, std::vector<Bytes>* heads) {
  LM_ASSIGN(const auto all, chain::cuts(chain, 0, kCutsMax));
  std::optional<chain::CutEntry> newest;
  for (const auto& cut : all) {
    if (!chain.is_final(cut.block) || cut.last >= chain.dropped_end()) break;
    newest = cut;
    if (heads != nullptr) heads->push_back(cut.head);
  }
  if (!newest) return fail(Errc::kNotFound, "nothing was cut and dropped here");
  return *std::move(newest);
}

Result<Reply> serve_cuts(const chain::PublicChain& chain) {
  std::vector<Bytes> list(1);
  LM_ASSIGN(const auto cut, newest_cut(chain, &list));
  LM_ASSIGN(const auto block, chain.block(cut.block));
  LM_ASSIGN(const auto votes, chain.votes_on(cut.block));
  LM_ASSIGN(list.front(), with_votes(block, votes));
  return reply_cbor(encode_list(list));
}

Result<Reply> serve_state(const chain::PublicChain& chain, const Route& route) {
  LM_ASSIGN(const auto cut, newest_cut(chain, nullptr));
  if (route.number("cut") != cut.block)
    return fail(Errc::kNotFound, "block " + std::to_string(cut.block) + " is the newest cut");
  LM_ASSIGN(const auto state, chain::state_of(chain, cut.block));
  const auto from = std::min<std::uint64_t>(route.number("from").value_or(0), state.size());
  const ByteView rest = ByteView(state).subspan(static_cast<std::size_t>(from));
  return reply_cbor(encode_list({to_bytes(rest.first(std::min(rest.size(), kPage)))}));
}

Result<Reply> serve_leaves(const chain::PublicChain& chain, const Route& route) {
  const std::uint64_t from = route.number("from").value_or(0);
  const std::uint64_t end = std::min<std::uint64_t>(chain.size(), from + kPage / 32);
  Bytes page;
  for (std::uint64_t n = from; n < end; ++n) {
    LM_ASSIGN(const Digest leaf, chain.leaf(n));
    page.insert(page.end(), leaf.bytes.begin(), leaf.bytes.end());
  }
  return reply_cbor(encode_list({std::move(page)}));
}

Result<Reply> serve_kept(const chain::PublicChain& chain, const Route& route) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT bytes FROM block WHERE number >= ? AND number <= ? AND kind NOT IN "
                        "(0, 2) ORDER BY number"));
  q.bind(1, std::max<std::uint64_t>(route.number("from").value_or(1), 1));
  q.bind(2, route.number("to").value_or(0));
  std::vector<Bytes> list;
  std::size_t bytes = 0;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row || (!list.empty() && bytes + q.blob(0).size() > kPage)) break;
    bytes += q.blob(0).size();
    list.push_back(to_bytes(q.blob(0)));
  }
  return reply_cbor(encode_list(list));
}

Result<Reply> serve_tombstones(const chain::PublicChain& chain, const Route& route) {
  LM_ASSIGN(const auto cut, chain::cut_of(chain, route.number("first").value_or(0)));
  if (!cut) return fail(Errc::kNotFound, "no such cut");
  LM_ASSIGN(const auto all, chain::tombstones_of(chain, cut->block));
  Bytes page;
  for (std::size_t i = route.number("from").value_or(0); i < all.size() && page.size() < kPage;
       ++i) {
    const Bytes entry = cbor_bytes([&](CborWriter& w) { w.bytes(encode(all[i])); });
    page.insert(page.end(), entry.begin(), entry.end());
  }
  return reply_cbor(encode_list({std::move(page)}));
}

}  // namespace

std::optional<Reply> Joiner::peer(const Route& route, const Call& call, const Member& /*from*/,
                                  Time /*now*/) {
  if (call.method != "GET" || route.parts.size() != 3) return std::nullopt;
  const std::string& what = route.parts[2];
  Result<Reply> reply = Errc::kNotFound;
  if (what == "cuts") reply = serve_cuts(chain_);
  else if (what == "state") reply = serve_state(chain_, route);
  else if (what == "leaves") reply = serve_leaves(chain_, route);
  else if (what == "kept") reply = serve_kept(chain_, route);
  else if (what == "tombstones") reply = serve_tombstones(chain_, route);
  else return std::nullopt;
  return reply ? *std::move(reply) : reply_error(reply.error());
}

}  // namespace lotmark::node
