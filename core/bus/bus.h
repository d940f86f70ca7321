// Messages between devices and nodes (design: MQTT at least once). One interface, two ways: Paho to a
// broker, and in memory for tests and simulation.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::bus {

struct Message {
  std::string topic;
  Bytes payload;
  bool retained = false;
};

// One connection. Handlers are called on threads of the bus, never two at a time; publish may be called from
// any thread, handlers too. `done` may come at the same time as a handler.
class Bus {
 public:
  using Handler = std::function<void(const Message&)>;
  virtual ~Bus() = default;

  // MQTT filters: + and # as usual. Kept across reconnects. Call before start().
  virtual void subscribe(const std::string& filter, Handler handler) = 0;
  // Told of every connect and loss, as handlers are. Call before start().
  virtual void on_state(std::function<void(bool connected)> handler) = 0;
  // Connects, and reconnects with growing, jittered pauses until the bus is destroyed. Returns at once.
  virtual Status start() = 0;
  virtual bool connected() const = 0;

  // Hands the message over at QoS 1. unavailable when not connected or the window is full: nothing is kept
  // here, the caller's own store is. `done` (may be empty) is told whether the broker took it.
  virtual Status publish(const std::string& topic, ByteView payload, bool retain,
                         std::function<void(bool taken)> done) = 0;
};

// lotmark/v1/{org}/{device}/{kind}
struct Topic {
  std::string organisation;
  std::string device;
  std::string kind;  // bundle, start, state, ack, command
};
std::string to_string(const Topic& t);
// Nothing unless it has five levels and names of [a-z0-9-]{1,32}.
std::optional<Topic> parse_topic(std::string_view text);
bool valid_name(std::string_view name);
// Does an MQTT filter cover the topic?
bool matches(std::string_view filter, std::string_view topic);

struct PahoOptions {
  std::string url;  // ssl://127.0.0.1:8883
  std::string client_id;
  std::string ca_file;        // trusted CA, PEM
  std::string cert_file;      // client certificate chain, PEM
  std::string key_file;       // its key, PEM
  std::string user;           // empty: none is named
  std::string password_file;  // of `user`: read at each connect; empty: it has none
  std::string will_topic;     // empty: no last will
  Bytes will;
  unsigned keep_alive_s = 20;
  unsigned window = 64;  // publishes under way at most
  std::size_t message_max = 2u << 20;
  // While the system's clock is not to be believed, a time that has passed at the least: certificate_time.h. May be empty.
  std::function<std::optional<Time>()> least_time{};
  // Asked before each try to connect, by the thread that tries; on an error the try is one that failed. Paho asks the name
  // server under a lock of all its clients: what looks the name up first keeps the others going. May be empty.
  std::function<Status()> before_connect{};
};
Result<std::unique_ptr<Bus>> make_paho(const PahoOptions& options);

// A broker in memory: buses made from one hub hear each other. Delivery happens on one thread of the hub, or,
// if `manual`, only inside pump().
class MemoryHub {
 public:
  explicit MemoryHub(bool manual = false);
  ~MemoryHub();
  std::unique_ptr<Bus> connect();
  // Delivers until nothing is left; returns how many messages it delivered.
  std::size_t pump();

 private:
  friend class MemoryBus;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lotmark::bus
