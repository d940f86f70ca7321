// A lot's serials from the first page to sealed, and proofs out of them, beside the tree over the same entries in memory.
#include <fmt/core.h>
#include <sys/resource.h>

#include "bench/measured.h"
#include "bench/scale.h"
#include "core/base/hex.h"
#include "core/base/random.h"
#include "ledger-node/chain/private/lot_serials.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/private/serial_page.h"

namespace lotmark::bench {

namespace {

using chain::LotSerials;

constexpr std::uint64_t kFinds = 1000;

double memory_peak_mb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Twelve characters, in no order: as a serialisation system draws them.
std::string serial_no(std::uint64_t n) {
  std::string out;
  std::uint64_t x = (n + 1) * 0x9e3779b97f4a7c15u;
  x ^= x >> 29;
  for (int i = 0; i < 12; ++i, x /= 32) out += "0123456789ABCDEFGHJKLMNPQRSTVWXY"[x % 32];
  return out;
}

struct Lot {
  Gtin gtin{"09506000134352"};
  LotNumber number;
  Digest start;
};

Status add_batch(const store::Database& db, const Lot& lot) {
  LM_ASSIGN(auto q,
            db.prepare("INSERT INTO batch(start, opening, opening_id, programme, line, "
                       "gtin, lot, state, made) VALUES(?, x'', ?, '', x'', ?, ?, 'open', 0)"));
  return q.bind(1, lot.start)
      .bind(2, lot.start)
      .bind(3, lot.gtin.text)
      .bind(4, lot.number.text)
      .run();
}

Result<Digest> send(const LotSerials& serials, const Lot& lot, std::uint64_t count) {
  Digest through;
  std::vector<std::string> page;
  for (std::uint64_t i = 0; i < count; ++i) {
    page.push_back(serial_no(i));
    if (page.size() < LotSerials::kSentMax && i + 1 < count) continue;
    through = chain::sent_through(through, page);
    LM_TRY(serials.take(lot.start, i / LotSerials::kSentMax, page));
    page.clear();
  }
  return through;
}

// Seconds of the longest portion: so long the node's lock is held.
Result<double> seal(const LotSerials& serials, const Lot& lot, std::uint64_t count,
                    const Digest& through) {
  double longest = 0;
  while (true) {
    const double begin = seconds_now();
    LM_ASSIGN(const auto now, serials.seal(lot.start, count, through));
    longest = std::max(longest, seconds_now() - begin);
    if (now.state == chain::SerialsState::kSealed) return longest;
  }
}

// The least that must be done: every entry made, all sorted, the tree over them.
double in_memory(std::uint64_t count) {
  const auto salt = random_fixed<proof::LotSalt>();
  const double begin = seconds_now();
  std::vector<Bytes> entries;
  for (std::uint64_t i = 0; i < count; ++i)
    entries.push_back(proof::serial_entry(salt, serial_no(i)));
  std::sort(entries.begin(), entries.end());
  merkle::CompactRange tree;
  for (const auto& e : entries) tree.append(merkle::leaf_hash(e));
  LM_ASSERT(tree.size() == count && tree.root() != Digest{});
  return seconds_now() - begin;
}

Result<double> find(const std::filesystem::path& file, const Lot& lot, std::uint64_t count) {
  LM_ASSIGN(const auto proofs, chain::ItemProofs::open(file));
  const double begin = seconds_now();
  for (std::uint64_t i = 0; i < kFinds; ++i) {
    const std::string serial = serial_no(i * 7919 % count);
    LM_ASSIGN(const auto at, proofs.find(lot.gtin, lot.number, serial));
    LM_ASSERT(at.has_value());
  }
  return (seconds_now() - begin) / kFinds;
}

Status measure(const std::filesystem::path& file, std::uint64_t count) {
  const Lot lot{{"09506000134352"}, {"L" + std::to_string(count)}, random_fixed<Digest>()};
  const double before = memory_peak_mb();
  double sent = 0, sealed = 0, longest = 0;
  {
    LM_ASSIGN(const auto db, chain::open_private(file));
    LM_TRY(add_batch(db, lot));
    const LotSerials serials(db);
    const double begin = seconds_now();
    LM_ASSIGN(const Digest through, send(serials, lot, count));
    sent = seconds_now() - begin;
    LM_ASSIGN(longest, seal(serials, lot, count, through));
    sealed = seconds_now() - begin - sent;
    LM_ASSIGN(auto bytes, db.prepare("SELECT sum(length(entries)) FROM lot_serials"));
    LM_TRY(bytes.step());
    fmt::print("{} serials\n  sent in {:.2f} s, sealed in {:.2f} s, longest portion {:.0f} ms\n",
               count, sent, sealed, longest * 1000);
    fmt::print("  {:.1f} bytes a serial in their pages; memory {:.0f} MB more than before\n",
               static_cast<double>(bytes.u64(0)) / static_cast<double>(count),
               memory_peak_mb() - before);
    bytes.reset();
    LM_TRY(db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  LM_ASSIGN(const double found, find(file, lot, count));
  fmt::print("  a proof in {:.2f} ms\n", found * 1000);
  const double least = in_memory(count);
  fmt::print("items ratio={:.2f} value={:.0f} unit=serials/s yardstick={:.0f}\n",
             least / (sent + sealed), static_cast<double>(count) / (sent + sealed),
             static_cast<double>(count) / least);
  return {};
}

int run(int argc, char** argv) {
  CLI::App app{
      "A lot's serials at a thousand to a million, sealed and proved, beside the tree in memory."};
  Scale scale{.most = 1'000'000};
  add_scale(app, scale, "--serials-max");
  CLI11_PARSE(app, argc, argv);
  Status done;
  for (const std::uint64_t count : {1'000u, 100'000u, 1'000'000u, 10'000'000u}) {
    if (!done || count > scale.most) break;
    const auto own = scale.folder / ("lotmark-bench-items-" + to_hex(random_fixed<Nonce>()));
    std::filesystem::create_directories(own);
    done = in_process([&] { return measure(own / "private.db", count); });
    std::filesystem::remove_all(own);
  }
  if (!done) fmt::print(stderr, "{}\n", done.error().message());
  return done ? 0 : 1;
}

}  // namespace

}  // namespace lotmark::bench

int main(int argc, char** argv) { return lotmark::bench::run(argc, argv); }
