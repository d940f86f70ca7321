// LLRP as a reader sends it. Cut in chunks or whole it is the same, messages and parameters are written again to the
// bytes they were, and what is read of a message lies within it. The first byte picks how it is chunked.
#include "edge-agent/source/llrp/answers.h"
#include "edge-agent/source/llrp/parameter.h"
#include "tests/fuzz/target.h"

namespace lotmark::agent::llrp {
namespace {

struct Cut {
  std::vector<Message> messages;
  bool broken = false;
  std::size_t held = 0;
  bool operator==(const Cut&) const = default;
};

Cut cut(ByteView in, std::size_t chunk) {
  Cut out;
  MessageCutter cutter;
  while (!in.empty() && !out.broken) {
    const std::size_t n = std::min(chunk, in.size());
    cutter.feed(in.first(n));
    in = in.subspan(n);
    for (;;) {
      auto m = cutter.next();
      out.broken = !m;
      if (!m || !*m) break;
      out.messages.push_back(std::move(**m));
    }
  }
  out.held = out.broken ? 0 : cutter.held();
  return out;
}

// Version 1 and no reserved bits: that is what we write.
void check_encoding(ByteView in, const std::vector<Message>& messages) {
  for (const auto& m : messages) {
    const Bytes again = encode(m);
    LM_ASSERT(again.size() <= in.size());
    const bool ours = (in[0] & 0xfc) == 0x04;
    LM_ASSERT(!ours || std::equal(again.begin(), again.end(), in.begin()));
    in = in.subspan(again.size());
  }
}

void check_parameters(ByteView in) {
  Parameters all(in);
  Writer out;
  std::size_t size = 0;
  while (const auto p = all.next()) {
    const bool tv = static_cast<unsigned>(p->type) < 128 && (in[size] & 0x80) != 0;
    if (tv) out.tv(p->type).bytes(p->value);
    else out.tlv(p->type, [&](Writer& w) { w.bytes(p->value); });
    size += p->value.size() + (tv ? 1 : 4);
    LM_ASSERT(size <= in.size());
  }
  const Bytes again = std::move(out).take();
  LM_ASSERT(again.size() == size && (!all.ok() || size == in.size()));
  Parameters first(in.first(size));
  Parameters second(again);
  for (auto p = first.next(); p; p = first.next()) {
    const auto q = second.next();
    LM_ASSERT(q && q->type == p->type && std::ranges::equal(q->value, p->value));
  }
  LM_ASSERT(!second.next() && second.ok() && first.ok());
}

void check_report(const Message& m) {
  const auto report = read_report(m.body);
  if (!report) return;
  for (const auto& tag : report->tags) {
    LM_ASSERT(tag.epc_bits > 0 && tag.epc.size() == (tag.epc_bits + 7) / 8);
    LM_ASSERT(std::search(m.body.begin(), m.body.end(), tag.epc.begin(), tag.epc.end()) !=
              m.body.end());
  }
}

void fuzz_llrp(ByteView in) {
  const std::size_t chunk = std::size_t{1} + fuzz::take_byte(in);
  const Cut whole = cut(in, std::max<std::size_t>(1, in.size()));
  LM_ASSERT(whole == cut(in, chunk));
  check_encoding(in, whole.messages);
  for (const auto& m : whole.messages) {
    check_parameters(m.body);
    check_report(m);
    if (const auto e = read_event(m.body); e && e->exception) {
      LM_ASSERT(e->exception->size() <= m.body.size());
    }
    if (const auto s = read_status(m.body)) LM_ASSERT(s->text.size() <= m.body.size());
    if (const auto c = read_capabilities(m.body)) LM_ASSERT(c->firmware.size() <= m.body.size());
    if (const auto r = read_rospecs(m.body)) LM_ASSERT(r->size() * 10 <= m.body.size());
  }
}

}  // namespace
LM_FUZZ_TARGET(llrp, fuzz_llrp);
}  // namespace lotmark::agent::llrp
