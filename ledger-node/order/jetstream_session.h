// The thread that keeps a line to one of the servers for as long as the session lives: dials them in turn, talks over
// the one that answers, and dials on when it ends.
#pragma once

#include <thread>

#include "ledger-node/order/jetstream_talk.h"

namespace lotmark::node::js {

class Session {
 public:
  Session(JetStreamOptions options, std::string password, std::shared_ptr<Desk> desk);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  struct Dial;
  void run();
  Result<std::unique_ptr<Line>> dial(const std::string& server, const std::string& inbox);
  void talk(Line& line, const std::string& inbox);

  const JetStreamOptions options_;
  const std::string password_;
  const std::shared_ptr<Desk> desk_;
  Said said_;
  std::map<std::string, std::weak_ptr<Dial>> stuck_;  // by server
  std::thread thread_;                                // last: it uses all above
};

}  // namespace lotmark::node::js
