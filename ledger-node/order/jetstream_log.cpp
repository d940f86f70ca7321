#include "ledger-node/order/jetstream_log.h"

#include <algorithm>

#include "core/base/private_file.h"
#include "ledger-node/order/jetstream_desk.h"
#include "ledger-node/order/jetstream_lease.h"
#include "ledger-node/order/jetstream_line.h"
#include "ledger-node/order/jetstream_session.h"

namespace lotmark::node {

namespace {

bool valid_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Status check(const JetStreamOptions& o) {
  if (!valid_name(o.name)) return fail(Errc::kConfig, "the name must be [a-z0-9-]{1,32}");
  if (o.servers.empty()) return fail(Errc::kConfig, "no NATS server is named");
  for (const auto& s : o.servers) {
    if (!js::host_of(s)) {
      return fail(Errc::kConfig, "no url of nats:// or tls://HOST:PORT without credentials: " + s);
    }
  }
  if (o.replicas != 1 && o.replicas != 3 && o.replicas != 5) {
    return fail(Errc::kConfig, "replicas must be 1, 3 or 5");
  }
  if (o.max_msgs < 1024 || o.max_msgs > 1'000'000'000) {
    return fail(Errc::kConfig, "max_msgs must be 1024 to 1000000000");
  }
  if (o.cert_file.empty() != o.key_file.empty()) {
    return fail(Errc::kConfig, "a client certificate and its key come together");
  }
  if (o.ca_file.empty() && !o.cert_file.empty()) {
    return fail(Errc::kConfig, "a client certificate needs the CA of the servers");
  }
  if (o.user.empty() != o.password_file.empty()) {
    return fail(Errc::kConfig, "a user and the file of its password come together");
  }
  if (!o.key_file.empty()) LM_TRY(check_private_file(o.key_file));
  return {};
}

Result<std::string> password_of(const JetStreamOptions& o) {
  if (o.password_file.empty()) return std::string();
  return read_password(o.password_file);
}

class JetStreamLog final : public OrderLog {
 public:
  JetStreamLog(const JetStreamOptions& o, std::string password)
      : desk_(std::make_shared<js::Desk>(o.notify)), session_(o, std::move(password), desk_) {}

  std::vector<OrderEvent> poll() override { return desk_->poll(); }
  void append(std::uint64_t request, std::uint64_t last, ByteView block) override {
    desk_->ask({js::Asked::kAppend, request, last, to_bytes(block)});
  }
  void put_lease(std::uint64_t request, std::uint64_t revision, const Lease& lease) override {
    desk_->ask({js::Asked::kPutLease, request, revision, encode_lease(lease)});
  }

 private:
  std::shared_ptr<js::Desk> desk_;
  js::Session session_;
};

}  // namespace

Result<std::unique_ptr<OrderLog>> open_jetstream(const JetStreamOptions& options) {
  LM_TRY(check(options));
  LM_ASSIGN(std::string password, password_of(options));
  return std::unique_ptr<OrderLog>(std::make_unique<JetStreamLog>(options, std::move(password)));
}

}  // namespace lotmark::node
