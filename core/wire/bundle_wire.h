// The MQTT payload of a bundle: the signed bundle, its salt and the readings (docs/format/device.md).
// Salt and readings go to the enterprise and its reviewer only.
#pragma once

#include "core/wire/cbor_reader.h"
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

// Opens wires one after another and keeps its memory: no allocation a reading. One thread at a time.
// The bytes must stay until the next open_bundle.
class WireReader {
 public:
  // Size, CBOR, phase 1 of the wire, and the bundle as a signed object up to step 16. Who may sign and the
  // signature (17 and 18) are the caller's to check before it goes on.
  Result<Signed<Bundle>> open_bundle(ByteView bytes, const Digest& chain);
  // The page's checks of the readings, against the bundle opened last.
  Errc check_readings(const Bundle& bundle);
  // Of a wire that passed both.
  Digest salt() const;
  std::vector<ChannelReadings> readings(const Bundle& bundle) const;

 private:
  Errc check_channel(const Channel& channel, CborValue list, const Digest& salt,
                     std::uint32_t place);
  CborValue lists() const { return doc_.root().first().next().next(); }

  CborDoc doc_;
  std::vector<merkle::AnnotatedNode> leaves_;
};

// Every check of the page but signer and signature (steps 17 and 18), which the caller makes first through
// `authorise`: it gets the opened bundle and says whether its signature is one to trust.
template <class Authorise>
Result<OpenedWire> open_wire(ByteView bytes, const Digest& chain, Authorise&& authorise);

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
  WireReader reader;
  LM_ASSIGN(auto bundle, reader.open_bundle(bytes, chain));
  if (Errc e = authorise(bundle); e != Errc::kOk) return e;
  if (Errc e = reader.check_readings(bundle.body); e != Errc::kOk) return e;
  auto readings = reader.readings(bundle.body);
  return OpenedWire{std::move(bundle), reader.salt(), std::move(readings)};
}

}  // namespace lotmark
