// The MQTT payload of a bundle: the signed bundle, its salt and the readings (docs/format/device.md).
// Salt and readings go to the enterprise and its reviewer only.
#pragma once

#include "core/wire/sign1.h"

namespace lotmark {

struct ImageReading {
  std::string text;
  std::uint64_t confidence = 0;  // millionths
  Digest model;
};
struct ImageValue {
  Digest hash;
  std::string media;
  std::vector<ImageReading> readings;
};

// Readings of one channel, column by column: `times` and the one list of its kind have equal sizes.
struct ChannelReadings {
  std::vector<std::uint64_t> times;    // ms UTC
  std::vector<std::int64_t> quantity;  // units of 10^exp
  std::vector<std::string> epc;
  std::vector<ImageValue> images;
};

struct BundleWire {
  Bytes bundle;
  Digest salt;
  std::vector<ChannelReadings> channels;
};

Bytes encode_wire(const BundleWire& wire, const std::vector<Channel>& channels);

// A wire whose readings were checked against the signed bundle: annotations and roots recomputed.
struct OpenedWire {
  Signed<Bundle> bundle;
  Digest salt;
  std::vector<ChannelReadings> channels;
};
// Every check of the page but signer and signature (steps 17 and 18), which the caller makes first through
// `authorise`: it gets the opened bundle and says whether its signature is one to trust.
template <class Authorise>
Result<OpenedWire> open_wire(ByteView bytes, const Digest& chain, Authorise&& authorise);

// The pieces open_wire is made of.
Result<Signed<Bundle>> open_wire_bundle(ByteView bytes, const Digest& chain);
Result<OpenedWire> check_wire_readings(ByteView bytes, Signed<Bundle> bundle);

// Annotation and root of one channel's readings; at least one reading. time-order if times fall.
Result<merkle::AnnotatedNode> quantity_root(const Digest& salt, std::uint32_t place,
                                            const ChannelReadings& readings);
// Leaf entry of any kind, and the plain root of an epc or image channel.
Bytes leaf_entry(const Digest& salt, std::uint32_t place, std::uint32_t index, ChannelKind kind,
                 const ChannelReadings& readings);
Digest plain_root(const Digest& salt, std::uint32_t place, ChannelKind kind,
                  const ChannelReadings& readings);

template <class Authorise>
Result<OpenedWire> open_wire(ByteView bytes, const Digest& chain, Authorise&& authorise) {
  LM_ASSIGN(auto bundle, open_wire_bundle(bytes, chain));
  if (Errc e = authorise(bundle); e != Errc::kOk) return e;
  return check_wire_readings(bytes, std::move(bundle));
}

}  // namespace lotmark
