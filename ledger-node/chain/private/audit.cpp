#include "ledger-node/chain/private/audit.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "ledger-node/chain/private/audit_files.h"
#include "ledger-node/chain/private/audit_plan.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

namespace fs = std::filesystem;

// The chain's id. corrupt if the file's first block is not the one that the anchor names.
Result<Digest> check_anchor(const AuditFile& file, const store::Database& db, ByteView anchor) {
  LM_ASSIGN(auto parsed, read_anchor(anchor));
  LM_ASSIGN(auto genesis, open_genesis(parsed.genesis.bytes));
  LM_ASSIGN(auto q, db.prepare("SELECT bytes FROM block WHERE number = 0"));
  LM_ASSIGN(bool row, q.step());
  auto stored = row ? open_genesis(q.blob(0)) : Result<Signed<Block>>(Errc::kNotFound);
  if (!stored || stored->id == genesis.id) return genesis.id;  // PublicChain says what is wrong
  return fail(Errc::kCorrupt,
              fmt::format("{} is not of this anchor: its chain is {}, the anchor's "
                          "is {}",
                          file.file().string(), short_hex(stored->id), short_hex(genesis.id)));
}

// The files of one look at them.
struct AuditFiles {
  AuditFile chain;
  std::vector<AuditFile> privates;

  static Result<AuditFiles> open(const AuditOptions& options) {
    LM_ASSIGN(auto chain, AuditFile::open(options.chain_db));
    std::vector<AuditFile> privates;
    for (const auto& file : options.private_dbs) {
      LM_ASSIGN(auto opened, AuditFile::open(file));
      privates.push_back(std::move(opened));
    }
    return AuditFiles{std::move(chain), std::move(privates)};
  }
  bool held_still() const {
    return chain.held_still() &&
           std::ranges::all_of(privates, [](const auto& f) { return f.held_still(); });
  }
  bool follows() const {
    return chain.follows() ||
           std::ranges::any_of(privates, [](const auto& f) { return f.follows(); });
  }
};

// A book that nobody asked to keep: it goes with the last who reads it.
struct TemporaryBook {
  fs::path folder;
  ~TemporaryBook() {
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }
};

Result<fs::path> make_folder() {
  std::error_code e;
  std::string name = (fs::temp_directory_path(e) / "lotmark-audit-XXXXXX").string();
  if (e || ::mkdtemp(name.data()) == nullptr)
    return fail(Errc::kIo, "cannot make a folder for the audit's notes: " + name);
  return fs::path(name);
}

// What two runs must have in common for one to go on where the other ended.
std::string subject_of(const AuditOptions& o) {
  std::string out = "6 " + to_hex(ByteView(sha256(o.anchor).view()));
  std::error_code e;
  out +=
      fmt::format(" lot={} gtin={} enterprise={}", o.scope.lot, o.scope.gtin, o.scope.enterprise);
  out += " chain=" + fs::absolute(o.chain_db, e).string();
  for (const auto& f : o.private_dbs) out += " private=" + fs::absolute(f, e).string();
  if (o.self) out += " self=" + to_hex(*o.self);
  for (const auto& k : o.opening_keys) out += " opening=" + to_hex(k->kid());
  if (o.own_keys) out += " own";
  return out;
}

struct OpenBook {
  std::shared_ptr<AuditBook> book;
  bool resumed = false;
};

Result<OpenBook> open_book(const AuditOptions& o, bool resume) {
  if (o.state.empty()) {
    LM_ASSIGN(auto folder, make_folder());
    auto keeper = std::make_shared<TemporaryBook>();
    keeper->folder = folder;
    LM_ASSIGN(auto book, AuditBook::open(folder / "book.db", false));
    book.set("subject", subject_of(o));
    auto* held = new AuditBook(std::move(book));
    return OpenBook{std::shared_ptr<AuditBook>(held, [keeper](AuditBook* b) { delete b; }), false};
  }
  const bool there = fs::exists(o.state);
  LM_ASSIGN(auto book, AuditBook::open(o.state, resume && there));
  const std::string before = book.get("subject");
  if (!before.empty() && before != subject_of(o)) {
    return fail(Errc::kConflict, o.state.string() +
                                     " is of another audit (other files, anchor or scope): name "
                                     "another --state, or begin anew without --resume");
  }
  book.set("subject", subject_of(o));
  LM_TRY(book.fine());
  return OpenBook{std::make_shared<AuditBook>(std::move(book)), !before.empty()};
}

// Faults of the chain's file; nothing if its tables cannot be read, with the faults in the book.
Result<std::optional<PublicChain>> open_chain(const AuditFile& file, const AuditOptions& o,
                                              AuditBook& book, bool& sound) {
  AuditReport found;
  LM_ASSIGN(auto db, look_into(file));
  LM_ASSIGN(auto model, store::Database::open(":memory:"));
  LM_TRY(migrate_chain(model));
  LM_ASSIGN(const bool readable, check_schema(db, model, "chain ", found));
  std::optional<PublicChain> out;
  sound = true;
  if (readable) {
    LM_ASSIGN(const auto id, check_anchor(file, db, o.anchor));
    LM_TRY(read_votes(db, id, found));
    auto chain = PublicChain::open(file.place(), o.anchor, true);
    if (!chain) {
      sound = false;
      add_fault(found, {"chain",
                        {},
                        {},
                        {},
                        {},
                        chain.code(),
                        "cannot be opened: " + chain.error().message(),
                        {}});
      chain = PublicChain::replay(db, o.anchor);  // as far as its blocks follow
    }
    if (chain) out = *std::move(chain);
  }
  LM_TRY(book.transaction([&] { book.add_unit(0, AuditStage::kFiles, {}, found); }));
  return out;
}

// Whether a private file is what a node makes; faults to the book.
Result<bool> check_private(const AuditFile& file, int number, AuditBook& book) {
  AuditReport found;
  LM_ASSIGN(auto model, open_private(":memory:"));
  LM_ASSIGN(auto db, look_into(file));
  LM_ASSIGN(const bool readable, check_schema(db, model, "", found));
  LM_TRY(book.transaction([&] { book.add_unit(number, AuditStage::kFiles, {}, found); }));
  return readable;
}

Result<AuditDone> audit_files(AuditFiles& files, const AuditOptions& o, bool resume,
                              const AuditProgress& progress) {
  LM_ASSIGN(auto opened, open_book(o, resume));
  AuditDone done;
  done.book = opened.book;
  done.resumed = opened.resumed;
  AuditBook& book = *opened.book;
  bool sound = true;
  LM_ASSIGN(auto chain, open_chain(files.chain, o, book, sound));
  std::vector<bool> readable;
  for (std::size_t i = 0; i < files.privates.size(); ++i) {
    LM_ASSIGN(const bool fine, check_private(files.privates[i], static_cast<int>(i) + 1, book));
    readable.push_back(fine);
  }
  if (chain) {
    LM_ASSIGN(auto plan,
              AuditPlan::open(files.chain, *std::move(chain), sound, o, done.book, progress));
    LM_TRY(plan.audit_chain());
    for (std::size_t i = 0; i < files.privates.size(); ++i) {
      done.nodes.emplace_back();
      if (!readable[i]) continue;
      LM_ASSIGN(done.nodes.back(), plan.audit_private(files.privates[i], static_cast<int>(i) + 1));
    }
    LM_TRY(plan.audit_across());
    LM_ASSIGN(done.sheet, plan.sheet());
  }
  LM_TRY(book.fine());
  done.report = book.report();
  for (const auto& node : done.nodes) {
    if (!node.empty()) done.report.node += (done.report.node.empty() ? "" : ", ") + node;
  }
  return done;
}

}  // namespace

Result<store::Database> look_into(const AuditFile& file) {
  LM_ASSIGN(auto db, store::Database::open(file.place(), {.read_only = true}));
  LM_TRY(db.exec("BEGIN; SELECT count(*) FROM sqlite_master"));
  return db;
}

Result<AuditDone> audit(const AuditOptions& options, const AuditProgress& progress) {
  LM_TRY(read_anchor(options.anchor));
  bool ended = false;
  const AuditProgress tell = [&](std::string_view what, std::uint64_t n, std::uint64_t total) {
    ended = progress && !progress(what, n, total);
    return !ended;
  };
  for (int attempt = 0;; ++attempt) {
    LM_ASSIGN(auto files, AuditFiles::open(options));
    auto done = audit_files(files, options, options.resume && attempt == 0, tell);
    if (ended) return done;
    const bool still = files.held_still();
    // A block that came between the two looks is no fault: what a second look says too, is one.
    if (files.follows() && attempt == 0 && done && !done->report.ok()) continue;
    if (done) done->files = std::make_shared<AuditFiles>(std::move(files));
    if (still) return done;
    if (attempt == 2) {  // a node that was started is followed at the next attempt
      return fail(Errc::kNotReady,
                  "the files are written to while they are read; audit them while "
                  "the node runs, or copies");
    }
  }
}

Result<AuditReport> audit(const fs::path& private_db, const fs::path& chain_db, ByteView anchor,
                          const AuditProgress& progress) {
  AuditOptions options;
  options.private_dbs = {private_db};
  options.chain_db = chain_db;
  options.anchor = to_bytes(anchor);
  LM_ASSIGN(auto done, audit(options, progress));
  return std::move(done.report);
}

}  // namespace lotmark::chain
