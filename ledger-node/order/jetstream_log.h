// OrderLog over NATS JetStream (docs/adr/0011): two plain streams, LOTMARK_ORDER for entries and LOTMARK_LEASE for the
// lease, written by compare-and-set and read by get and republish alone.
//
// What it adds to OrderLog's contract: any thread may call, poll() from one at a time; no call touches the network.
// Streams are made when missing; one with other settings is refused (log event order.stream_refused) for as long as it
// has them. A new LogFound follows whatever may have changed what was seen: a lost connection, another leader of
// either stream, a stream made anew, shortened or purged. An append of more than the server takes is answered too-large
// and was not taken.
//
// A place is a number and names no entry: of several appends under way, one behind a conflict may still be taken,
// behind the other writer's entry. A block's own link tells that it does not follow.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "ledger-node/order/order_log.h"

namespace lotmark::node {

struct JetStreamOptions {
  // nats://HOST:PORT or tls://HOST:PORT, no credentials inside; tried in turn for as long as none answers.
  std::vector<std::string> servers;
  // Of this node, [a-z0-9-]{1,32}: answers come to _INBOX_lotmark.NAME.> alone, so that permissions can be narrow.
  std::string name;
  // TLS if ca_file is set: the server's certificate must be of this CA and name the host of its url.
  std::string ca_file;
  // Client certificate chain and its key (0600), PEM; both or none.
  std::string cert_file;
  std::string key_file;
  // User and a file (0600) that holds the password, one line; both or none.
  std::string user;
  std::string password_file;
  // Of each stream: 1, 3 or 5. All nodes must say the same, as of max_msgs.
  unsigned replicas = 3;
  // Entries the order stream keeps; the oldest go first. What a node lacks beyond, it gets from its peers.
  std::uint64_t max_msgs = 65536;
  // Called when poll() has something new, on a thread of the log's own, until the log is destroyed; must not wait.
  std::function<void()> notify = {};
  // Pause before a server that did not answer is tried again, or the next one.
  Millis reconnect_wait{250};
};

// Begins to connect, and goes on until the log is destroyed, which waits for its thread (at most about 2 s).
// Fails with config or denied if the options cannot be used; that no server answers is no error.
Result<std::unique_ptr<OrderLog>> open_jetstream(const JetStreamOptions& options);

}  // namespace lotmark::node
