#include "bench/sizes/catch_up.h"

#include <fstream>

#include "bench/measured.h"
#include "bench/sizes/made.h"
#include "ledger-node/node_core.h"

namespace lotmark::bench {

namespace {

Result<std::unique_ptr<node::NodeCore>> open(const test::Consortium& c, const test::Party& party,
                                             ByteView scalar, const std::filesystem::path& folder) {
  node::NodeConfig config;
  config.name = party.name;
  config.organisation = party.organisation;
  config.anchor = folder / "anchor.cbor";
  config.data_dir = folder / party.name;
  config.primary = c.supervisors[0].kid();
  LM_ASSIGN(auto signer, signer_openssl(scalar));
  return node::NodeCore::open(config, std::move(signer));
}

}  // namespace

Result<CaughtUp> catch_up(const test::Consortium& c, const std::filesystem::path& folder,
                          std::uint64_t blocks) {
  std::ofstream(folder / "anchor.cbor", std::ios::binary)
      .write(reinterpret_cast<const char*>(c.anchor.data()),
             static_cast<std::streamsize>(c.anchor.size()));
  LM_ASSIGN(auto there, open(c, c.supervisors[0],
                             test::party_scalar(test::Consortium::supervisor_scalar(0)), folder));
  LM_ASSIGN(auto fresh, open(c, c.east, test::party_scalar(3), folder));
  CaughtUp out;
  out.before_mib = resident_mib();
  Time now = c.clock.now();
  const double begin = seconds_now();
  const auto wal = folder / c.east.name / "chain.db-wal";
  double said = begin;
  while (fresh->chain().size() < blocks || fresh->chain().final_size() < blocks) {
    now += Millis{50};
    for (const auto& call : fresh->tick(now)) {
      node::Reply reply;
      reply.status = 503;
      reply.error = fail(Errc::kUnavailable, "nobody there");
      if (call.to == there->kid()) {
        node::Call made{call.method, call.path, call.body, {}};
        LM_ASSIGN(made.authorization, fresh->authorize(call.to, made, now));
        reply = there->peer(made, now);
      }
      fresh->complete(call, reply);
    }
    std::error_code ec;
    const auto size = std::filesystem::file_size(wal, ec);
    if (!ec) out.wal_mib = std::max(out.wal_mib, static_cast<double>(size) / 1048576);
    if (seconds_now() < said + 30) continue;
    said = seconds_now();
    std::fprintf(stderr, "  %lu of %lu blocks\n", fresh->chain().size(), blocks);
  }
  out.seconds = seconds_now() - begin;
  out.peak_mib = peak_mib();
  return out;
}

}  // namespace lotmark::bench
