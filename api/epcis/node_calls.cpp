#include "api/epcis/node_calls.h"

#include <mutex>

#include "core/base/clock.h"
#include "core/base/http_status.h"
#include "core/base/log.h"
#include "core/crypto/key_file.h"
#include "core/http/client.h"
#include "ledger-node/peer/token.h"

namespace lotmark::api::epcis {

namespace {

// A dead connection fails at once. What fails later was under way: its caller has waited enough.
constexpr std::chrono::milliseconds kAtOnce{1'000};

// Whether the node found fault with what was asked, not with who asks: the key that signs for this process may be revoked,
// its clock wrong.
bool is_of_request(const Error& error) {
  switch (error.code) {
    case Errc::kUsage:
    case Errc::kTooLarge:
    case Errc::kConflict:
    case Errc::kNotFound: return true;
    case Errc::kDenied: return error.text.starts_with("dest");  // a subscription's
    default: return http_status(error.code) >= 500;
  }
}

Error refusal(http::Response& response) {
  node::Reply reply;
  reply.status = response.status;
  reply.body = std::move(response.body);
  return node::problem_error(reply);
}

}  // namespace

struct NodeCalls::Sent {
  Result<http::Response> answer;
  bool again;  // over a new connection
};

// Those that are kept, until one turns out dead: then the others are of the same process, and all are let go.
class NodeCalls::Connections {
 public:
  static Result<std::shared_ptr<Connections>> open(const http::ClientOptions& options) {
    auto out = std::make_shared<Connections>();
    out->options_ = options;
    LM_ASSIGN(out->kept_, make(options));
    return out;
  }

  Sent send(const node::Call& call, const http::Headers& headers) {
    const auto since = std::chrono::steady_clock::now();
    const auto kept = current();
    const bool was_used = kept->used;
    auto answer = over(*kept, call, headers);
    const auto took = std::chrono::steady_clock::now() - since;
    if (answer || answer.code() != Errc::kNetwork || !was_used || took > kAtOnce)
      return {std::move(answer), false};
    const auto fresh = after(kept);
    if (!fresh) return {std::move(answer), false};
    return {over(**fresh, call, headers), true};
  }

 private:
  struct Kept {
    explicit Kept(http::Client made) : client(std::move(made)) {}
    http::Client client;
    std::atomic<bool> used = false;  // it brought an answer: there may be a kept connection
  };

  static Result<std::shared_ptr<Kept>> make(const http::ClientOptions& options) {
    LM_ASSIGN(auto client, http::Client::make(options));
    return std::make_shared<Kept>(std::move(client));
  }
  static Result<http::Response> over(Kept& kept, const node::Call& call,
                                     const http::Headers& headers) {
    auto answer = kept.client.send(call.method, call.path, headers, call.body);
    if (answer) kept.used = true;
    return answer;
  }
  std::shared_ptr<Kept> current() {
    const std::lock_guard guard(lock_);
    return kept_;
  }
  // Others may have found it dead before.
  Result<std::shared_ptr<Kept>> after(const std::shared_ptr<Kept>& dead) {
    const std::lock_guard guard(lock_);
    if (kept_ == dead) {
      LM_ASSIGN(kept_, make(options_));
    }
    return kept_;
  }

  http::ClientOptions options_;
  std::mutex lock_;
  std::shared_ptr<Kept> kept_;
};

NodeCalls::NodeCalls(NodeLineOptions options, const Purpose& purpose,
                     std::unique_ptr<Signer> signer, std::shared_ptr<Connections> connections,
                     Refusals refusals)
    : options_(std::move(options)),
      purpose_(purpose),
      signer_(std::move(signer)),
      connections_(std::move(connections)),
      refusals_(refusals) {}

Result<NodeCalls> NodeCalls::open(const NodeLineOptions& options, const Purpose& purpose,
                                  std::chrono::milliseconds timeout, Refusals refusals) {
  LM_ASSIGN(auto scalar, read_key_file(options.key));
  LM_ASSIGN(auto signer, signer_openssl(scalar.view()));
  http::ClientOptions client;
  client.base_url = options.url;
  client.timeout = timeout;
  LM_ASSIGN(auto connections, Connections::open(client));
  return NodeCalls(options, purpose, std::move(signer), std::move(connections), refusals);
}

Result<NodeCalls::Sent> NodeCalls::send_once(const node::Call& call,
                                             const char* content_type) const {
  LM_ASSIGN(auto token, node::make_authorization(*signer_, options_.chain, options_.node, call,
                                                 SystemClock().now()));
  return connections_->send(call, {{"authorization", token}, {"content-type", content_type}});
}

Result<Bytes> NodeCalls::send(const node::Call& call, const char* content_type, Again again) const {
  LM_ASSIGN(auto sent, send_once(call, content_type));
  for (bool last = false;; last = true) {
    // Where the node is, is nobody's business who calls us.
    if (!sent.answer) {
      const bool may_be_done = again == Again::kNever && sent.answer.code() == Errc::kUnavailable;
      return may_be_done ? cut_off(sent.answer.error()) : away(sent.answer.error());
    }
    http::Response& response = *sent.answer;
    if (response.status >= 200 && response.status < 300) {
      refuses_us_->store(false, std::memory_order_relaxed);
      return std::move(response.body);
    }
    Error error = refusal(response);
    const bool came_before =
        error.code == Errc::kTokenReplayed || (error.code == Errc::kTokenExpired && sent.again);
    if (!came_before || last) return refusals_ == Refusals::kTold ? told(std::move(error)) : error;
    if (again == Again::kNever) return cut_off(error);
    LM_ASSIGN(sent, send_once(call, content_type));
  }
}

Error NodeCalls::cut_off(const Error& error) const {
  log::warn("epcis.node_away", {{"for", purpose_.name}, {"error", error.message()}});
  return fail(Errc::kUnavailable,
              std::string(purpose_.node) + " may have done it when it was cut off: look first");
}

Error NodeCalls::away(const Error& error) const {
  log::warn("epcis.node_away", {{"for", purpose_.name}, {"error", error.message()}});
  return fail(Errc::kUnavailable, std::string(purpose_.node) + " does not answer: send it again");
}

Error NodeCalls::told(Error error) const {
  if (is_of_request(error)) return error;
  if (!refuses_us_->exchange(true, std::memory_order_relaxed))
    log::error("epcis.node_refuses", {{"for", purpose_.name}, {"error", error.message()}});
  return fail(Errc::kNetwork, std::string(purpose_.node) + " does not take this server's calls");
}

}  // namespace lotmark::api::epcis
