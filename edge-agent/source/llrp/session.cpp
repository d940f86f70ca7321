#include "edge-agent/source/llrp/session.h"

#include <algorithm>

#include "edge-agent/source/llrp/parameter.h"

namespace lotmark::agent::llrp {

namespace {

constexpr std::chrono::seconds kAnswerWithin{10};
constexpr int kSilentKeepalives = 3;       // so many missing, and the reader is gone
constexpr std::uint16_t kSuccess = 0;      // 14.2.1, M_Success
constexpr std::size_t kRemarkBytes = 200;  // of a reader's own words
constexpr std::uint32_t kAllRospecs = 0;

std::string shortened(std::string text) {
  if (text.size() > kRemarkBytes) text.resize(kRemarkBytes);
  return text;
}

std::string describe(const ReaderStatus& status) {
  return "status " + std::to_string(status.code) + " " + shortened(status.text);
}

// 10 and more: the response of a request has its number plus 10, but for the closing's.
MessageType answer_to(MessageType request) {
  if (request == MessageType::kCloseConnection) return MessageType::kCloseConnectionResponse;
  return static_cast<MessageType>(static_cast<unsigned>(request) + 10);
}

}  // namespace

Session::Session(SessionOptions options, Mono now)
    : options_(std::move(options)), rospec_(rospec_id(options_.rospec)), heard_(now), asked_(now) {}

void Session::send(MessageType type, Bytes body) {
  const Bytes bytes = encode({type, ++id_, std::move(body)});
  output_.insert(output_.end(), bytes.begin(), bytes.end());
}

void Session::ask(Step step, MessageType type, Bytes body, Mono now) {
  step_ = step;
  asked_ = now;
  send(type, std::move(body));
}

Status Session::feed(ByteView bytes, Mono now) {
  heard_ = now;
  cutter_.feed(bytes);
  for (;;) {
    LM_ASSIGN(auto message, cutter_.next());
    if (!message) return {};
    LM_TRY(take(*message, now));
  }
}

Mono Session::deadline() const {
  if (step_ != Step::kReady) return asked_ + kAnswerWithin;
  return heard_ + kSilentKeepalives * options_.keepalive;
}

Status Session::tick(Mono now) {
  if (now < deadline()) return {};
  if (step_ == Step::kReady) return fail(Errc::kUnavailable, "no keepalive from the reader");
  return fail(Errc::kUnavailable, "no answer from the reader");
}

void Session::close(Mono now) { ask(Step::kClosing, MessageType::kCloseConnection, {}, now); }

Status Session::take(const Message& m, Mono now) {
  switch (m.type) {
    case MessageType::kKeepalive: {  // 13.1.4: the answer has the keepalive's id
      const Bytes ack = encode({MessageType::kKeepaliveAck, m.id, {}});
      output_.insert(output_.end(), ack.begin(), ack.end());
      return {};
    }
    case MessageType::kReaderEventNotification: return take_event(m, now);
    case MessageType::kRoAccessReport: return take_report(m);
    case MessageType::kErrorMessage: return take_error(m);
    default: return take_answer(m, now);
  }
}

Status Session::take_event(const Message& m, Mono now) {
  LM_ASSIGN(const auto event, read_event(m.body));
  if (event.closing) return fail(Errc::kUnavailable, "the reader ends the connection");
  if (step_ == Step::kConnection && event.connection_attempt) {
    if (*event.connection_attempt != kConnected) {
      const bool taken = *event.connection_attempt == kReadersOwnStands ||
                         *event.connection_attempt == kClientsStands;
      return fail(
          taken ? Errc::kConflict : Errc::kUnavailable,
          "the reader refuses the connection: status " + std::to_string(*event.connection_attempt));
    }
    news_.push_back(Accepted{event.time});
    ask(Step::kCapabilities, MessageType::kGetReaderCapabilities, get_reader_capabilities(), now);
  } else if (event.connection_attempt == kAnotherTried) {
    news_.push_back(Remark{"another client tried to connect"});
  }
  if (event.buffer_overflow) news_.push_back(Overflow{});
  if (event.antenna) news_.push_back(*event.antenna);
  if (event.exception) news_.push_back(Remark{shortened(*event.exception)});
  if (event.buffer_filled) {
    news_.push_back(
        Remark{"report buffer filled to " + std::to_string(*event.buffer_filled) + "%"});
  }
  return {};
}

// Section 13.2.3: a particular that is left out is as in the last report that had it.
void Session::fill_in(TagReport& tag) {
  const auto carry = [](auto& now, auto& before) {
    if (now) before = now;
    else now = before;
  };
  carry(tag.antenna, before_.antenna);
  carry(tag.rssi_dbm, before_.rssi_dbm);
  carry(tag.pc, before_.pc);
  carry(tag.first_seen, before_.first_seen);
  carry(tag.last_seen, before_.last_seen);
}

Status Session::take_report(const Message& m) {
  LM_ASSIGN(auto reports, read_report(m.body));
  for (auto& tag : reports.tags) fill_in(tag);
  if (!reports.tags.empty() || reports.bad > 0) news_.push_back(Seen{std::move(reports)});
  return {};
}

Status Session::take_error(const Message& m) {
  LM_ASSIGN(const auto status, read_status(m.body));
  const std::string text = "error message: " + describe(status);
  if (step_ != Step::kReady) return fail(Errc::kUsage, text);
  news_.push_back(Remark{text});
  return {};
}

// Answers to what was not asked now are passed over, as are messages of vendors and of types not known here.
Status Session::take_answer(const Message& m, Mono now) {
  struct Request {
    Step step;
    MessageType type;
  };
  static constexpr Request kRequests[] = {
      {Step::kCapabilities, MessageType::kGetReaderCapabilities},
      {Step::kConfiguration, MessageType::kSetReaderConfig},
      {Step::kRospecs, MessageType::kGetRospecs},
      {Step::kDelete, MessageType::kDeleteRospec},
      {Step::kAdd, MessageType::kAddRospec},
      {Step::kEnable, MessageType::kEnableRospec},
      {Step::kStart, MessageType::kStartRospec},
      {Step::kClosing, MessageType::kCloseConnection},
  };
  const auto request = std::ranges::find(kRequests, step_, &Request::step);
  if (request == std::end(kRequests) || m.type != answer_to(request->type) || m.id != id_)
    return {};
  LM_ASSIGN(const auto status, read_status(m.body));
  if (status.code != kSuccess && step_ != Step::kClosing) {
    return fail(Errc::kUsage, "the reader refuses request " +
                                  std::to_string(static_cast<unsigned>(request->type)) + ": " +
                                  describe(status));
  }
  switch (step_) {
    case Step::kCapabilities: {
      LM_ASSIGN(reader_, read_capabilities(m.body));
      const auto ms = static_cast<std::uint32_t>(options_.keepalive.count());
      ask(Step::kConfiguration, MessageType::kSetReaderConfig,
          set_reader_config(ms, reader_.holds_reports), now);
      break;
    }
    case Step::kConfiguration: ask(Step::kRospecs, MessageType::kGetRospecs, {}, now); break;
    case Step::kRospecs: return take_rospecs(m, now);
    case Step::kDelete:
      ask(Step::kAdd, MessageType::kAddRospec, add_rospec(options_.rospec), now);
      break;
    case Step::kAdd:
      ask(Step::kEnable, MessageType::kEnableRospec, rospec_reference(rospec_), now);
      break;
    case Step::kClosing: step_ = Step::kClosed; break;
    default: set_ready();
  }
  return {};
}

// One of our id has our content. What else is there is from before us, or from before the last change of options: a
// reader serves one client.
Status Session::take_rospecs(const Message& m, Mono now) {
  LM_ASSIGN(const auto there, read_rospecs(m.body));
  if (there.empty()) {
    ask(Step::kAdd, MessageType::kAddRospec, add_rospec(options_.rospec), now);
    return {};
  }
  if (there.size() != 1 || there[0].id != rospec_) {
    ask(Step::kDelete, MessageType::kDeleteRospec, rospec_reference(kAllRospecs), now);
    return {};
  }
  switch (there[0].state) {
    case RospecState::kDisabled:
      ask(Step::kEnable, MessageType::kEnableRospec, rospec_reference(rospec_), now);
      break;
    case RospecState::kInactive:
      ask(Step::kStart, MessageType::kStartRospec, rospec_reference(rospec_), now);
      break;
    case RospecState::kActive: resumed_ = true; set_ready();
  }
  return {};
}

// 13.1.6: lets go what the reader held; 13.1.1: and what it has not reported yet.
void Session::set_ready() {
  step_ = Step::kReady;
  news_.push_back(Ready{reader_, resumed_});
  if (reader_.holds_reports) send(MessageType::kEnableEventsAndReports, {});
  if (resumed_) send(MessageType::kGetReport, {});
}

}  // namespace lotmark::agent::llrp
