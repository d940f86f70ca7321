// What the enterprise engine holds in memory; everything in it can be read again from private.db.
// Included by the engine's own sources only.
#pragma once

#include "ledger-node/chain/private/disclosure.h"
#include "ledger-node/chain/private/enterprise.h"
#include "ledger-node/chain/private/lot_serials.h"
#include "ledger-node/chain/private/opening.h"
#include "ledger-node/chain/private/steps.h"
#include "ledger-node/chain/public/programme_at.h"

namespace lotmark::node {

// Takes one object after another to one member, each until it is answered.
struct Courier {
  std::size_t next = 0;  // first object not yet answered
  bool busy = false;     // a call is out
  Time due{};
  Millis pause{0};
  std::string trouble;  // why the last call failed
};

// Looks at a lot that takes no step any more, for events that wait for one.
struct Releasing {
  Time due{};
  std::string trouble;  // why the last look failed
};

struct RewrapRequest;  // enterprise_json.h

// A batch with something left to do.
struct Live {
  chain::Batch batch;
  std::vector<Courier> reviewers;        // as in the opening
  std::map<KeyId, Courier> supervisors;  // for the disclosure
  Digest chain_seen{};                   // the tip that was looked at last
  Time due{};                            // not before, after a failure
  std::string trouble;
  std::uint64_t fence = 0;      // what is to be sent stands in rows up to here (`moved`)
  std::string stopped;          // why nothing is signed for it; empty: it goes on
  bool stopped_before = false;  // before the start, and not again since
  Releasing events;             // while it is stopped
  std::vector<bool> unasked;    // reviewers that must say first what they hold, as in the opening
  std::vector<Courier> asking;

  bool busy() const;
  // Objects there are to deliver to a reviewer: opening, transactions, application.
  std::size_t objects() const { return 1 + batch.tx_ids.size() + (batch.application ? 1 : 0); }
  bool chain_complete() const { return batch.tx_ids.size() == batch.count() + 1; }
};

struct Enterprise::State {
  State(const store::Database& private_db, const Signer& key, chain::PublicChain& c, IntakeLog& i,
        chain::ReceivedLog& r, const EnterpriseConfig& cfg);

  const store::Database& db;
  const Signer& signer;
  chain::PublicChain& chain;
  IntakeLog& intake;
  chain::ReceivedLog& received;
  EnterpriseConfig config;
  chain::LineFiles lines;
  chain::BatchStore store;
  chain::EventSets events;
  chain::SegmentReader segments;  // opens what is sealed
  chain::LotSerials serials;
  chain::EvidenceSource evidence;
  chain::OpeningRules rules;
  std::vector<std::unique_ptr<Live>> live;
  Time now{};
  std::shared_ptr<int> alive = std::make_shared<int>(0);  // a late answer finds it gone
  std::uint64_t sent = 0, failed = 0, decoys = 0, stops = 0;

  const Digest& chain_id() const { return chain.chain_id(); }
  const Programme* programme(const Live& l) const {
    return chain::programme_at(chain, l.batch.opening.body.programme, l.batch.made);
  }

  Status load();
  Status add_live(chain::Batch batch);
  Live* find(const Digest& start);

  // What leaves waits for, and what does not leave at all (enterprise_hold.cpp).
  Status fence(Live& l) const;
  bool held(const Live& l) const { return !config.rows_held || l.fence <= config.rows_held(); }
  void stop_damaged(const std::vector<chain::BatchStore::Damaged>& damaged);
  void stop(Live& l, const std::string& why);
  Status keep_stop(const Live& l) const;
  Status read_stop(Live& l);
  Status check_stopped(const std::string& lot, const std::string& gtin) const;
  bool asked(const Live& l) const;
  void ask(Live& l, std::vector<Outgoing>& out);
  Status compare(Live& l, const KeyId& reviewer, const Reply& reply);
  // Lots that could not be read, and why.
  struct Unread {
    Digest start;
    std::string why;
    Releasing events;
  };
  std::map<std::pair<std::string, std::string>, Unread> unread;  // by GTIN and lot
  void release_events(const Digest& start, const std::string& lot, Releasing& r);
  // Steps of the line that are not recorded, and what a reviewer makes of that.
  Result<std::vector<std::string>> missing_steps(const chain::Batch& batch) const;
  // Step drafts the release record will be made of, recorded first.
  Result<std::vector<chain::Draft>> steps(const chain::Batch& batch, bool with_waiting) const;

  // What is due in one batch.
  Status advance(Live& l);
  Status leave(Live& l);
  Status append(Live& l, chain::Draft draft);
  Status apply(Live& l);
  Status watch(Live& l);
  Status disclose(Live& l);

  // Calls to make.
  void deliver(Live& l, std::vector<Outgoing>& out);
  Result<Outgoing> object_call(const Live& l, std::size_t index, const KeyId& to) const;
  Digest object_id(const Live& l, std::size_t index) const;
  Status take_arrival(const Digest& object, const KeyId& from, const Reply& reply);
  void settle(Courier& c, const KeyId& to, std::string_view what, const Status& done);
  void deliver_disclosure(Live& l, std::vector<Outgoing>& out);

  // Routes (enterprise_peer.cpp, enterprise_control.cpp).
  Result<Reply> rows(const Route& route, const Member& from) const;
  Result<Reply> bundle(const Route& route, const Member& from) const;
  Result<bool> reviews_released(const KeyId& reviewer) const;
  Result<Reply> open_batch(const Call& call);
  Result<Reply> prepare(const std::string& lot, const Route& route, const Call& call,
                        const KeyId& author);
  Result<std::optional<Reply>> committed(const chain::Batch& b, const Digest& id) const;
  Status queue(const chain::Batch& b, const chain::Draft& draft,
               const std::vector<chain::Draft>& waiting, ByteView object);
  Result<Reply> commit(const std::string& lot, const Route& route, const Call& call);
  Result<Reply> ask_apply(const std::string& lot, const Route& route, const Call& call);
  Result<Reply> list(const Route& route) const;
  Result<Reply> rewrap(const Call& call, const chain::Enrolled& from);
  Status may_rewrap(const chain::Enrolled& from) const;
  Status check_rewrap(const RewrapRequest& request, std::uint64_t now_ms) const;
  Result<Reply> list_readers(const chain::Enrolled& from) const;
  // Serials of a lot (enterprise_serials.cpp). Nothing: no address of theirs.
  std::optional<Result<Reply>> lot_serials(const Route& route, const Call& call);
  Result<Reply> take_serials(const Live& l, const Call& call);
  Result<Reply> seal_serials(const Live& l, const Call& call);
  Result<Reply> withdraw_serials(const Live& l);
  Result<Reply> announce_serials(const Live& l);
  Result<Reply> declare_no_serials(const Live& l);
  Result<Live*> find_lot(const std::string& lot, const Route& route);
};

}  // namespace lotmark::node
