// What nodes take from each other: lists, routes, tokens, answers. The first byte picks which.
#include "ledger-node/peer/access.h"
#include "ledger-node/peer/token.h"
#include "tests/fuzz/target.h"

namespace lotmark::node {
namespace {

void run_list(ByteView in) {
  const auto list = decode_list(in, 16);
  if (!list) return;
  LM_ASSERT(list->size() <= 16 && std::ranges::equal(encode_list(*list), in));
}

void run_route(ByteView in) {
  const auto route = parse_route(as_text(in));
  if (!route) return;
  LM_ASSERT(!route->parts.empty());
  std::string path;
  for (const auto& part : route->parts) path += "/" + percent_encode(part);
  const auto again = parse_route(path);
  if (path.size() <= 2048) LM_ASSERT(again && again->parts == route->parts);
  (void)route->number("from");
  // Nothing is open by default: whoever has no role may call nothing, whatever the path says.
  for (const char* method : {"GET", "POST"}) {
    LM_ASSERT(!may_call({method, std::string(as_text(in)), {}, {}}, *route, Member{}));
  }
}

void run_token(ByteView in) {
  static const KeyId self{};
  TokenGate gate(fuzz::contract_chain(), self);
  const Call call{"GET", "/peer/v1/blocks?from=0", {}, std::string(as_text(in))};
  const auto token = gate.read(call);
  if (!token) return;
  LM_ASSERT(!gate.admit(*token, call, PublicKey{}, from_ms(0)));  // no key, no admission
}

void run_answer(ByteView in) {
  Reply reply;
  reply.status = 400 + (in.empty() ? 0 : in[0] % 200);
  reply.body = to_bytes(in);
  const Error error = problem_error(reply);
  LM_ASSERT(error.code != Errc::kOk && name(error.code) != "unknown-error");
  // A refusal that was written is read as the same refusal.
  const Error sent = fail(Errc::kNotFound, percent_encode(as_text(in)));
  const Error read = problem_error(reply_error(sent));
  LM_ASSERT(read.code == sent.code && read.text == sent.text);
}

void fuzz_peer(ByteView in) {
  constexpr fuzz::Body kBodies[] = {run_list, run_route, run_token, run_answer};
  const std::size_t which = fuzz::take_byte(in) % std::size(kBodies);
  kBodies[which](in);
}

}  // namespace
LM_FUZZ_TARGET(peer, fuzz_peer);
}  // namespace lotmark::node
