#include "core/epcis/xml/read.h"

#include <algorithm>

#include "core/epcis/xml/decode.h"
#include "core/epcis/xml/event.h"
#include "core/epcis/xml/extension.h"
#include "core/epcis/xml/scan.h"
#include "core/epcis/xml/walk.h"

namespace lotmark::epcis {

using namespace xml;

namespace {

// What stands around the events: the document, its body, and the results of a query.
class DocumentReader {
 public:
  explicit DocumentReader(Walk& walk) : walk_(walk) {}

  Result<XmlDocument> read(const Part& root) {
    const bool query = root.name.local == "EPCISQueryDocument";
    if (!is_epcis(root.name.space) || (!query && root.name.local != "EPCISDocument"))
      return walk_.fault(root,
                         "the document is neither an EPCISDocument nor an EPCISQueryDocument");
    document_["type"] = root.name.local;
    document_["schemaVersion"] = "2.0";
    LM_TRY(put_root_attributes(root));
    if (!document_.contains("creationDate")) return walk_.fault(root, "it has no creationDate");
    LM_TRY(walk_.parts(root, [&](const Part& part) -> Status {
      if (part.is("EPCISHeader")) return put_header(part);
      if (!part.is("EPCISBody")) return put_other(part, root, document_);
      if (document_.contains("epcisBody")) return walk_.fault(part, "there are two of it");
      document_["epcisBody"] = Json::object();
      return query ? put_query_body(part) : put_body(part);
    }));
    if (!document_.contains("epcisBody")) return walk_.fault(root, "it has no EPCISBody");
    document_["@context"] = walk_.names().context();
    return XmlDocument{std::move(document_), std::move(faults_)};
  }

 private:
  Status put_root_attributes(const Part& root) {
    return walk_.attributes(root, [&](const Name& name, std::string_view value) -> Status {
      if (!name.space.empty()) return put_attribute(walk_, root, name, value, document_);
      if (name.local == "creationDate") {
        document_["creationDate"] = trimmed(value);
      } else if (name.local != "schemaVersion") {
        return put_attribute(walk_, root, name, value, document_);
      } else if (!trimmed(value).starts_with("1") && !trimmed(value).starts_with("2")) {
        return walk_.fault(root, "its schemaVersion is neither 1.0 to 1.2 nor 2.0");
      }
      return {};
    });
  }

  // An extension where the standard allows some.
  Status put_other(const Part& part, const Part& inside, Json& into) {
    if (!part.is_standard()) return put_foreign(walk_, part, into);
    if (!part.is("extension")) return walk_.unknown(part, inside);
    LM_TRY(put_attributes(walk_, part, into));
    return walk_.parts(part, [&](const Part& child) {
      return child.is_standard() ? put_future(walk_, child, into) : put_foreign(walk_, child, into);
    });
  }

  // SBDH and master data are no events. What a programme adds to the header, as US pharma its transaction statement, is
  // kept.
  Status put_header(const Part& header) {
    constexpr std::string_view kSbdh =
        "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";
    Json out = Json::object();
    LM_TRY(put_attributes(walk_, header, out));
    LM_TRY(walk_.parts(header, [&](const Part& part) -> Status {
      if (part.is_standard() || part.name.space == kSbdh) return {};
      return put_foreign(walk_, part, out);
    }));
    if (!out.empty()) document_["epcisHeader"] = std::move(out);
    return {};
  }

  Status put_body(const Part& body) {
    Json& out = document_["epcisBody"];
    LM_TRY(put_attributes(walk_, body, out));
    LM_TRY(walk_.parts(body, [&](const Part& part) {
      return part.is("EventList") ? put_list(part, out) : put_other(part, body, out);
    }));
    if (!out.contains("eventList")) out["eventList"] = Json::array();  // EPCIS 1.2: may be left out
    return {};
  }

  Status put_list(const Part& list, Json& into) {
    if (into.contains("eventList")) return walk_.fault(list, "there are two of it");
    Json& events = into["eventList"] = Json::array();
    return read_events(walk_, list, events, faults_);
  }

  // Of what a query's document may carry, only the results of one have events.
  Status put_query_body(const Part& body) {
    Json& out = document_["epcisBody"];
    LM_TRY(put_attributes(walk_, body, out));
    LM_TRY(walk_.parts(body, [&](const Part& part) -> Status {
      if (!part.is("QueryResults")) return walk_.unknown(part, body);
      if (out.contains("queryResults")) return walk_.fault(part, "there are two of it");
      out["queryResults"] = Json::object();
      return put_results(part, out["queryResults"]);
    }));
    if (!out.contains("queryResults")) return walk_.fault(body, "it has no QueryResults");
    return {};
  }

  Status put_results(const Part& results, Json& into) {
    LM_TRY(put_attributes(walk_, results, into));
    return walk_.parts(results, [&](const Part& part) -> Status {
      if (part.is("queryName") || part.is("subscriptionID")) {
        LM_ASSIGN(into[std::string(part.name.local)], walk_.text(part));
        return {};
      }
      if (!part.is("resultsBody")) return put_other(part, results, into);
      Json& body = into["resultsBody"] = Json::object();
      return walk_.parts(part, [&](const Part& inner) {
        return inner.is("EventList") ? put_list(inner, body) : Status(walk_.unknown(inner, part));
      });
    });
  }

  Walk& walk_;
  Json document_ = Json::object();
  std::vector<XmlFault> faults_;
};

}  // namespace

Result<XmlDocument> read_xml(std::string_view bytes, const XmlLimits& limits) {
  if (bytes.size() > limits.bytes)
    return fail(Errc::kTooLarge, "XML: more than " + std::to_string(limits.bytes) + " bytes");
  LM_ASSIGN(const std::string text, decode_xml(bytes));
  LM_TRY(scan_xml(text, limits));
  pugi::xml_document tree;
  const auto parsed = tree.load_buffer(
      text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
  if (!parsed) {
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0));
    return fail(Errc::kUsage,
                "XML line " + std::to_string(line_of(text, offset)) + ": " + parsed.description());
  }
  Walk walk(text, limits);
  XmlDocument out;
  LM_TRY(walk.root(tree, [&](const Part& root) -> Status {
    LM_ASSIGN(out, DocumentReader(walk).read(root));
    return {};
  }));
  return out;
}

}  // namespace lotmark::epcis
