// How an API process asks its organisation's node to keep what was captured: over the node's control endpoint, with
// tokens signed by a key of the API's own (docs/operate/api.md).
#pragma once

#include <filesystem>

#include "api/access/journal.h"
#include "core/epcis/context.h"
#include "core/http/client.h"
#include "core/wire/sign1.h"
#include "ledger-node/capture/capture_request.h"

namespace lotmark::api::epcis {

// Any thread. What a test puts a node's own store behind.
class Keeper {
 public:
  virtual ~Keeper() = default;
  // What the node answered once all is on its disk: {job, success, events: [{state, id, why}]}. The node's error;
  // network, unavailable.
  virtual Result<lotmark::epcis::Json> capture(const node::CaptureRequest& request) = 0;
  // What the node answers to a control route of named queries and subscriptions; `body` null: none. Its error, too-large
  // among them; network, unavailable.
  virtual Result<lotmark::epcis::Json> control(std::string_view method, const std::string& path,
                                               const lotmark::epcis::Json& body);
};

// Brings marks of use that others signed to an agency's node (docs/operate/peer.md, POST /control/v1/marks). Any thread.
class MarkLine {
 public:
  virtual ~MarkLine() = default;
  // The node's answer, once what it took is on its disk. Its error; network, unavailable.
  virtual Result<lotmark::epcis::Json> bring(const std::vector<Bytes>& marks) = 0;
};

struct NodeLineOptions {
  std::string url;  // of the node's control endpoint
  KeyId node;
  Digest chain;
  std::filesystem::path key;  // of an operator of the node's organisation
  // Calls that wait up to 30 s at a time; the others wait 2 s, and not at all while one of the first waits longer: a node
  // that hangs leaves the other handlers alone. At least 1.
  std::size_t waiting_max = 4;
};

// config if the key cannot be read. What the node has against a call itself (its token, its signer) is no caller's fault:
// network, and said in the log.
Result<std::unique_ptr<Keeper>> open_node_line(const NodeLineOptions& options);

// The same, without waiting_max, for entries of the access log. They are few and small, and answers wait for them: it gives up after 4 s.
Result<std::unique_ptr<access::AccessSink>> open_access_line(const NodeLineOptions& options);

// The same for marks, but with the node's errors as they are, those against the call itself too; it gives up after 10 s.
Result<std::unique_ptr<MarkLine>> open_mark_line(const NodeLineOptions& options);

}  // namespace lotmark::api::epcis
