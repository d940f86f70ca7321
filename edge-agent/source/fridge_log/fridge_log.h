// Readings from the files of one refrigerator logger (WHO vaccine fridges) that somebody puts into a folder: daily extremes
// with the logger's own times, and the SHA-256 of each file. A file is kept with its bytes and its own signature, which must
// hold; what is no such file is set aside with the reason. Each reading of each file is in exactly one bundle, also after
// kill -9: what is kept but not yet in a sealed bundle is told again from its place.
#pragma once

#include "edge-agent/source/child.h"
#include "edge-agent/source/fridge_log/days.h"
#include "edge-agent/source/fridge_log/drop_folder.h"
#include "edge-agent/source/fridge_log/logbook.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

struct FridgeLogOptions {
  std::string name;
  std::string folder;    // where files are put
  std::string kept;      // files that were read; never deleted
  std::string rejected;  // files that were refused
  std::string serial;    // of the logger
  std::vector<Bytes>
      keys;  // as in its files; a file with another is refused. Empty: any key may sign
  std::size_t max_bytes = 256 * 1024;
  fridge::DayOptions days;
};

class FridgeLogSource final : public Source {
 public:
  FridgeLogSource(FridgeLogOptions options, const SourcePlace& place)
      : options_(std::move(options)), clock_(place.clock), at_(place.start) {}

  bool recorded() const override { return true; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_.set(); }

 private:
  // What became of a file that lies in the folder.
  enum class Fate { kKept, kAgain, kRejected, kLeft, kLater, kStopped };
  Result<Fate> take(Sink& sink, const fridge::DropFolder::File& file);
  // Why it is none of this logger's; nothing if it is.
  Status check(const fridge::Log& log, std::string_view text) const;
  bool is_ahead(const fridge::Log& log) const;
  // It stays where it is, and why is said once.
  Fate leave_unread(const fridge::DropFolder::File& file, const Error& error);
  Fate leave_ahead(const fridge::DropFolder::File& file, const fridge::Log& log);
  // Opens what is not open, tells what was kept and not told, and looks in. False if stopped; of an error that may pass
  // nothing is lost: the next turn goes on where this one ended.
  Result<bool> turn(Sink& sink);
  Status open_book();
  // Tells the kept files from where it stands. False if stopped.
  Result<bool> tell(Sink& sink);
  Result<bool> look_in(Sink& sink);
  // Without bytes it is too large.
  Fate reject(Sink& sink, const fridge::DropFolder::File& file, const Bytes* bytes,
              const std::string& reason);
  void leave_no(const fridge::DropFolder::File& file) const;
  void wait() const;

  const FridgeLogOptions options_;
  const Clock& clock_;
  Position at_;  // what comes before was told
  StopEvent stop_;
  std::optional<fridge::Logbook> book_;
  std::optional<fridge::DropFolder> drop_;
  std::optional<fridge::FolderWatch> watch_;
  std::optional<std::int64_t> told_;  // when the newest file of those that were read was made
};

std::vector<std::string> channels_of(const FridgeLogOptions& options);
std::unique_ptr<Source> make_source(const FridgeLogOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
