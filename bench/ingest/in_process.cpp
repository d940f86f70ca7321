#include <chrono>

#include "bench/ingest/runs.h"
#include "core/crypto/key_file.h"
#include "ledger-node/intake/intake_log.h"

namespace lotmark::bench {

Result<Run> run_in_process(const Prepared& p, const std::filesystem::path& folder,
                           std::size_t group) {
  LM_ASSIGN(auto keeper, signer_openssl(new_scalar().view()));
  std::map<KeyId, chain::Enrolled> enrolled;
  for (const auto& d : p.devices) {
    enrolled[d.signer->kid()] = {d.signer->public_key(),
                                 d.signer->kid(),
                                 EnrolmentKind::kDevice,
                                 d.name,
                                 p.organisation,
                                 {},
                                 0};
  }
  LM_ASSIGN(auto log,
            node::IntakeLog::open(folder / "private.db", *keeper, p.chain, {p.organisation, 3600}));
  log->update(enrolled, std::nullopt);
  std::vector<std::vector<bus::Message>> groups;
  for (std::size_t i = 0; i < p.bundles.size(); ++i) {
    if (i % group == 0) groups.emplace_back();
    groups.back().push_back(p.bundles[i].message);
  }
  const SystemClock clock;
  const auto start = std::chrono::steady_clock::now();
  const double before = cpu_seconds();
  for (const auto& g : groups) LM_TRY(log->take(g, clock.now()));
  Run run{cpu_seconds() - before,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
  if (log->size() != p.bundles.size()) return fail(Errc::kInternal, "not every bundle was taken");
  return run;
}

}  // namespace lotmark::bench
