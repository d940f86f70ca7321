#include "core/http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <ctime>

#include "core/http/problem.h"
#include "core/http/tls.h"

namespace lotmark::http {

namespace asio = boost::asio;
using boost::system::error_code;

Connection::Connection(Socket socket, asio::ssl::context* tls, const ServerOptions& options,
                       Owner& owner)
    : socket_(std::move(socket)), options_(options), owner_(owner), body_share_(owner.bodies()) {
  if (tls != nullptr) tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, *tls);
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = socket_.remote_endpoint(ignored);
  if (!ignored) remote_ = peer.address().to_string();
}

void Connection::within(std::chrono::milliseconds limit) {
  deadline_ = std::chrono::steady_clock::now() + limit;
}

void Connection::start() {
  if (!tls_) {
    state_ = State::kHead;
    within(std::min(options_.first_byte_timeout, options_.idle_timeout));
    read_some();
    return;
  }
  within(options_.read_timeout);
  tls_->async_handshake(
      asio::ssl::stream_base::server, [self = shared_from_this()](const error_code& ec) {
        if (ec || self->state_ != State::kHandshake) return self->close();
        self->peer_name_ = verified_peer_name(self->tls_->native_handle());
        self->state_ = State::kHead;
        self->within(std::min(self->options_.first_byte_timeout, self->options_.idle_timeout));
        self->read_some();
      });
}

void Connection::read_some() {
  auto done = [self = shared_from_this()](const error_code& ec, std::size_t n) {
    self->on_read(ec, n);
  };
  if (tls_) tls_->async_read_some(asio::buffer(chunk_), std::move(done));
  else socket_.async_read_some(asio::buffer(chunk_), std::move(done));
}

void Connection::on_read(const error_code& ec, std::size_t size) {
  if (state_ == State::kClosed) return;
  if (ec) return close();
  if (state_ == State::kDraining) return read_some();
  if (state_ != State::kHead && state_ != State::kBody) return;  // a late read beside a 408
  if (state_ == State::kHead && in_.empty()) within(options_.read_timeout);
  in_.append(chunk_.data(), size);
  advance();
}

void Connection::advance() {
  if (state_ == State::kHead && !take_head()) return;
  if (state_ == State::kBody && !take_body()) return;
  if (state_ == State::kBody) hand_over();
}

static bool has_body(const Head& head) { return head.chunked || head.content_length > 0; }

// True when the head is read and the body may begin. False: more to read, refused, or to be judged first.
bool Connection::take_head() {
  const auto from = scanned_ < 3 ? 0 : scanned_ - 3;
  const auto end = in_.find("\r\n\r\n", from);
  scanned_ = in_.size();
  if (std::min(end, in_.size()) > kHeadMax) {
    head_ = Head{};
    const auto line = in_.find("\r\n");  // what was asked for, if that much can be read
    if (line != std::string::npos)
      (void)parse_head(std::string_view(in_).substr(0, line + 2), head_);
    return refuse(431, "the head is too long"), false;
  }
  if (end == std::string::npos) return read_some(), false;
  head_ = Head{};
  const HeadFault fault = parse_head(std::string_view(in_).substr(0, end + 4), head_);
  in_.erase(0, end + 4);
  scanned_ = 0;
  keep_alive_ = head_.keep_alive;
  if (fault.status != 0) return refuse(fault.status, fault.why), false;
  body_max_ = body_limit();
  if (head_.content_length > body_max_) return refuse(413, "the body is too large"), false;
  if (!owner_.bodies().has_room(static_cast<std::size_t>(head_.content_length)))
    return refuse_for_room(), false;
  chunks_.reset();
  if (head_.chunked) chunks_.emplace(body_max_);
  if (has_body(head_) && options_.judge_head) return ask_judge(), false;
  return begin_body();
}

void Connection::say_who_asks() {
  head_.request.remote = remote_;
  head_.request.peer_name = peer_name_;
}

void Connection::ask_judge() {
  state_ = State::kJudging;
  deadline_ = TimePoint::max();
  head_.request.judged_as =
      head_.chunked ? body_max_ : static_cast<std::size_t>(head_.content_length);
  say_who_asks();
  owner_.on_head(shared_from_this(), head_.request);
}

void Connection::judged(std::optional<Response> refusal) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), r = std::move(refusal)]() mutable {
    if (self->state_ != State::kJudging) return;
    if (r) {
      self->last_ = self->unread_ = true;
      return self->write(*std::move(r), self->head_.request.method == "HEAD");
    }
    self->within(self->options_.read_timeout);
    if (self->begin_body()) self->advance();
  });
}

// True when the body may be read on.
bool Connection::begin_body() {
  state_ = State::kBody;
  if (head_.expects_continue && has_body(head_) && in_.empty()) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    continuing_ = true;
    async_send(asio::buffer(kContinue),
               [self = shared_from_this()](const error_code& ec, std::size_t) {
                 self->continuing_ = false;
                 if (ec) self->close();
                 else if (self->state_ == State::kBody) self->advance();
               });
    return false;
  }
  return true;
}

std::size_t Connection::body_limit() const {
  if (!options_.body_max_of) return options_.body_max;
  const Request& r = head_.request;
  return std::min(options_.body_max, options_.body_max_of(r.method, r.path));
}

bool Connection::take_body() { return head_.chunked ? take_chunked() : take_counted(); }

bool Connection::take_counted() {
  Bytes& body = head_.request.body;
  const std::size_t want = static_cast<std::size_t>(head_.content_length) - body.size();
  const auto part = as_bytes(std::string_view(in_).substr(0, want));
  if (!make_room(part.size())) return false;
  body.insert(body.end(), part.begin(), part.end());
  in_.erase(0, part.size());
  if (part.size() < want) return read_some(), false;
  return true;
}

bool Connection::take_chunked() {
  if (!make_room(std::min(in_.size(), body_max_ - head_.request.body.size()))) return false;
  in_.erase(0, chunks_->feed(in_, head_.request.body));
  if (chunks_->too_large()) return refuse(413, "the body is too large"), false;
  if (chunks_->bad()) return refuse(400, "a chunk is malformed"), false;
  if (!chunks_->done()) return read_some(), false;
  return true;
}

// A body grows by doubling, and what it reserves is what is counted: a caller that only announces much holds nothing.
bool Connection::make_room(std::size_t more) {
  Bytes& body = head_.request.body;
  const std::size_t need = body.size() + more;
  if (need <= body.capacity()) return true;
  const std::size_t most =
      head_.chunked ? body_max_ : static_cast<std::size_t>(head_.content_length);
  const std::size_t wanted = std::min(std::max(need, 2 * body.capacity()), most);
  if (!body_share_.grow_to(wanted)) return refuse_for_room(), false;
  body.reserve(wanted);
  return true;
}

void Connection::refuse_for_room() {
  owner_.on_bodies_full(remote_);
  refuse(503, "the server has no room for this body at the moment");
}

void Connection::drop_body() {
  Bytes().swap(head_.request.body);
  body_share_.release();
}

void Connection::hand_over() {
  state_ = State::kHandling;
  deadline_ = TimePoint::max();
  say_who_asks();
  owner_.on_request(shared_from_this(), std::move(head_.request));
}

void Connection::refuse(int status, const char* why) {
  last_ = true;
  unread_ = true;
  state_ = State::kHandling;
  drop_body();
  say_who_asks();
  const Errc code = status == 413 || status == 414 || status == 431 ? Errc::kTooLarge
                    : status == 408 || status == 503                ? Errc::kUnavailable
                                                                    : Errc::kUsage;
  const Error error = fail(code, why);
  write(options_.refusal ? options_.refusal(head_.request, status, error) : problem(status, error),
        false);
}

void Connection::reply(Response response, bool is_head) {
  asio::post(socket_.get_executor(),
             [self = shared_from_this(), r = std::move(response), is_head]() mutable {
               if (self->state_ == State::kHandling) self->write(std::move(r), is_head);
             });
}

// RFC 9110 section 5.6.7, made anew once a second.
static const std::string& date_now() {
  thread_local std::time_t last = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != last) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    char buffer[40];
    std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    text = buffer;
    last = now;
  }
  return text;
}

static std::string write_head(const Response& r, bool closing) {
  std::string h;
  h.reserve(512);
  h.append("HTTP/1.1 ")
      .append(std::to_string(r.status))
      .append(" ")
      .append(reason_phrase(r.status));
  h.append("\r\nDate: ").append(date_now());
  if (!r.content_type.empty()) h.append("\r\nContent-Type: ").append(r.content_type);
  if (r.status != 204 && r.status != 304) {
    h.append("\r\nContent-Length: ").append(std::to_string(r.body.size()));
  }
  for (const auto& [name, value] : r.headers) {
    if (value.find_first_of("\r\n") != std::string::npos)
      continue;  // never a header of somebody else
    h.append("\r\n").append(name).append(": ").append(value);
  }
  if (closing) h.append("\r\nConnection: close");
  return h.append("\r\n\r\n");
}

template <class Buffers, class Fn>
void Connection::async_send(const Buffers& buffers, Fn fn) {
  if (tls_) asio::async_write(*tls_, buffers, std::move(fn));
  else asio::async_write(socket_, buffers, std::move(fn));
}

void Connection::write(Response response, bool is_head) {
  if (!keep_alive_) last_ = true;
  state_ = State::kWriting;
  within(options_.write_timeout);
  body_share_.release();  // the handler is done with it
  out_head_ = write_head(response, last_);
  const bool bodiless = is_head || response.status == 204 || response.status == 304;
  out_body_ = bodiless ? Bytes{} : std::move(response.body);
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(out_head_), asio::buffer(out_body_)};
  async_send(buffers, [self = shared_from_this()](const error_code& ec, std::size_t) {
    self->on_written(ec);
  });
}

void Connection::on_written(const error_code& ec) {
  if (state_ == State::kClosed) return;
  if (ec) return close();
  if (last_) return unread_ ? drain() : close();
  state_ = State::kHead;
  answered_ = true;
  waits_since_ = std::chrono::steady_clock::now();
  out_body_ = {};
  within(in_.empty() ? options_.idle_timeout : options_.read_timeout);
  if (in_.empty()) read_some();
  else advance();
}

// Closing with bytes unread would reset the connection and take our answer with it: end our side,
// and read over what still comes for a moment.
void Connection::drain() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  state_ = State::kDraining;
  within(std::chrono::seconds(2));
  in_ = {};
  if (!timed_out_) read_some();  // beside a 408 a read is still under way
}

void Connection::check_deadline(TimePoint now) {
  if (now < deadline_ || state_ == State::kClosed) return;
  const bool mid_request = state_ == State::kBody || (state_ == State::kHead && !in_.empty());
  if (!mid_request || continuing_) return close();
  timed_out_ = true;
  refuse(408, "the request did not arrive in time");
}

std::optional<Connection::TimePoint> Connection::idle_since() const {
  const bool idle = state_ == State::kHead && in_.empty() && answered_;
  return idle ? std::optional(waits_since_) : std::nullopt;
}

void Connection::finish_request() {
  if (state_ == State::kHandling || state_ == State::kWriting) last_ = true;
  else close();
}

void Connection::finish_writing() {
  if (state_ != State::kWriting && state_ != State::kDraining) close();
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  if (state_ == State::kBody) drop_body();
  state_ = State::kClosed;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  owner_.on_closed(this);
}

}  // namespace lotmark::http
