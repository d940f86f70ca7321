#include "tests/fuzz/seeds.h"

#include <fstream>
#include <map>

#include "core/crypto/sha256.h"
#include "core/embedded/frame.h"
#include "core/merkle/tree.h"
#include "core/proof/archived.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/schema.h"
#include "core/wire/vote.h"
#include "firmware/app/nv.h"
#include "tests/fuzz/config_seed.h"
#include "tests/fuzz/target.h"
#include "tests/unit/contract_vectors.h"
#include "tests/unit/evidence_vectors.h"

namespace lotmark::fuzz {

namespace {

constexpr std::string_view kTypeNames[] = {
#define LM_NAME(T) #T,
    LM_WIRE_TYPES(LM_NAME)
#undef LM_NAME
};

// "Start" for the type text's "start".
std::optional<std::uint8_t> place_of(std::string_view signed_name) {
  for (std::size_t i = 0; i < std::size(kTypeNames); ++i) {
    std::string lower(kTypeNames[i]);
    lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
    if (lower == signed_name) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

class Maker {
 public:
  std::vector<Seed> take() { return std::move(seeds_); }

  void add(const std::string& target, Bytes bytes) {
    seeds_.push_back({target, std::to_string(count_++), std::move(bytes)});
  }
  void add(const std::string& target, std::string_view text) {
    add(target, to_bytes(as_bytes(text)));
  }
  void add_picked(const std::string& target, std::uint8_t pick, ByteView bytes) {
    Bytes all{pick};
    all.insert(all.end(), bytes.begin(), bytes.end());
    add(target, std::move(all));
  }
  void add_picked(const std::string& target, std::uint8_t pick, std::string_view text) {
    add_picked(target, pick, as_bytes(text));
  }

  // A signed object, and those nested in it however deep.
  void add_object(ByteView object) {
    const auto label = peek(object);
    if (!label) return;
    add("sign1", to_bytes(object));
    add("vote", to_bytes(object));
    if (label->type == SignedName<Ack>::value) add("device_ack", to_bytes(object));
    add("cbor", to_bytes(object.subspan(1)));
    const auto doc = CborDoc::parse(object.subspan(1));
    const CborValue payload = doc->root().first().next().next();
    const auto place = place_of(label->type);
    if (place && payload.type() == CborType::kBytes) add_picked("payload", *place, payload.bytes());
    add_nested(doc->root());
  }
  void add_nested(CborValue v) {
    if (v.type() == CborType::kBytes) {
      add_object(v.bytes());
      if (const auto inner = CborDoc::parse(v.bytes())) {
        add("cbor", to_bytes(v.bytes()));
        if (inner->root().type() >= CborType::kArray) add_nested(inner->root());
      }
    }
    if (v.type() != CborType::kArray && v.type() != CborType::kMap) return;
    CborValue c = v.first();
    for (std::size_t i = 0; i < v.count() * (v.type() == CborType::kMap ? 2 : 1);
         ++i, c = c.next()) {
      add_nested(c);
    }
  }

 private:
  std::vector<Seed> seeds_;
  std::size_t count_ = 0;
};

std::uint8_t place(std::string_view type) {
  const auto at = std::find(std::begin(kTypeNames), std::end(kTypeNames), type);
  return static_cast<std::uint8_t>(at - std::begin(kTypeNames));
}

void add_contract(Maker& m) {
  const auto cbor = test::contract("cbor.json");
  for (const char* list : {"accept", "refuse"}) {
    for (const auto& c : cbor[list]) m.add("cbor", test::hex(c["hex"]));
  }
  const auto cose = test::contract("cose.json");
  for (const char* list : {"accept", "refuse"}) {
    for (const auto& c : cose[list]) {
      m.add("sign1", test::hex(c["hex"]));
      m.add_object(test::hex(c["hex"]));
    }
  }
  for (const char* list : {"objects", "nested"}) {
    for (const auto& o : cose[list]) {
      const auto at = place_of(o["type"].get<std::string>());
      if (at && o["payload"].is_string()) m.add_picked("payload", *at, test::hex(o["payload"]));
    }
  }
  const auto lot = test::contract("lot.json");
  m.add_picked("payload", place("Claim"), test::hex(lot["claim"]));
  for (const auto& w : lot["bundle_wires"]) {
    const Bytes wire = test::hex(w);
    m.add("bundle_wire", wire);
    m.add_nested(CborDoc::parse(wire)->root());
  }
  for (const auto& r : lot["records"]) {
    for (const auto& s : r["segments"]) m.add_picked("payload", place("Segment"), test::hex(s));
  }
  const auto trees = test::contract("trees.json");
  for (const auto& e : trees["evidence"]["entries"]) {
    m.add_picked("payload", place("EvidenceEntry"), test::hex(e));
  }
  const auto receipt = test::contract("receipt.json");
  const Bytes whole = test::hex(receipt["receipt"]);
  const Bytes anchor = test::hex(receipt["anchor"]);
  m.add("receipt", whole);
  m.add_picked("payload", place("Receipt"), whole);
  m.add_picked("payload", place("Anchor"), anchor);
  m.add_picked("payload", std::size(kTypeNames), whole);
  m.add_picked("payload", std::size(kTypeNames), anchor);
  m.add_picked("statements", 0, anchor);
  m.add_nested(CborDoc::parse(whole)->root());
  m.add_nested(CborDoc::parse(anchor)->root());
}

// The shape of a type with every field at its default: mostly out of range, but with all keys in place. Those that
// are signed also as an object of the contract's chain.
template <class T>
void add_shape(Maker& m, const Signer& signer, std::uint8_t type) {
  m.add_picked("payload", type, encode(T{}));
  if constexpr (requires { SignedName<T>::value; }) {
    m.add_object(seal(T{}, signer, contract_chain())->bytes);
  }
}

std::unique_ptr<Signer> contract_signer(const std::string& label) {
  const auto cose = test::contract("cose.json");
  const auto key = std::find_if(cose["keys"].begin(), cose["keys"].end(), [&](const auto& k) {
    return k["label"].template get<std::string>() == "lotmark/test/" + label;
  });
  LM_ASSERT(key != cose["keys"].end());
  return std::move(*signer_openssl(test::hex((*key)["scalar"])));
}

void add_shapes(Maker& m) {
  const auto signer = contract_signer("device1");
  std::uint8_t type = 0;
#define LM_ADD(T) add_shape<T>(m, *signer, type++);
  LM_WIRE_TYPES(LM_ADD)
#undef LM_ADD
  LineFile line;
  line.name = "filling-1";
  line.steps.push_back(
      {"filling", {signer->kid()}, {"t"}, {200, 800, 61000}, signer->kid(), 60000});
  m.add_picked("payload", std::size(kTypeNames), encode(line));
}

// Statement 1 after the contract's statement 0: signed by the root key and all supervising members.
void add_statements(Maker& m) {
  const auto anchor = read_anchor(contract_anchor());
  const auto genesis = open_genesis(anchor->genesis.bytes);
  const auto zero = decode<StatementObject>(std::get<ObjectBytes>(genesis->body.body).bytes);
  auto next = *decode<Membership>(zero->payload);
  next.epoch = 1;
  next.first = 10;
  next.size = 3;
  next.root = Digest{};
  next.enrolments.clear();
  const Bytes payload = encode(next);
  std::map<KeyId, Bytes> signatures;  // ascending by kid, as a statement wants them
  for (const char* label : {"root", "sup1", "sup2", "sup3"}) {
    const auto signer = contract_signer(label);
    signatures[signer->kid()] =
        seal_statement_signature(payload, *signer, &contract_chain())->bytes;
  }
  StatementObject object{payload, {}};
  for (auto& [kid, bytes] : signatures) object.signatures.push_back({bytes});
  const Bytes whole = encode(object);
  m.add_picked("statements", 1, whole);
  m.add_picked("payload", place("StatementObject"), whole);
  m.add_picked("payload", place("Membership"), payload);
  Anchor pinned = *anchor;
  pinned.statements.push_back(whole);
  m.add_picked("statements", 0, encode(pinned));
}

// A larger proof is wrong by its size only.
constexpr std::size_t kProofBytes = 256 * 1024;

void add_evidence(Maker& m) {
  for (const auto& v : test::evidence_vectors()) {
    if (v.file.size() > kProofBytes) continue;
    m.add("evidence", v.file);
    m.add_picked("payload", place("Evidence"), v.file);
    m.add_picked("payload", std::size(kTypeNames), v.file);
  }
}

void add_tokens(Maker& m) {
  Token t;
  t.method = "GET";
  t.path = "/peer/v1/blocks?from=0";
  const auto sealed = seal(t, *contract_signer("sup1"), contract_chain());
  m.add_picked("peer", 2, "Lotmark " + to_hex(sealed->bytes));
}

void add_texts(Maker& m) {
  for (const char* path :
       {"/peer/v1/blocks?from=17", "/peer/v1/batches/00ff/rows", "/peer/v1/votes?from=1&x=%41",
        "/control/v1/batches/A-2026%2F01/steps", "/peer/v1/bundles/00?size=3", "/metrics"}) {
    m.add_picked("peer", 1, path);
  }
  m.add_picked("peer", 0, "\x82\x41\x61\x42\xd2\x80");
  m.add_picked("peer", 3, R"({"type":"about:blank","status":409,"number":46,"detail":"need-seq"})");
  m.add_picked("peer", 3, "lot \xff");
  for (const char* head :
       {"GET /v1/verify?gtin=06901234567892&lot=A-2026%2F01 HTTP/1.1\r\nHost: a\r\nAccept: "
        "*/*\r\n\r\n",
        "POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\nabc",
        "POST http://a/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n",
        "PUT / HTTP/1.0\r\nConnection: close\r\n\r\n5\r\nhello\r\nFFFFFFFF\r\n"}) {
    m.add("http_head", std::string_view(head));
  }
  m.add_picked(
      "source", 0,
      R"([{"bn":"dev:","bt":1.7676e9,"n":"t","u":"Cel","v":2.31},{"n":"h","v":55e0,"t":-5}])");
  m.add_picked(
      "source", 1,
      R"({"n":"dev:t","bv":9007199254740991,"v":9.1,"t":0,"x":[{"y":null}],"vs":"urn:epc:1"})");
  m.add_picked("source", 2, "time,v,w\n2026-01-05T08:00:00Z,4.12,\"1,5\"\n2026-01-05 08:01,NA,7\n");
  m.add_picked("source", 5, "w,time,v\n1,1767600000.125,4.126\n,1767600060,\n");
  m.add_picked("source", 6, "2026,1,5,8,4.12");
  m.add_picked("source", 7, "2024,02,29,23,-0.005");
  for (const char* number : {"\x10"
                             "-12.5e-3",
                             "\x14"
                             "+.5E2",
                             "\x12"
                             "9007199254740991",
                             "\x13"
                             "0.49999"}) {
    m.add_picked("source", 8, number);
    m.add_picked("source", 9, number);
  }
  m.add_picked("source", 10, "ST,*{w} kg\nST,GS,+  12.345 kg\r\nUS,1kg\r\nST,1.2.3 kg\r\n");
  m.add_picked("source", 11, "{t};{}\n-4,5;7e2\n");
  m.add_picked("source", 12,
               "4f 00 4b 46 7f ff 0c 10 7b : crc=7b YES\n4f 00 4b 46 7f ff 0c 10 7b t=4937");
  m.add("agent_config", std::string_view(kAgentConfig));
}

void add_frames(Maker& m) {
  Bytes line;
  const auto put = [&](lm_frame_type type, ByteView body) {
    std::uint8_t out[LM_FRAME_BYTES_MAX];
    const auto size =
        lm_frame_encode(static_cast<std::uint8_t>(type), body.data(), body.size(), out, sizeof out);
    line.insert(line.end(), out, out + size);
  };
  put(kLmFrameHello, as_bytes("lotmark start-signal 1"));
  put(kLmFramePress, {});
  put(kLmFrameEnrol, contract_chain().view());
  m.add("frame", line);
  put(kLmFrameBundle, Bytes(LM_FRAME_BODY_BYTES_MAX, 0x41));
  put(kLmFrameStart, Bytes(254, 0));
  m.add("frame", line);
  line.erase(line.end() - 4, line.end());
  line.push_back(0);
  m.add("frame", line);
}

void add_pages(Maker& m) {
  lm_nv_identity identity{};
  identity.key[31] = 7;
  identity.machine_size = 8;
  std::copy_n("filler-1", 8, identity.machine);
  Bytes page(LM_NV_PAGE_BYTES);
  LM_ASSERT(lm_nv_make_page(&identity, contract_chain().data(), page.data()));
  m.add("nv_page", page);
  page[448 + 11] = 1;  // slot A torn
  m.add("nv_page", page);
  const std::uint8_t seed[LM_SEED_BYTES] = {7};
  LM_ASSERT(lm_nv_make_seed_page(&identity, seed, nullptr, page.data()));
  m.add("nv_page", page);
}

// A right path, and one of the tree before: kind, size, place, leaf, nodes as (level, index).
void add_trees(Maker& m) {
  m.add("tree", Bytes{0, 7, 4, 0, 4, 0, 5, 0, 6, 2, 0});
  m.add("tree", Bytes{0, 8, 4, 0, 4, 0, 5, 1, 3, 2, 0});
  m.add("tree", Bytes{1, 7, 4, 0, 0, 1, 2, 0, 6});
}

// A transaction that came, an answer that went, an object of the intake log (docs/operate/peer.md).
void add_copy_pages(Maker& m) {
  const std::string root = "5820" + std::string(64, '0');
  const std::string tx = "83068241010084410100420203420405";
  const std::string gone = "8307824101410280";
  const std::string object = "880101010000000042d280";
  for (std::string hex :
       {"870000800000" + root + "80", "87020282" + tx + gone + "0101" + root + "81" + object})
    m.add("copy_page", *from_hex(hex));
}

void add_event_proofs(Maker& m) {
  for (const auto& v : test::proof_vectors("event_proof")) {
    if (v.file.size() < kProofBytes) m.add("event_proof", v.file);
  }
}

// Archived proofs, and an archive of one block.
void add_archives(Maker& m) {
  for (const auto& v : test::proof_vectors("archived")) {
    if (v.file.size() < kProofBytes) m.add("archived", v.file);
  }
  const auto lot = proof::verify_receipt(contract_receipt(), contract_anchor(), {}, {});
  const auto receipt = read_receipt(contract_receipt());
  const auto block = open_receipt_block(receipt->block.bytes, contract_chain())->block;
  const Bytes plain = seal(block.body, *contract_signer("sup1"), contract_chain())->bytes;
  const Application& a = *lot.application;
  const Tombstone t{proof::tombstone_key(a.gtin, a.lot), a.expires, lot.block_number};
  ArchiveHeader header;
  header.chain = contract_chain();
  header.first = header.last = lot.block_number;
  header.tombstones = {1, merkle::leaf_hash(encode(t))};
  Bytes archive = encode(header);
  const Bytes item = cbor_bytes([&](CborWriter& w) { w.bytes(plain); });
  archive.insert(archive.end(), item.begin(), item.end());
  m.add("archive", archive);
}

void add_items(Maker& m) {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/item/cases.json");
  const auto vectors = nlohmann::json::parse(in);
  for (const auto& c : vectors["cases"]) {
    if (c.contains("fill")) continue;
    const Bytes file = test::hex(c["file"]);
    m.add("item", file);
    const auto proof = read_item_proof(file);
    if (!proof) continue;
    m.add_picked("payload", place("ItemProof"), file);
    m.add_picked("payload", place("SerialEntry"), proof->proof.entry);
  }
}

}  // namespace

std::vector<Seed> make_seeds() {
  Maker m;
  add_contract(m);
  add_shapes(m);
  add_statements(m);
  add_evidence(m);
  add_tokens(m);
  add_texts(m);
  add_frames(m);
  add_pages(m);
  add_trees(m);
  add_copy_pages(m);
  add_event_proofs(m);
  add_archives(m);
  add_items(m);
  auto seeds = m.take();
  for (auto& seed : rfid_seeds()) seeds.push_back(std::move(seed));
  for (auto& seed : input_seeds()) seeds.push_back(std::move(seed));
  for (auto& seed : gs1_seeds()) seeds.push_back(std::move(seed));
  for (auto& seed : api_seeds()) seeds.push_back(std::move(seed));
  for (auto& seed : sealed_seeds()) seeds.push_back(std::move(seed));
  return seeds;
}

}  // namespace lotmark::fuzz
