// Calls of a node's control endpoint over kept connections, each with a token of its own (docs/format/public.md).
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "api/epcis/node_line.h"
#include "ledger-node/peer/call.h"

namespace lotmark::api::epcis {

// Any thread.
class NodeCalls {
 public:
  // What the node refuses of the calls themselves is said in this server's words, or handed on as it is.
  enum class Refusals : std::uint8_t { kTold, kAsTheyAre };
  // Whether what the node may have done already may be asked of it once more.
  enum class Again : std::uint8_t { kHarmless, kNever };
  struct Purpose {
    const char* name;  // in the log
    const char* node;  // in what callers are told
  };

  // config if the key cannot be read.
  static Result<NodeCalls> open(const NodeLineOptions& options, const Purpose& purpose,
                                std::chrono::milliseconds timeout,
                                Refusals refusals = Refusals::kTold);

  // The body of an answer; the node's error where it refuses; unavailable where it does not answer.
  //
  // Connections that a node before its restart left are dead, which the first call over one finds out: it is sent once
  // more over a new one. With the same token: it holds once, for the process that it was signed for, so that nothing is
  // done twice whatever became of the first. Where it does not hold any more, what is harmless goes out with a new one.
  Result<Bytes> send(const node::Call& call, const char* content_type, Again again) const;

  // What callers are told of a node that does not answer, or answers nonsense; the log has the error.
  Error away(const Error& error) const;
  // The same of what may have been done, and may not be done twice.
  Error cut_off(const Error& error) const;

 private:
  class Connections;
  NodeCalls(NodeLineOptions options, const Purpose& purpose, std::unique_ptr<Signer> signer,
            std::shared_ptr<Connections> connections, Refusals refusals);
  struct Sent;
  Result<Sent> send_once(const node::Call& call, const char* content_type) const;
  Error told(Error error) const;

  NodeLineOptions options_;
  Purpose purpose_;
  std::unique_ptr<Signer> signer_;
  std::shared_ptr<Connections> connections_;
  Refusals refusals_;
  std::unique_ptr<std::atomic<bool>> refuses_us_ = std::make_unique<std::atomic<bool>>(false);
};

}  // namespace lotmark::api::epcis
