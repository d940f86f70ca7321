// One caller: reads a request whole, hands it over, writes the answer, and again. All of it runs on
// the listener's one thread, but for reply().
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "core/http/body_budget.h"
#include "core/http/head.h"
#include "core/http/server.h"

namespace lotmark::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using TimePoint = std::chrono::steady_clock::time_point;
  // What a connection asks of its listener.
  struct Owner {
    virtual ~Owner() = default;
    // Exactly one judged() must follow, now or later, from any thread. Only where the options have a judge.
    virtual void on_head(std::shared_ptr<Connection> from, Request head) = 0;
    // Exactly one reply() must follow, now or later, from any thread.
    virtual void on_request(std::shared_ptr<Connection> from, Request request) = 0;
    virtual void on_closed(Connection* connection) = 0;
    virtual BodyBudget& bodies() = 0;  // outlives the connection
    virtual void on_bodies_full(const std::string& address) = 0;
  };

  // `owner` and `options` outlive the connection; tls is null for plain HTTP.
  Connection(Socket socket, boost::asio::ssl::context* tls, const ServerOptions& options,
             Owner& owner);
  void start();
  // Any thread. `request`'s method says whether the body is left out.
  void reply(Response response, bool is_head);
  // Any thread. Nothing: the body may come.
  void judged(std::optional<Response> refusal);
  // Closes, or answers 408, when the deadline of what it does has passed.
  void check_deadline(TimePoint now);
  // What a stopping listener asks: to close after the answer under way; and then, when no reply can
  // come any more, to close unless one is being written.
  void finish_request();
  void finish_writing();
  // Since when it has been waiting for another request, after at least one; nothing while it does not.
  std::optional<TimePoint> idle_since() const;
  void close();

 private:
  enum class State { kHandshake, kHead, kJudging, kBody, kHandling, kWriting, kDraining, kClosed };

  void read_some();
  void on_read(const boost::system::error_code& ec, std::size_t size);
  void advance();  // as far as the bytes held allow
  bool take_head();
  void say_who_asks();  // in the request
  void ask_judge();
  bool begin_body();
  std::size_t body_limit() const;  // of the request whose head is read
  bool take_body();
  bool take_counted();
  bool take_chunked();
  bool make_room(std::size_t more);  // in the body; refuses if the server has none
  void refuse_for_room();
  void drop_body();
  void hand_over();
  void refuse(int status, const char* why);
  void write(Response response, bool is_head);
  void on_written(const boost::system::error_code& ec);
  void drain();
  void within(std::chrono::milliseconds limit);
  template <class Buffers, class Fn>
  void async_send(const Buffers& buffers, Fn fn);

  Socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<Socket&>> tls_;
  const ServerOptions& options_;
  Owner& owner_;
  State state_ = State::kHandshake;
  TimePoint deadline_ = TimePoint::max();
  bool keep_alive_ = true;
  bool last_ = false;    // close after this answer
  bool unread_ = false;  // the caller may still be sending what we refused
  bool timed_out_ = false;
  bool continuing_ = false;  // a 100 Continue is on its way out
  bool answered_ = false;    // a request at least
  TimePoint waits_since_{};
  std::string remote_;
  std::string peer_name_;
  std::array<char, 8192> chunk_{};
  std::string in_;           // read and not yet used
  std::size_t scanned_ = 0;  // of in_, for the end of a head
  Head head_;
  std::size_t body_max_ = 0;  // of this request
  BodyShare body_share_;
  std::optional<ChunkReader> chunks_;
  std::string out_head_;
  Bytes out_body_;
};

}  // namespace lotmark::http
