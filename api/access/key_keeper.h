// Keeps issuers' keys new: from files when these change, from URLs every quarter of an hour and when a token comes whose
// key is not known. What fails leaves the keys that are there.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "api/access/jwt.h"

namespace lotmark::api::access {

// Where an issuer's key set is: in a file or at a URL, one of the two.
struct KeySource {
  TokenIssuer rules;
  std::filesystem::path file;
  std::string url;           // https, or http of this machine
  std::filesystem::path ca;  // PEM: who may answer for an https URL
};

class KeyKeeper {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  // Brings what is in a source's file, or at its URL. It may block; nothing else waits for it meanwhile.
  using Fetch = std::function<Result<Bytes>(const KeySource&)>;

  static constexpr std::chrono::minutes kEvery{15};
  // Between two times of asking one URL, whatever calls for it.
  static constexpr std::chrono::minutes kLeast{1};

  // Reads the files; config if one cannot be used. A URL is asked at the first look. `tokens` knows all these issuers,
  // and outlives this.
  static Result<std::unique_ptr<KeyKeeper>> open(std::vector<KeySource> sources, TokenJudge& tokens,
                                                 Fetch fetch);
  ~KeyKeeper();  // waits for a fetch that is under way

  // Looks now, and from now on each second on a thread of its own.
  void run();
  // What is due at this time: files that changed, URLs. One thread at a time; run() makes it its own thread's.
  void look(Instant now);
  // A key was not known. Any thread; does not wait.
  void ask_soon();

 private:
  struct State {
    KeySource source;
    std::filesystem::file_time_type changed{};  // of the file, when it was read
    std::optional<Instant> asked;
    bool holds = false;  // the last answer was taken
    bool failing = false;
  };
  KeyKeeper(TokenJudge& tokens, Fetch fetch) : tokens_(tokens), fetch_(std::move(fetch)) {}
  Status read_file(State& state);
  Status ask(State& state);
  Status take(const State& state, const Bytes& bytes);
  void say(State& state, const Status& done);
  void loop();

  TokenJudge& tokens_;
  Fetch fetch_;
  std::vector<State> states_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lotmark::api::access
