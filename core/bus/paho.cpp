// The bus over Eclipse Paho: MQTT 3.1.1 over TLS, clean sessions. All that throws stays in this file.
//
// Threads: messages are handled on Paho's own receiving thread, without a queue of ours in between; a
// connector thread connects, subscribes and tells of connects and losses. `handling_` keeps the two
// apart, so handlers are called one at a time. It is never taken under a lock of Paho's: its callback of
// a lost connection only leaves word for the connector.
#include <mqtt/async_client.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "core/base/log.h"
#include "core/base/private_file.h"
#include "core/bus/bus.h"
#include "core/bus/certificate_time.h"

namespace lotmark::bus {

namespace {

using Done = std::function<void(bool)>;

constexpr int kQos = 1;
constexpr auto kPauseMin = std::chrono::milliseconds(200);
constexpr auto kPauseMax = std::chrono::milliseconds(10000);
constexpr auto kConnectTimeout = std::chrono::seconds(10);
constexpr auto kSubscribeTimeout = std::chrono::seconds(10);

mqtt::create_options create_options_of(const PahoOptions& o) {
  mqtt::create_options c;
  c.set_send_while_disconnected(false);
  c.set_max_buffered_messages(static_cast<int>(o.window) + 64);  // ours is the window that counts
  return c;
}

mqtt::connect_options connect_options_of(const PahoOptions& o) {
  mqtt::connect_options c;
  c.set_mqtt_version(MQTTVERSION_3_1_1);
  c.set_clean_session(true);
  c.set_automatic_reconnect(false);
  c.set_keep_alive_interval(static_cast<int>(o.keep_alive_s));
  c.set_connect_timeout(kConnectTimeout);
  c.set_max_inflight(static_cast<int>(o.window));
  if (!o.user.empty()) c.set_user_name(o.user);
  if (!o.will_topic.empty()) {
    c.set_will_message(mqtt::make_message(o.will_topic, o.will.data(), o.will.size(), kQos, true));
  }
  if (!o.ca_file.empty()) {
    mqtt::ssl_options ssl;
    ssl.set_trust_store(o.ca_file);
    if (!o.cert_file.empty()) ssl.set_key_store(o.cert_file);
    if (!o.key_file.empty()) ssl.set_private_key(o.key_file);
    ssl.set_ssl_version(MQTT_SSL_VERSION_TLS_1_2);
    ssl.set_enable_server_cert_auth(true);
    ssl.set_verify(true);
    c.set_ssl(std::move(ssl));
  }
  return c;
}

class PahoBus final : public Bus, private mqtt::callback, private mqtt::iaction_listener {
 public:
  PahoBus(const PahoOptions& o, std::optional<CertificateTime> time)
      : certificate_time_(std::move(time)),
        options_(o),
        connect_options_(connect_options_of(o)),
        client_(std::make_unique<mqtt::async_client>(o.url, o.client_id, create_options_of(o),
                                                     nullptr)) {
    client_->set_callback(*this);
  }
  ~PahoBus() override;

  void subscribe(const std::string& filter, Handler handler) override {
    handlers_.emplace_back(filter, std::move(handler));
  }
  void on_state(std::function<void(bool)> handler) override { state_ = std::move(handler); }
  Status start() override;
  bool connected() const override { return connected_; }
  Status publish(const std::string& topic, ByteView payload, bool retain, Done done) override;

 private:
  void connection_lost(const mqtt::string& cause) override;
  void message_arrived(mqtt::const_message_ptr message) override;
  void on_success(const mqtt::token& t) override { finish(t, true); }
  void on_failure(const mqtt::token& t) override { finish(t, false); }

  void finish(const mqtt::token& t, bool taken);
  void finish_all();
  void run();
  bool connect_once();
  mqtt::connect_options with_password() const;
  void tell(bool connected);
  // False if the bus is to stop.
  bool pause(std::chrono::milliseconds about);

  const std::optional<CertificateTime> certificate_time_;
  const PahoOptions options_;
  const mqtt::connect_options connect_options_;
  std::unique_ptr<mqtt::async_client> client_;
  std::vector<std::pair<std::string, Handler>> handlers_;
  std::function<void(bool)> state_;
  std::thread connector_;
  std::atomic<bool> connected_{false};
  std::mutex handling_;

  std::mutex mutex_;  // what follows; a leaf: nothing is called under it
  std::condition_variable wake_;
  bool stop_ = false;
  bool lost_ = false;
  std::uintptr_t next_ = 1;
  std::map<std::uintptr_t, Done> under_way_;  // publishes by the number Paho carries for us
};

Status PahoBus::start() {
  if (connector_.joinable()) return fail(Errc::kConflict, "the bus was started before");
  connector_ = std::thread([this] { run(); });
  return {};
}

PahoBus::~PahoBus() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (connector_.joinable()) connector_.join();
  try {
    if (client_->is_connected()) client_->disconnect(1000)->wait_for(std::chrono::seconds(2));
    client_->disable_callbacks();
  } catch (const std::exception& e) {
    log::debug("bus.disconnect_failed", {{"error", e.what()}});
  }
  client_.reset();
  finish_all();
}

Status PahoBus::publish(const std::string& topic, ByteView payload, bool retain, Done done) {
  std::uintptr_t number = 0;
  {
    std::lock_guard lock(mutex_);
    if (!connected_) return fail(Errc::kUnavailable, "not connected");
    if (under_way_.size() >= options_.window) return fail(Errc::kUnavailable, "the window is full");
    number = next_++;
    under_way_.emplace(number, std::move(done));
  }
  try {
    client_->publish(topic, payload.data(), payload.size(), kQos, retain,
                     reinterpret_cast<void*>(number), *this);
    return {};
  } catch (const std::exception& e) {
    std::lock_guard lock(mutex_);
    // Gone already: the connection broke meanwhile and `done` was told so.
    if (under_way_.erase(number) == 0) return {};
    return fail(Errc::kUnavailable, e.what());
  }
}

void PahoBus::finish(const mqtt::token& t, bool taken) {
  Done done;
  {
    std::lock_guard lock(mutex_);
    auto at = under_way_.find(reinterpret_cast<std::uintptr_t>(t.get_user_context()));
    if (at == under_way_.end()) return;
    done = std::move(at->second);
    under_way_.erase(at);
  }
  if (done) done(taken);
}

// Paho may or may not tell of publishes whose connection broke; each `done` is called once, here.
void PahoBus::finish_all() {
  std::map<std::uintptr_t, Done> all;
  {
    std::lock_guard lock(mutex_);
    all.swap(under_way_);
  }
  for (auto& [number, done] : all) {
    if (done) done(false);
  }
}

void PahoBus::connection_lost(const mqtt::string& cause) {
  connected_ = false;
  log::warn("bus.lost", {{"url", options_.url}, {"cause", cause}});
  std::lock_guard lock(mutex_);
  lost_ = true;
  wake_.notify_all();
}

void PahoBus::message_arrived(mqtt::const_message_ptr message) {
  const auto& payload = message->get_payload_ref();
  const std::string& topic = message->get_topic();
  if (payload.length() > options_.message_max) {
    log::warn("bus.too_large", {{"topic", topic}, {"bytes", payload.length()}});
    return;
  }
  const auto* begin = reinterpret_cast<const std::uint8_t*>(payload.data());
  const Message m{topic, Bytes(begin, begin + payload.length()), message->is_retained()};
  std::lock_guard one_at_a_time(handling_);
  for (const auto& [filter, handler] : handlers_) {
    if (!matches(filter, topic)) continue;
    try {
      handler(m);
    } catch (const std::exception& e) {  // nothing may leave a callback of C
      log::error("bus.handler_threw", {{"topic", topic}, {"error", e.what()}});
    }
  }
}

void PahoBus::tell(bool connected) {
  if (!state_) return;
  std::lock_guard one_at_a_time(handling_);
  state_(connected);
}

bool PahoBus::pause(std::chrono::milliseconds about) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto most = static_cast<int>(about.count());
  const std::chrono::milliseconds ms(std::uniform_int_distribution<int>(most / 2, most)(random));
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, ms, [this] { return stop_; });
}

// The file is read anew each time: who changes a password restarts nothing.
mqtt::connect_options PahoBus::with_password() const {
  mqtt::connect_options c = connect_options_;
  if (options_.password_file.empty()) return c;
  const auto password = read_password(options_.password_file);
  if (!password) throw std::runtime_error(password.error().message());
  c.set_password(*password);
  return c;
}

bool PahoBus::connect_once() {
  try {
    {
      std::lock_guard lock(mutex_);
      lost_ = false;
    }
    if (options_.before_connect) {
      const Status may = options_.before_connect();
      if (!may) throw std::runtime_error(may.error().message());
    }
    client_->connect(with_password())->wait();
    if (!handlers_.empty()) {
      auto filters = std::make_shared<mqtt::string_collection>();
      for (const auto& [filter, handler] : handlers_) filters->push_back(filter);
      const mqtt::iasync_client::qos_collection qos(handlers_.size(), kQos);
      if (!client_->subscribe(filters, qos)->wait_for(kSubscribeTimeout)) {
        throw std::runtime_error("no answer to the subscription");
      }
    }
    std::lock_guard lock(mutex_);
    if (lost_) return false;
    connected_ = true;
    return true;
  } catch (const std::exception& e) {
    log::warn("bus.connect_failed", {{"url", options_.url}, {"error", e.what()}});
  }
  try {
    if (client_->is_connected()) client_->disconnect(0)->wait_for(std::chrono::seconds(2));
  } catch (const std::exception&) {  // it is gone already
  }
  return false;
}

void PahoBus::run() {
  auto about = kPauseMin;
  for (;;) {
    if (connect_once()) {
      about = kPauseMin;
      log::info("bus.connected", {{"url", options_.url}});
      tell(true);
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stop_ || lost_; });
        connected_ = false;
      }
      finish_all();
      tell(false);
    }
    if (!pause(about)) return;
    about = std::min(about * 2, kPauseMax);
  }
}

}  // namespace

Result<std::unique_ptr<Bus>> make_paho(const PahoOptions& options) {
  if (options.window == 0) return fail(Errc::kConfig, "the window must be at least 1");
  if (!options.key_file.empty()) LM_TRY(check_private_file(options.key_file));
  std::optional<CertificateTime> time;
  if (options.least_time) {
    LM_ASSIGN(auto held, CertificateTime::hold(options.least_time));
    time.emplace(std::move(held));
  }
  try {
    return std::unique_ptr<Bus>(std::make_unique<PahoBus>(options, std::move(time)));
  } catch (const std::exception& e) {
    return fail(Errc::kConfig, options.url + ": " + e.what());
  }
}

}  // namespace lotmark::bus
