// The sockets of one server: accepts, keeps the connections, enforces their deadlines. One thread
// of its own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "core/http/connection.h"

namespace lotmark::http {

class Listener final : public Connection::Owner {
 public:
  using Sink = std::function<void(std::shared_ptr<Connection>, Request)>;
  using HeadSink = Sink;
  using TlsSetup = std::function<void(boost::asio::ssl::context&)>;

  // Takes the port, but no callers yet.
  static Result<std::unique_ptr<Listener>> bind(const ServerOptions& options);
  explicit Listener(const ServerOptions& options)
      : options_(options), bodies_(bodies_max(options)) {}
  ~Listener() override { close(); }

  std::uint16_t port() const { return port_; }
  BodyBudget& bodies() override { return bodies_; }
  // Before open(), where the options have a judge: it gets heads, on the listener's thread, and must not block.
  void send_heads_to(HeadSink sink) { head_sink_ = std::move(sink); }
  // `sink` runs on the listener's thread and must not block. Without a TLS setup it speaks plain
  // HTTP.
  void open(Sink sink, const TlsSetup& tls_setup);

  // Stopping in three steps: no more requests; no more replies can come, so wait a moment for those
  // being written; everything closed and the thread gone.
  void finish_requests();
  void finish_writing(std::chrono::milliseconds patience);
  void close();

 private:
  void on_head(std::shared_ptr<Connection> from, Request head) override;
  void on_request(std::shared_ptr<Connection> from, Request request) override;
  void on_closed(Connection* connection) override;
  void on_bodies_full(const std::string& address) override;
  void accept();
  void admit(boost::asio::ip::tcp::socket socket);
  // False if there is no room for one more of that address.
  bool make_room(const std::string& address);
  void tell_full(const std::string& address, const char* why);
  void tick();
  void for_each(void (Connection::*step)());

  static std::size_t bodies_max(const ServerOptions& options);

  ServerOptions options_;
  BodyBudget bodies_;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_{io_};
  boost::asio::steady_timer timer_{io_};
  std::chrono::milliseconds tick_{500};
  std::unique_ptr<boost::asio::ssl::context> tls_;
  Sink sink_;
  HeadSink head_sink_;
  std::uint16_t port_ = 0;
  bool accept_failed_ = false;
  std::mutex empty_mutex_;
  std::condition_variable empty_;
  bool stopping_ = false;
  std::size_t count_ = 0;  // of connections_, for who waits outside the thread
  struct Held {
    std::shared_ptr<Connection> connection;
    std::string address;  // as it is counted; empty: it is not
  };
  std::unordered_map<Connection*, Held> connections_;
  std::unordered_map<std::string, std::size_t> of_address_;
  std::optional<std::chrono::steady_clock::time_point> told_full_;
  std::thread thread_;
};

}  // namespace lotmark::http
