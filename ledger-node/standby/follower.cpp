#include "ledger-node/standby/follower.h"

#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::node {

namespace {

constexpr Millis kAfterTrouble{2000};
constexpr Millis kIdle{50};
constexpr Millis kUnanswered{12000};  // beyond a call's own limit

Bytes to_edge(const merkle::CompactRange& tree) {
  Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(tree.size() >> shift));
  for (const auto& n : tree.nodes()) out.insert(out.end(), n.view().begin(), n.view().end());
  return out;
}

Result<merkle::CompactRange> from_edge(ByteView bytes) {
  const Error wrong = fail(Errc::kCorrupt, "the copy's edge of the tree is none");
  if (bytes.size() < 8 || (bytes.size() - 8) % 32 != 0) return wrong;
  std::uint64_t size = 0;
  for (int i = 0; i < 8; ++i) size = size << 8 | bytes[static_cast<std::size_t>(i)];
  std::vector<Digest> nodes;
  for (std::size_t at = 8; at < bytes.size(); at += 32)
    nodes.push_back(*Digest::from(bytes.subspan(at, 32)));
  auto tree = merkle::CompactRange::from(size, std::move(nodes));
  if (!tree) return wrong;
  return *std::move(tree);
}

// What an object says of itself, whoever signed it: the tree is held against signed heads.
struct Said {
  KeyId device;
  LifeId life;
  Digest id;
  std::optional<Digest> end;
};

Result<Said> read_said(WireReader& reader, const CopyObject& o, const Digest& chain) {
  if (o.kind == 1) {
    LM_ASSIGN(auto g, lotmark::open<Gap>(o.wire, chain));
    return Said{g.kid, g.body.life, g.id, g.body.lost};
  }
  LM_ASSIGN(auto b, reader.open_bundle(o.wire, chain));
  return Said{b.kid, b.body.life, b.id, b.id};
}

Result<bool> is_empty(const store::Database& db) {
  LM_ASSIGN(auto q, db.prepare("SELECT (SELECT count(*) FROM intake LIMIT 1) + (SELECT count(*) "
                               "FROM moved LIMIT 1)"));
  LM_TRY(q.step());
  return q.u64(0) == 0;
}

}  // namespace

Result<std::optional<CopyState>> read_copy_state(const store::Database& db) {
  LM_ASSIGN(auto q, db.prepare("SELECT source, moved, top, edge FROM copy"));
  LM_ASSIGN(bool row, q.step());
  if (!row) return std::optional<CopyState>();
  CopyState s;
  LM_ASSIGN(s.source, q.fixed<KeyId>(0));
  s.moved = q.u64(1);
  s.top = q.u64(2);
  LM_ASSIGN(s.tree, from_edge(q.blob(3)));
  return std::optional(std::move(s));
}

Result<std::unique_ptr<Follower>> Follower::open(const store::Database& db,
                                                 const chain::PublicChain& chain,
                                                 const KeyId& source) {
  LM_ASSIGN(auto state, read_copy_state(db));
  if (!state) {
    LM_ASSIGN(const bool empty, is_empty(db));
    if (!empty)
      return fail(Errc::kConflict,
                  "node.data_dir holds a node's own rows, no copy: a standby "
                  "begins in an empty folder");
    state.emplace();
    state->source = source;
  }
  if (state->source != source)
    return fail(Errc::kConflict, "node.data_dir holds a copy of " + to_hex(state->source) +
                                     ", standby.kid is " + to_hex(source));
  std::unique_ptr<Follower> f(new Follower(db, chain, *std::move(state)));
  LM_TRY(f->prepare());
  LM_TRY(f->keep(f->state_));
  return f;
}

Status Follower::prepare() {
  const auto make = [&](std::optional<store::Query>& q, std::string_view sql) -> Status {
    LM_ASSIGN(q, db_.prepare(sql));
    return {};
  };
  LM_TRY(make(life_, "SELECT device, life FROM life WHERE n = ?"));
  LM_TRY(make(set_life_, "UPDATE life SET seq = ?, id = ? WHERE n = ?"));
  LM_TRY(make(object_,
              "INSERT INTO intake(idx, id, life, seq, last, kind, t_from, t_to, received) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  LM_TRY(make(wire_, "INSERT INTO intake_wire(idx, wire) VALUES(?, ?)"));
  LM_TRY(make(clock_,
              "INSERT INTO intake_clock(one, time) VALUES(1, ?) ON CONFLICT(one) DO UPDATE "
              "SET time = max(time, excluded.time)"));
  return make(keep_,
              "INSERT INTO copy(one, source, moved, top, edge, at) VALUES(1, ?, ?, ?, ?, ?) "
              "ON CONFLICT(one) DO UPDATE SET moved = excluded.moved, top = excluded.top, "
              "edge = excluded.edge, at = excluded.at");
}

Status Follower::keep(const CopyState& s) {
  keep_->bind(1, s.source).bind(2, s.moved).bind(3, s.top).bind(4, to_edge(s.tree));
  keep_->bind(5, to_ms(now_));
  return keep_->run();
}

Status Follower::put(const CopyRow& row) {
  LM_ASSIGN(auto q, db_.prepare(row.values.empty() ? delete_row(*row.table) : put_row(*row.table)));
  const auto& list = row.values.empty() ? row.key : row.values;
  for (std::size_t i = 0; i < list.size(); ++i) list[i].bind(q, static_cast<int>(i + 1));
  LM_TRY(q.run());
  return row.values.empty() ? Status() : follow_event(row);
}

// What the source does not send of events because it follows from what it sends: by what they are found, and which wait
// for a record. That an event of a lot waits for it is found again when the copy is promoted.
Status Follower::follow_event(const CopyRow& row) {
  if (row.table->name == "event") {
    LM_TRY(events_.add(static_cast<std::uint64_t>(row.key[0].number)));
    LM_ASSIGN(auto wait, db_.prepare("INSERT OR IGNORE INTO event_pending(n, start) SELECT ?1, "
                                     "NULL WHERE ?1 > coalesce((SELECT last FROM event_span WHERE "
                                     "first <= ?1 ORDER BY first DESC LIMIT 1), 0)"));
    return wait.bind(1, row.key[0].number).run();
  }
  if (row.table->name != "event_span") return {};
  LM_ASSIGN(auto gone, db_.prepare("DELETE FROM event_pending WHERE n BETWEEN ? AND ?"));
  return gone.bind(1, row.values[0].number).bind(2, row.values[1].number).run();
}

Status Follower::put(const CopyObject& o, CopyState& next) {
  const std::uint64_t idx = next.tree.size();
  const auto wrong = [&](const std::string& what) {
    return fail(Errc::kCorrupt, "intake row " + std::to_string(idx) + ": " + what);
  };
  auto said = read_said(reader_, o, chain_.chain_id());
  if (!said) return wrong("its body does not hold: " + said.error().message());
  LM_ASSIGN(bool there, life_->bind(1, o.life).step());
  const bool same = there && KeyId::from(life_->blob(0)) == said->device &&
                    LifeId::from(life_->blob(1)) == said->life;
  life_->reset();
  if (!same) return wrong("stands in another device's log");
  object_->bind(1, idx).bind(2, said->id).bind(3, o.life).bind(4, o.seq).bind(5, o.last);
  object_->bind(6, o.kind).bind(7, o.from).bind(8, o.to).bind(9, o.received);
  LM_TRY(object_->run());
  LM_TRY(wire_->bind(1, idx).bind_view(2, o.wire).run());
  LM_TRY(set_life_->bind(1, o.last).bind(2, said->end).bind(3, o.life).run());
  next.tree.append(merkle::leaf_hash(said->id.view()));
  return check_head(next.tree);
}

// A head that the chain logged is the source's signed word for the tree of that size.
Status Follower::check_head(const merkle::CompactRange& tree) const {
  const auto logged = chain_.logged_head(state_.source, LogKind::kIntake);
  if (!logged || logged->size != tree.size() || logged->root == tree.root()) return {};
  return fail(Errc::kCorrupt, "the first " + std::to_string(tree.size()) +
                                  " objects are not the ones the chain logged");
}

Status Follower::take(const CopyPage& page) {
  CopyState next = state_;
  if (page.moved < next.moved || page.upto != next.tree.size() + page.objects.size())
    return fail(Errc::kFieldRange, "an answer to another question");
  next.moved = page.moved;
  next.top = page.top;
  Status done = db_.transaction([&]() -> Status {
    for (const auto& r : page.rows) LM_TRY(put(r));
    LM_TRY(events_.write());
    for (const auto& o : page.objects) LM_TRY(put(o, next));
    if (next.tree.size() != 0 && next.tree.root() != page.root)
      return fail(Errc::kCorrupt, "the objects do not give the source's root of " +
                                      std::to_string(next.tree.size()));
    if (!page.objects.empty()) LM_TRY(clock_->bind(1, page.objects.back().received).run());
    return keep(next);
  });
  if (!done) {
    for (auto* q : {&life_, &set_life_, &object_, &wire_, &clock_, &keep_}) (*q)->reset();
    events_.forget();
    return done;
  }
  if (not_indexed_ != events_.unreadable())
    log::error("standby.event_not_indexed", {{"error", events_.trouble()}});
  not_indexed_ = events_.unreadable();
  state_ = std::move(next);
  source_size_ = page.size;
  known_ = true;
  ++pages_;
  return {};
}

void Follower::answered(const Reply& reply) {
  asking_ = false;
  Status done = reply.error ? Status(*reply.error) : Status{};
  if (done && !reply.ok()) done = fail(Errc::kNetwork, "status " + std::to_string(reply.status));
  bool more = false;
  if (done) {
    auto page = decode_copy_page(reply.body);
    done = page ? take(*page) : Status(page.error());
    more = done && (!page->rows.empty() || !page->objects.empty());
  }
  if (done) {
    due_ = more ? now_ : now_ + kIdle;
    if (!trouble_.empty()) log::info("standby.goes_on", {{"size", size()}});
    trouble_.clear();
    return;
  }
  ++failures_;
  due_ = now_ + kAfterTrouble;
  if (trouble_ != done.error().message())
    log::error("standby.not_copied", {{"size", size()}, {"error", done.error().message()}});
  trouble_ = done.error().message();
}

std::vector<Outgoing> Follower::tick(Time now) {
  now_ = now;
  if (asking_ && now > asked_at_ + kUnanswered) asking_ = false;
  if (asking_ || now < due_) return {};
  asking_ = true;
  asked_at_ = now;
  std::vector<Outgoing> out;
  out.push_back(
      {state_.source,
       "GET",
       "/peer/v1/copy?moved=" + std::to_string(state_.moved) + "&size=" + std::to_string(size()),
       {},
       [this, ask = ++ask_](const Reply& r) {
         if (ask == ask_) answered(r);
       }});
  return out;
}

std::vector<std::pair<std::string, double>> Follower::metrics() const {
  const std::uint64_t behind = source_size_ - std::min(source_size_, size());
  const std::uint64_t rows = state_.top - std::min(state_.top, state_.moved);
  return {{"lotmark_standby_size", static_cast<double>(size())},
          {"lotmark_standby_behind_objects", static_cast<double>(behind)},
          {"lotmark_standby_behind_rows", static_cast<double>(rows)},
          {"lotmark_standby_source_known", known_ && trouble_.empty() ? 1 : 0},
          {"lotmark_standby_pages_total", static_cast<double>(pages_)},
          {"lotmark_standby_failures_total", static_cast<double>(failures_)}};
}

}  // namespace lotmark::node
