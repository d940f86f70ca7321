#include "core/wire/bundle_wire.h"

#include "core/merkle/tree.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark {

namespace {

void put_value(CborWriter& w, ChannelKind kind, const ChannelReadings& r, std::size_t i) {
  switch (kind) {
    case ChannelKind::kQuantity: return w.integer(r.quantity[i]);
    case ChannelKind::kEpc: return w.text(r.epc[i]);
    case ChannelKind::kImage: {
      const auto& v = r.images[i];
      w.array(3);
      w.bytes(v.hash.view());
      w.text(v.media);
      w.array(v.readings.size());
      for (const auto& m : v.readings) {
        w.array(3);
        w.text(m.text);
        w.uint(m.confidence);
        w.bytes(m.model.view());
      }
    }
  }
}

// Places 0 to 2 with any value inside the readings: phase 1 of the wire.
struct Outside {
  ByteView bundle;
  ByteView salt;
};
Result<Outside> outside(const CborDoc& doc) {
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 3) return Errc::kFieldType;
  const CborValue bundle = root.first();
  const CborValue salt = bundle.next();
  const CborValue lists = salt.next();
  if (bundle.type() != CborType::kBytes || salt.type() != CborType::kBytes ||
      lists.type() != CborType::kArray) {
    return Errc::kFieldType;
  }
  CborValue list = lists.first();
  for (std::size_t c = 0; c < lists.count(); ++c, list = list.next()) {
    if (list.type() != CborType::kArray) return Errc::kFieldType;
    CborValue r = list.first();
    for (std::size_t i = 0; i < list.count(); ++i, r = r.next()) {
      if (r.type() != CborType::kArray || r.count() != 2 || r.first().type() != CborType::kInt) {
        return Errc::kFieldType;
      }
    }
  }
  if (salt.bytes().size() != Digest::kSize) return Errc::kFieldRange;
  return Outside{bundle.bytes(), salt.bytes()};
}

Errc read_image(CborValue v, ImageValue& out) {
  if (v.type() != CborType::kArray || v.count() != 3) return Errc::kFieldType;
  const CborValue hash = v.first();
  const CborValue media = hash.next();
  const CborValue list = media.next();
  if (hash.type() != CborType::kBytes || media.type() != CborType::kText ||
      list.type() != CborType::kArray) {
    return Errc::kFieldType;
  }
  CborValue m = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, m = m.next()) {
    if (m.type() != CborType::kArray || m.count() != 3) return Errc::kFieldType;
    const CborValue text = m.first();
    const CborValue confidence = text.next();
    const CborValue model = confidence.next();
    if (text.type() != CborType::kText || confidence.type() != CborType::kInt ||
        model.type() != CborType::kBytes) {
      return Errc::kFieldType;
    }
    if (confidence.integer() < 0 || confidence.integer() > 1000000 ||
        model.bytes().size() != Digest::kSize) {
      return Errc::kFieldRange;
    }
    out.readings.push_back({std::string(text.text()),
                            static_cast<std::uint64_t>(confidence.integer()),
                            *Digest::from(model.bytes())});
  }
  if (hash.bytes().size() != Digest::kSize) return Errc::kFieldRange;
  out.hash = *Digest::from(hash.bytes());
  out.media = media.text();
  return Errc::kOk;
}

Errc read_value(CborValue v, ChannelKind kind, ChannelReadings& out) {
  switch (kind) {
    case ChannelKind::kQuantity:
      if (v.type() != CborType::kInt) return Errc::kFieldType;
      out.quantity.push_back(v.integer());
      return Errc::kOk;
    case ChannelKind::kEpc:
      if (v.type() != CborType::kText) return Errc::kFieldType;
      out.epc.emplace_back(v.text());
      return Errc::kOk;
    case ChannelKind::kImage: return read_image(v, out.images.emplace_back());
  }
  return Errc::kFieldType;
}

Errc read_channel(CborValue list, ChannelKind kind, ChannelReadings& out) {
  out.times.reserve(list.count());
  if (kind == ChannelKind::kQuantity) out.quantity.reserve(list.count());
  CborValue r = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, r = r.next()) {
    if (Errc e = read_value(r.first().next(), kind, out); e != Errc::kOk) return e;
  }
  r = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, r = r.next()) {
    if (r.first().integer() < 0) return Errc::kFieldRange;
    out.times.push_back(static_cast<std::uint64_t>(r.first().integer()));
    if (i != 0 && out.times[i] < out.times[i - 1]) return Errc::kTimeOrder;
  }
  return Errc::kOk;
}

// The channel's own annotation and root against those of its readings.
Errc compare(const Channel& channel, const Digest& salt, std::uint32_t place,
             const ChannelReadings& r) {
  if (channel.annotation.index() == 0) return r.times.empty() ? Errc::kOk : Errc::kRootMismatch;
  if (r.times.empty()) return Errc::kRootMismatch;
  if (const auto* a = std::get_if<merkle::Annotation>(&channel.annotation)) {
    auto node = quantity_root(salt, place, r);
    if (!node) return node.code();
    if (node->annotation != *a) return Errc::kAnnotation;
    return node->hash == *channel.root ? Errc::kOk : Errc::kRootMismatch;
  }
  const CountAnnotation have{r.times.size(), r.times.front(), r.times.back()};
  if (std::get<CountAnnotation>(channel.annotation) != have) return Errc::kAnnotation;
  return plain_root(salt, place, channel.kind, r) == *channel.root ? Errc::kOk : Errc::kRootMismatch;
}

}  // namespace

Bytes encode_wire(const BundleWire& wire, const std::vector<Channel>& channels) {
  LM_ASSERT(wire.channels.size() == channels.size());
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(wire.bundle);
    w.bytes(wire.salt.view());
    w.array(wire.channels.size());
    for (std::size_t c = 0; c < wire.channels.size(); ++c) {
      const auto& r = wire.channels[c];
      w.array(r.times.size());
      for (std::size_t i = 0; i < r.times.size(); ++i) {
        w.array(2);
        w.uint(r.times[i]);
        put_value(w, channels[c].kind, r, i);
      }
    }
  });
}

Result<merkle::AnnotatedNode> quantity_root(const Digest& salt, std::uint32_t place,
                                            const ChannelReadings& r) {
  std::vector<merkle::AnnotatedNode> leaves;
  leaves.reserve(r.times.size());
  for (std::uint32_t i = 0; i < r.times.size(); ++i) {
    leaves.push_back(merkle::reading_leaf(salt, place, i, r.times[i], r.quantity[i]));
  }
  return merkle::annotated_root(leaves);
}

Bytes leaf_entry(const Digest& salt, std::uint32_t place, std::uint32_t index, ChannelKind kind,
                 const ChannelReadings& r) {
  const Salt s = merkle::leaf_salt(salt, place, index);
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(s.view());
    w.uint(r.times[index]);
    put_value(w, kind, r, index);
  });
}

Digest plain_root(const Digest& salt, std::uint32_t place, ChannelKind kind,
                  const ChannelReadings& r) {
  merkle::CompactRange tree;
  for (std::uint32_t i = 0; i < r.times.size(); ++i) {
    tree.append(merkle::leaf_hash(leaf_entry(salt, place, i, kind, r)));
  }
  return tree.root();
}

Result<Signed<Bundle>> open_wire_bundle(ByteView bytes, const Digest& chain) {
  if (bytes.size() > limits::kBundleWire) return Errc::kObjectTooLarge;
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  LM_ASSIGN(auto parts, outside(doc));
  return open<Bundle>(parts.bundle, chain);
}

Result<OpenedWire> check_wire_readings(ByteView bytes, Signed<Bundle> bundle) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  LM_ASSIGN(auto parts, outside(doc));
  const auto& channels = bundle.body.channels;
  const CborValue lists = doc.root().first().next().next();
  if (lists.count() != channels.size()) return Errc::kRootMismatch;
  OpenedWire out{std::move(bundle), *Digest::from(parts.salt), {}};
  const auto& declared = out.bundle.body.channels;
  CborValue list = lists.first();
  for (std::uint32_t c = 0; c < declared.size(); ++c, list = list.next()) {
    auto& r = out.channels.emplace_back();
    if (Errc e = read_channel(list, declared[c].kind, r); e != Errc::kOk) return e;
    if (Errc e = compare(declared[c], out.salt, c, r); e != Errc::kOk) return e;
  }
  return out;
}

}  // namespace lotmark
