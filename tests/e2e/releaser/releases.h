// Releases as a reviewing member's node would submit them: real objects under the keys that `lotmark ca init` made,
// brought to whoever orders until that promises. A promise is trusted: only a lot that is not final long after it was
// promised is submitted again, and counted. Any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "tests/e2e/releaser/sample_release.h"

namespace lotmark::e2e {

class Releases {
 public:
  // `config` is the reviewing member's; `supervisors` are the peers that may order.
  static Result<std::unique_ptr<Releases>> open(const node::NodeConfig& config, Signers signers,
                                                std::vector<node::PeerAddress> supervisors,
                                                std::size_t workers);
  ~Releases();

  Status make(std::uint64_t number);
  // A block of that lot is final.
  void is_final(const std::string& lot);
  // Whose blocks come in at the moment: asked first.
  void orders(const KeyId& signer);

  struct Count {
    std::size_t made = 0, promised = 0, final = 0, asked_again = 0;
    std::int64_t slowest_ms = 0;  // from the first promise to a final block
  };
  Count count() const;
  const Digest& chain() const { return signers_.chain; }

 private:
  struct One {
    std::string lot;
    Bytes object;
    Digest id;
    std::int64_t due = 0;
    std::int64_t promised = 0;
    bool busy = false;
    bool final = false;
  };
  struct Answer {
    bool promised = false;
    std::string why;
  };
  Releases(const node::NodeConfig& config, Signers signers,
           std::vector<node::PeerAddress> supervisors);
  void work();
  One* next(std::int64_t now);
  Answer submit(std::size_t to, const Bytes& object, const Digest& id);

  const node::NodeConfig config_;
  const Signers signers_;
  const std::vector<node::PeerAddress> supervisors_;
  std::vector<http::Client> clients_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::map<std::string, One> all_;
  std::deque<One*> open_;
  std::size_t likely_ = 0;
  Count count_;
  std::vector<std::thread> threads_;
};

}  // namespace lotmark::e2e
