#include "tests/integration/nats/client.h"

#include <gtest/gtest.h>

namespace lotmark::test {

namespace {
constexpr std::int64_t kWaitMs = 2000;

jsOptions waiting() {
  jsOptions o;
  jsOptions_Init(&o);
  o.Wait = kWaitMs;
  return o;
}
}  // namespace

NatsClient::NatsClient(const NatsServers& servers, const std::string& who,
                       const std::string& inbox) {
  natsOptions_Create(&options_);
  const auto urls = servers.client_urls();
  std::vector<const char*> list;
  for (const auto& url : urls) list.push_back(url.c_str());
  natsOptions_SetServers(options_, list.data(), static_cast<int>(list.size()));
  natsOptions_SetTimeout(options_, 5000);
  natsOptions_SetSecure(options_, true);
  natsOptions_LoadCATrustedCertificates(options_, (servers / "ca/ca.crt").c_str());
  if (!who.empty()) {
    EXPECT_EQ(natsOptions_LoadCertificatesChain(options_, (servers / (who + "/tls.crt")).c_str(),
                                                (servers / (who + "/tls.key")).c_str()),
              NATS_OK)
        << who;
  }
  if (!inbox.empty()) natsOptions_SetCustomInboxPrefix(options_, inbox.c_str());
  natsOptions_SetErrorHandler(options_, on_error, this);
  if (natsConnection_Connect(&connection_, options_) != NATS_OK) return;
  jsOptions o = waiting();
  natsConnection_JetStream(&js_, connection_, &o);
}

NatsClient::~NatsClient() {
  jsCtx_Destroy(js_);
  natsConnection_Destroy(connection_);
  natsOptions_Destroy(options_);
}

void NatsClient::on_error(natsConnection* nc, natsSubscription*, natsStatus, void* self) {
  const char* last = nullptr;
  natsConnection_GetLastError(nc, &last);
  auto* me = static_cast<NatsClient*>(self);
  std::lock_guard lock(me->mutex_);
  if (last != nullptr) me->refusals_.emplace_back(last);
}

std::vector<std::string> NatsClient::refusals() {
  natsConnection_Flush(connection_);
  std::lock_guard lock(mutex_);
  return refusals_;
}

bool NatsClient::refused(const std::string& what) {
  return eventually(
      [&] {
        for (const auto& r : refusals()) {
          if (r.find(what) != std::string::npos) return true;
        }
        return false;
      },
      std::chrono::seconds(5));
}

bool NatsClient::make_stream(const std::string& name, const std::string& subject, int replicas,
                             bool deny) {
  jsStreamConfig c;
  jsStreamConfig_Init(&c);
  const char* subjects[] = {subject.c_str()};
  c.Name = name.c_str();
  c.Subjects = subjects;
  c.SubjectsLen = 1;
  c.Replicas = replicas;
  c.Storage = js_FileStorage;
  c.DenyDelete = deny;
  c.DenyPurge = deny;
  c.AllowDirect = true;
  jsOptions o = waiting();
  o.Wait = 10000;
  return js_AddStream(nullptr, js_, &c, &o, nullptr) == NATS_OK;
}

bool NatsClient::append(const std::string& subject, const std::string& text, std::uint64_t last) {
  jsPubOptions o;
  jsPubOptions_Init(&o);
  o.MaxWait = kWaitMs;
  o.ExpectLastSeq = last;
  o.ExpectNoMessage = last == 0;
  return js_Publish(nullptr, js_, subject.c_str(), text.data(), static_cast<int>(text.size()), &o,
                    nullptr) == NATS_OK;
}

bool NatsClient::purge(const std::string& stream) {
  jsOptions o = waiting();
  return js_PurgeStream(js_, stream.c_str(), &o, nullptr) == NATS_OK;
}
bool NatsClient::remove(const std::string& stream) {
  jsOptions o = waiting();
  return js_DeleteStream(js_, stream.c_str(), &o, nullptr) == NATS_OK;
}
bool NatsClient::remove_message(const std::string& stream, std::uint64_t seq) {
  jsOptions o = waiting();
  return js_DeleteMsg(js_, stream.c_str(), seq, &o, nullptr) == NATS_OK;
}

bool NatsClient::update(const std::string& stream, const std::string& subject) {
  jsStreamConfig c;
  jsStreamConfig_Init(&c);
  const char* subjects[] = {subject.c_str()};
  c.Name = stream.c_str();
  c.Subjects = subjects;
  c.SubjectsLen = 1;
  c.Replicas = 3;
  jsOptions o = waiting();
  c.MaxMsgs = 1;
  c.AllowDirect = true;
  return js_UpdateStream(nullptr, js_, &c, &o, nullptr) == NATS_OK;
}

std::string NatsClient::request(const std::string& subject, const std::string& body) {
  natsMsg* reply = nullptr;
  if (natsConnection_RequestString(&reply, connection_, subject.c_str(), body.c_str(), 500) !=
      NATS_OK)
    return "";
  std::string text(natsMsg_GetData(reply), static_cast<std::size_t>(natsMsg_GetDataLength(reply)));
  natsMsg_Destroy(reply);
  return text;
}

std::optional<StreamState> NatsClient::state(const std::string& stream) {
  jsStreamInfo* info = nullptr;
  if (js_GetStreamInfo(&info, js_, stream.c_str(), nullptr, nullptr) != NATS_OK)
    return std::nullopt;
  const StreamState s{info->State.Msgs, info->State.FirstSeq, info->State.LastSeq};
  jsStreamInfo_Destroy(info);
  return s;
}

std::optional<std::string> NatsClient::read(const std::string& stream, std::uint64_t seq) {
  natsMsg* message = nullptr;
  if (js_GetMsg(&message, js_, stream.c_str(), seq, nullptr, nullptr) != NATS_OK)
    return std::nullopt;
  std::string text(natsMsg_GetData(message),
                   static_cast<std::size_t>(natsMsg_GetDataLength(message)));
  natsMsg_Destroy(message);
  return text;
}

}  // namespace lotmark::test
