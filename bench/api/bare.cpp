#include "bench/api/bare.h"

#include <arpa/inet.h>
#include <cpprest/http_listener.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace lotmark::bench {

namespace {

constexpr std::size_t kRecordedMax = 1 << 20;

// Those that cpprestsdk and our listener write themselves.
bool is_servers_own(std::string_view lower_name) {
  return lower_name == "date" || lower_name == "content-length" || lower_name == "connection";
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Result<std::string> exchange(std::uint16_t port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string in;
  bool went = ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  for (std::size_t sent = 0; went && sent < request.size();) {
    const ssize_t n = ::send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    went = n > 0;
    if (went) sent += static_cast<std::size_t>(n);
  }
  char part[65536];
  for (ssize_t n = 1; went && n > 0 && in.size() < kRecordedMax;) {
    n = ::recv(fd, part, sizeof part, 0);
    if (n > 0) in.append(part, static_cast<std::size_t>(n));
  }
  ::close(fd);
  if (!went) return fail(Errc::kNetwork, "port " + std::to_string(port) + " takes no request");
  return in;
}

}  // namespace

Result<Recorded> record_answer(std::uint16_t port, const std::string& request) {
  LM_ASSIGN(const auto text, exchange(port, request));
  const auto end = text.find("\r\n\r\n");
  if (end == std::string::npos || !text.starts_with("HTTP/1.1 "))
    return fail(Errc::kNetwork, "port " + std::to_string(port) + " does not answer in HTTP/1.1");
  Recorded out;
  out.status = std::atoi(text.c_str() + 9);
  out.body = text.substr(end + 4);
  for (auto at = text.find("\r\n"); at < end;) {
    at += 2;
    const auto stop = text.find("\r\n", at);
    const auto line = text.substr(at, stop - at);
    const auto colon = line.find(": ");
    if (colon != std::string::npos && !is_servers_own(lower_case(line.substr(0, colon))))
      out.headers[line.substr(0, colon)] = line.substr(colon + 2);
    at = stop;
  }
  return out;
}

Status serve_bare(std::uint16_t port, const Recorded& answer) {
  using namespace web::http;
  try {
    experimental::listener::http_listener listener("http://127.0.0.1:" + std::to_string(port));
    const auto reply = [&answer](const http_request& request) {
      http_response out(static_cast<status_code>(answer.status));
      out.set_body(answer.body);
      for (const auto& [name, value] : answer.headers) out.headers()[name] = value;
      request.reply(out);
    };
    listener.support(methods::GET, reply);
    listener.support(methods::POST, [reply](http_request request) {
      request.extract_vector().then(
          [reply, request](const std::vector<unsigned char>&) { reply(request); });
    });
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    listener.open().wait();
    int which = 0;
    sigwait(&ends, &which);
    listener.close().wait();
    return {};
  } catch (const std::exception& e) {
    return fail(Errc::kNetwork, std::string("the bare listener: ") + e.what());
  }
}

}  // namespace lotmark::bench
