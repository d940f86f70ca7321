#include "core/wire/bundle_wire.h"

#include "core/merkle/tree.h"
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

// Places 0 to 2 with any value inside the readings: phase 1 of the wire, then the salt's length.
Errc check_outside(CborValue root) {
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
  return salt.bytes().size() == Digest::kSize ? Errc::kOk : Errc::kFieldRange;
}

// Calls fn(item) for the items of an array in order, until one is not fine.
template <class Fn>
Errc each(CborValue array, Fn fn) {
  CborValue v = array.first();
  for (std::size_t i = 0; i < array.count(); ++i, v = v.next()) {
    if (Errc e = fn(v); e != Errc::kOk) return e;
  }
  return Errc::kOk;
}

Errc image_types(CborValue v) {
  if (v.type() != CborType::kArray || v.count() != 3) return Errc::kFieldType;
  const CborValue hash = v.first();
  const CborValue media = hash.next();
  const CborValue list = media.next();
  if (hash.type() != CborType::kBytes || media.type() != CborType::kText ||
      list.type() != CborType::kArray) {
    return Errc::kFieldType;
  }
  return each(list, [](CborValue m) {
    return m.type() == CborType::kArray && m.count() == 3 && m.first().type() == CborType::kText &&
                   m.first().next().type() == CborType::kInt &&
                   m.first().next().next().type() == CborType::kBytes
               ? Errc::kOk
               : Errc::kFieldType;
  });
}

Errc image_ranges(CborValue v) {
  if (v.first().bytes().size() != Digest::kSize) return Errc::kFieldRange;
  return each(v.first().next().next(), [](CborValue m) {
    const CborValue confidence = m.first().next();
    return confidence.integer() >= 0 && confidence.integer() <= 1000000 &&
                   confidence.next().bytes().size() == Digest::kSize
               ? Errc::kOk
               : Errc::kFieldRange;
  });
}

Errc value_type(CborValue v, ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kQuantity: return v.type() == CborType::kInt ? Errc::kOk : Errc::kFieldType;
    case ChannelKind::kEpc: return v.type() == CborType::kText ? Errc::kOk : Errc::kFieldType;
    case ChannelKind::kImage: return image_types(v);
  }
  return Errc::kFieldType;
}

Errc value_range(CborValue v, ChannelKind kind) {
  if (kind == ChannelKind::kEpc) return v.text().empty() ? Errc::kFieldRange : Errc::kOk;
  return kind == ChannelKind::kImage ? image_ranges(v) : Errc::kOk;
}

// Types, ranges and times of one channel's list, each over the whole list before the next.
Errc check_list(CborValue list, ChannelKind kind) {
  const auto value = [](CborValue r) { return r.first().next(); };
  if (Errc e = each(list, [&](CborValue r) { return value_type(value(r), kind); });
      e != Errc::kOk) {
    return e;
  }
  const Errc ranges = each(list, [&](CborValue r) {
    return r.first().integer() < 0 ? Errc::kFieldRange : value_range(value(r), kind);
  });
  if (ranges != Errc::kOk) return ranges;
  std::int64_t before = 0;
  return each(list, [&](CborValue r) {
    const std::int64_t t = r.first().integer();
    if (t < before) return Errc::kTimeOrder;
    before = t;
    return Errc::kOk;
  });
}

// The encodings of t and value of a reading: deterministic, so they are those of its leaf entry too.
ByteView t_and_value(CborValue reading) { return reading.encoding().subspan(1); }

ImageValue to_image(CborValue v) {
  const CborValue media = v.first().next();
  ImageValue out{*Digest::from(v.first().bytes()), std::string(media.text()), {}};
  (void)each(media.next(), [&](CborValue m) {
    const CborValue confidence = m.first().next();
    out.readings.push_back({std::string(m.first().text()),
                            static_cast<std::uint64_t>(confidence.integer()),
                            *Digest::from(confidence.next().bytes())});
    return Errc::kOk;
  });
  return out;
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

Result<Signed<Bundle>> WireReader::open_bundle(ByteView bytes, const Digest& chain) {
  if (bytes.size() > limits::kBundleWire) return Errc::kObjectTooLarge;
  if (Errc e = doc_.read(bytes); e != Errc::kOk) return e;
  if (Errc e = check_outside(doc_.root()); e != Errc::kOk) return e;
  return open<Bundle>(doc_.root().first().bytes(), chain);
}

Digest WireReader::salt() const { return *Digest::from(doc_.root().first().next().bytes()); }

Errc WireReader::check_readings(const Bundle& bundle) {
  if (lists().count() != bundle.channels.size()) return Errc::kRootMismatch;
  const Digest bundle_salt = salt();
  std::uint32_t place = 0;
  return each(lists(), [&](CborValue list) {
    const Channel& channel = bundle.channels[place];
    if (Errc e = check_list(list, channel.kind); e != Errc::kOk) return e;
    return check_channel(channel, list, bundle_salt, place++);
  });
}

// The channel's own annotation and root against those of its readings.
Errc WireReader::check_channel(const Channel& channel, CborValue list, const Digest& bundle_salt,
                               std::uint32_t place) {
  if ((channel.annotation.index() == 0) != (list.count() == 0)) return Errc::kRootMismatch;
  if (list.count() == 0) return Errc::kOk;
  std::uint32_t index = 0;
  if (const auto* a = std::get_if<merkle::Annotation>(&channel.annotation)) {
    if (list.count() > limits::kReadings)
      return Errc::kAnnotation;  // the bundle's count cannot agree
    leaves_.clear();
    (void)each(list, [&](CborValue r) {
      leaves_.push_back(merkle::reading_leaf_raw(bundle_salt, place, index++,
                                                 static_cast<std::uint64_t>(r.first().integer()),
                                                 r.first().next().integer(), t_and_value(r)));
      return Errc::kOk;
    });
    auto node = merkle::annotated_root_in(leaves_);
    if (!node) return node.code();
    if (node->annotation != *a) return Errc::kAnnotation;
    return node->hash == *channel.root ? Errc::kOk : Errc::kRootMismatch;
  }
  merkle::CompactRange tree;
  CountAnnotation have{list.count(), static_cast<std::uint64_t>(list.first().first().integer()), 0};
  (void)each(list, [&](CborValue r) {
    have.t_last = static_cast<std::uint64_t>(r.first().integer());
    tree.append(merkle::leaf_hash_raw(bundle_salt, place, index++, t_and_value(r)));
    return Errc::kOk;
  });
  if (std::get<CountAnnotation>(channel.annotation) != have) return Errc::kAnnotation;
  return tree.root() == *channel.root ? Errc::kOk : Errc::kRootMismatch;
}

std::vector<ChannelReadings> WireReader::readings(const Bundle& bundle) const {
  std::vector<ChannelReadings> out;
  out.reserve(bundle.channels.size());
  (void)each(lists(), [&](CborValue list) {
    const ChannelKind kind = bundle.channels[out.size()].kind;
    auto& c = out.emplace_back();
    return each(list, [&](CborValue r) {
      const CborValue value = r.first().next();
      c.times.push_back(static_cast<std::uint64_t>(r.first().integer()));
      switch (kind) {
        case ChannelKind::kQuantity: c.quantity.push_back(value.integer()); break;
        case ChannelKind::kEpc: c.epc.emplace_back(value.text()); break;
        case ChannelKind::kImage: c.images.push_back(to_image(value)); break;
      }
      return Errc::kOk;
    });
  });
  return out;
}

}  // namespace lotmark
