// One unit of a lot in one call: a real chain.db, private.db and marks.db, and the API over them.
#pragma once

#include "api/service.h"
#include "core/crypto/sha256.h"
#include "ledger-node/chain/private/lot_serials.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/marks/mark_store.h"
#include "tests/unit/api/written_chain.h"

namespace lotmark::api::test {

using lotmark::test::Consortium;
using lotmark::test::eventually;
using lotmark::test::must;

inline http::Headers from_network(int network) {
  return {{"X-Lotmark-Client-Address", "198.51." + std::to_string(network) + ".7"}};
}

class Units : public WrittenChain {
 protected:
  Units() {
    keep_serials("A-1", 5000);
    add(maker.lot_block(application("A-1", items("A-1"))));
    add(maker.lot_block(application("A-2", std::nullopt), "CN-2026-0002"));
    add(maker.lot_block(application("A-3", Checkpoint{3, Digest{{9}}}), "CN-2026-0003"));
    keep_serials("A-4", 10);
    add(maker.lot_block(application("A-4", Checkpoint{10, Digest{{9}}}), "CN-2026-0004"));
    vote();
  }

  static Digest start_of(const std::string& lot) { return sha256(as_bytes("start of " + lot)); }

  // Serials S0, S1, ... of a lot of the enterprise.
  void keep_serials(const std::string& lot, std::size_t count) {
    const Digest start = start_of(lot);
    auto q = private_db.prepare(
        "INSERT INTO batch(start, opening, opening_id, programme, line, gtin, lot, state, made) "
        "VALUES(?, x'', x'', 'p', x'', ?, ?, 'open', 1)");
    ASSERT_TRUE(q);
    ASSERT_TRUE(q->bind(1, start).bind(2, Consortium::gtin().text).bind(3, lot).step());
    const chain::LotSerials serials(private_db);
    for (std::size_t at = 0; at < count;) {
      std::vector<std::string> page;
      for (; at < count && page.size() < chain::LotSerials::kSentMax; ++at)
        page.push_back("S" + std::to_string(at));
      ASSERT_TRUE(serials.take(start, (at - 1) / chain::LotSerials::kSentMax, page));
    }
    const auto standing = serials.standing(start);
    ASSERT_TRUE(standing);
    for (auto state = standing->state; state != chain::SerialsState::kSealed;) {
      const auto sealed = serials.seal(start, count, standing->through);
      ASSERT_TRUE(sealed) << sealed.error().message();
      state = sealed->state;
    }
  }
  Checkpoint items(const std::string& lot) {
    const auto standing = chain::LotSerials(private_db).standing(start_of(lot));
    EXPECT_TRUE(standing && standing->items);
    return {standing->items->count, standing->items->root};
  }
  Bytes application(const std::string& lot, std::optional<Checkpoint> items) {
    Application a = c.application(lot);
    a.start = start_of(lot);
    a.opening = sha256(as_bytes(lot));
    a.items = items;
    return seal(a, *c.enterprise.signer, c.chain)->bytes;
  }
  // The report's id.
  Digest report(UsageKind kind, const std::string& serial) {
    const Usage u{Consortium::gtin(), {"A-1"}, kind, {serial}, 1, 1767600000000};
    const auto sealed = seal(u, *c.west.signer, c.chain);
    add(maker.period_block({}, {}, {sealed->bytes}));
    return sealed->id;
  }
  Signed<Mark> mark(UsageKind kind, const std::string& serial, std::uint8_t nonce) {
    Mark m{Consortium::gtin(), {"A-1"}, kind, serial, 1, 1767600001000, Nonce{{nonce}}};
    auto opened = open<Mark>(seal(m, *c.examiner_west.signer, c.chain)->bytes, c.chain);
    EXPECT_TRUE(opened);
    return *std::move(opened);
  }

  void serve(const std::string& more = "") {
    service.reset();
    const auto file = dir.write("api.toml",
                                "[api]\nport = 0\nchain_db = \"chain.db\"\nanchor = \"anchor\"\n"
                                "origin = \"https://lot.example\"\nrefresh_ms = 20\n"
                                "[units]\nprivate_dbs = [\"private.db\"]\nmarks_db = \"marks.db\"\n"
                                "[access]\norganisation = \"yunhe\"\nproxies = [\"127.0.0.1\"]\n"
                                "nameless_per_minute = 1000000\n" +
                                    more);
    const auto config = read_api_config(file);
    ASSERT_TRUE(config) << config.error().text;
    auto started = Service::start(*config, c.clock);
    ASSERT_TRUE(started) << started.error().message();
    service = *std::move(started);
    client.emplace(*http::Client::make({.base_url = service->url()}));
  }
  http::Response get(const std::string& target, const http::Headers& headers = {},
                     std::string_view method = "GET") {
    auto r = client->send(method, target, headers);
    EXPECT_TRUE(r) << target;
    return r ? *r : http::Response{};
  }
  nlohmann::json json_of(const http::Response& r) {
    return nlohmann::json::parse(as_text(r.body), nullptr, false);
  }
  static std::string target(const std::string& lot, const std::string& serial) {
    return "/v1/verify?gtin=06901234567892&lot=" + lot + "&serial=" + serial;
  }
  nlohmann::json verify(const std::string& lot, const std::string& serial,
                        const http::Headers& headers = {}) {
    return json_of(get(target(lot, serial), headers));
  }

  store::Database private_db = must(chain::open_private(dir.path() / "private.db"));
  std::unique_ptr<node::MarkStore> marks = must(node::MarkStore::open(dir.path() / "marks.db"));
  std::unique_ptr<Service> service;
  std::optional<http::Client> client;
};

}  // namespace lotmark::api::test
