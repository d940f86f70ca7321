#include "ledger-node/order/period_pool.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/events.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kListMax = 1024;  // of one list of a period body

// Lists of a period body, as they stand in period_object.enrolment, and the doors to them.
enum List { kEvents = 0, kEnrolments = 1, kTransactions = 2 };
constexpr std::string_view kDoors[] = {"events", "enrolments", "transactions"};

std::optional<List> list_of(std::optional<std::string_view> door) {
  for (const List list : {kEvents, kEnrolments, kTransactions}) {
    if (door == kDoors[list]) return list;
  }
  return std::nullopt;
}

// A list of a body that grows object by object, as long as the whole still passes the chain's check.
class Growing {
 public:
  Growing(const chain::PublicChain& chain, List list) : chain_(chain), list_(list) {}

  bool add(const Digest& id, const Bytes& object) {
    const auto label = peek(object);
    if (!label || sorted_.size() >= kListMax) return false;
    if (!fits(object)) return false;
    sorted_[{label->kid, id}] = &object;
    return true;
  }
  std::vector<ObjectBytes> list() const {
    std::vector<ObjectBytes> out;
    for (const auto& [place, object] : sorted_) out.push_back({*object});
    return out;
  }

 private:
  bool fits(const Bytes& object) {
    const Membership& judge = chain_.statements().newest();
    if (list_ == kEvents) return bool(chain::check_event({chain_, judge, said_}, object));
    if (list_ == kTransactions) return bool(chain::check_period_transaction(chain_, object, judge));
    const auto e = lotmark::open<Enrolment>(object, chain_.chain_id());
    return e && keys_.insert(key_id(e->body.public_key)).second &&
           names_.emplace(e->body.organisation, e->body.name).second;
  }

  const chain::PublicChain& chain_;
  List list_;
  std::map<std::pair<KeyId, Digest>, const Bytes*> sorted_;
  std::set<Digest> said_;
  std::set<KeyId> keys_;
  std::set<std::pair<std::string, std::string>> names_;
};

}  // namespace

bool PeriodPool::has_door(std::string_view door) { return list_of(door).has_value(); }

Status PeriodPool::take(ByteView object) {
  if (object.size() > kObjectMax)
    return fail(Errc::kTooLarge, "an object of a period block is of 24 KiB at most");
  const auto label = peek(object);
  const auto list = list_of(chain::door_of(object));
  if (!label || !list)
    return fail(Errc::kDenied, "neither an enrolment nor an event nor a transaction");
  LM_ASSIGN(const Digest id, id_of(object));
  LM_ASSIGN(auto have, db_->prepare("SELECT 1 FROM period_object WHERE id = ?"));
  LM_ASSIGN(bool waits, have.bind(1, id).step());
  if (waits) return {};
  LM_ASSIGN(auto on_chain, chain_->block_of(id));
  if (on_chain) return fail(Errc::kListDuplicate, "in block " + std::to_string(*on_chain));
  LM_TRY(chain::check_submission(*chain_, object));
  LM_ASSIGN(auto count, db_->prepare("SELECT count(*), (SELECT count(*) FROM period_object) FROM "
                                     "period_object WHERE kid = ?"));
  LM_ASSIGN(bool row, count.bind(1, label->kid).step());
  if (row && (count.u64(0) >= kOfOneSigner || count.u64(1) >= kAll))
    return fail(Errc::kTooLarge, "too many objects of that signer wait for a period block");
  count.reset();
  LM_ASSIGN(auto q, db_->prepare("INSERT INTO period_object(id, kid, enrolment, object) "
                                 "VALUES(?, ?, ?, ?)"));
  q.bind(1, id).bind(2, label->kid).bind(3, static_cast<int>(*list)).bind(4, object);
  return q.run();
}

Result<std::vector<PeriodPool::Waiting>> PeriodPool::waiting() const {
  LM_ASSIGN(auto q,
            db_->prepare("SELECT n, id, enrolment, object FROM period_object ORDER BY enrolment != "
                         "?, n LIMIT ?"));
  q.bind(1, static_cast<int>(kTransactions)).bind(2, kAll);
  std::vector<Waiting> list;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return list;
    LM_ASSIGN(auto id, q.fixed<Digest>(1));
    if (q.u64(2) >= std::size(kDoors))
      return fail(Errc::kCorrupt, "order.db: no list of that number");
    list.push_back({q.u64(0), id, static_cast<List>(q.u64(2)), to_bytes(q.blob(3))});
  }
}

Result<bool> PeriodPool::may_wait(const Waiting& w) {
  LM_ASSIGN(auto on_chain, chain_->block_of(w.id));
  if (on_chain) {
    if (chain_->is_final(*on_chain)) LM_TRY(forget(w.n));
    return false;  // until then it may be taken back
  }
  const Status fits = chain::check_submission(*chain_, w.object);
  if (fits) return true;
  if (!is_of_the_formats(fits.code())) return fits.error();
  log::warn("order.dropped", {{"error", fits.error().message()}});
  LM_TRY(forget(w.n));
  return false;
}

Status PeriodPool::fill(PeriodBody& body) {
  LM_ASSIGN(const auto list, waiting());
  Growing events(*chain_, kEvents);
  Growing enrolments(*chain_, kEnrolments);
  Growing transactions(*chain_, kTransactions);
  Growing* const lists[] = {&events, &enrolments, &transactions};
  std::size_t bytes = 0;
  for (const auto& w : list) {
    LM_ASSIGN(bool may, may_wait(w));
    if (!may || bytes + w.object.size() > kInABlock) continue;
    if (lists[w.list]->add(w.id, w.object)) bytes += w.object.size();
  }
  body.enrolments = enrolments.list();
  body.events = events.list();
  body.transactions = transactions.list();
  return {};
}

Result<std::uint64_t> PeriodPool::size() const {
  LM_ASSIGN(auto q, db_->prepare("SELECT count(*) FROM period_object"));
  LM_ASSIGN(bool row, q.step());
  return row ? q.u64(0) : 0;
}

Status PeriodPool::forget(std::uint64_t n) {
  LM_ASSIGN(auto q, db_->prepare("DELETE FROM period_object WHERE n = ?"));
  return q.bind(1, n).run();
}

}  // namespace lotmark::node
