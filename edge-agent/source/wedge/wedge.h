// Readings from barcode scanners and RFID pads that pose as keyboards, read as Linux input events: each scan is a text. The
// device is taken for the agent alone, so that a scan is typed nowhere else. While it is away its channel has declared gaps
// (sensor-lost), and where a scan could not be read (not-a-number).
#pragma once

#include "edge-agent/source/child.h"
#include "edge-agent/source/source.h"
#include "edge-agent/source/stall.h"
#include "edge-agent/source/wedge/scan.h"

namespace lotmark::agent {

struct WedgeOptions {
  std::string name;
  std::string path;  // /dev/input/by-id/...-event-kbd; a FIFO gives the same events
  std::string channel;
  bool grab = true;  // EVIOCGRAB
  ScanOptions scan;
};

class WedgeSource final : public Source {
 public:
  // `clock` outlives the source.
  WedgeSource(WedgeOptions options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        stall_(options_.name, clock),
        scan_(options_.scan) {}

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_.set(); }

 private:
  // Until the device is gone: an error says why, a value that the agent stops.
  Status serve(Sink& sink);
  Status listen(Sink& sink, int fd);
  // Throws away what was scanned while the agent took nothing, and declares that time. False if the agent stops.
  bool catch_up(Sink& sink, int fd);
  // False if the agent stops.
  bool take(Sink& sink, const ScanReader::Outcome& outcome);
  bool declare(Sink& sink, GapReason reason);
  bool declare(Sink& sink, GapReason reason, Time at);

  const WedgeOptions options_;
  const Clock& clock_;
  StopEvent stop_;
  Stall stall_;
  ScanReader scan_;
  bool gone_ = false;
};

std::vector<std::string> channels_of(const WedgeOptions& options);
std::unique_ptr<Source> make_source(const WedgeOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
