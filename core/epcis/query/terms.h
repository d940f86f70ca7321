// Terms of an inverted index over events: numbers that stand for what an event says, so that a store narrows a query to
// few events before it asks matches(). Different things may by chance share a term; that costs a look and loses nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "core/epcis/query/query.h"

namespace lotmark::epcis {

// The first 8 bytes, big-endian, of SHA-256 over a kind byte and a text. Terms are stored: what goes into them is never
// changed (terms.cpp; a test holds the numbers).
using Term = std::uint64_t;

// Sorted, each once.
std::vector<Term> terms_of(const EventFacts& facts);

// An AND of ORs: each event the query matches has at least one term of every list. No lists: the query gives nothing to
// narrow by (eventTime and recordTime have no terms, the store has them as columns). No list is empty; lists are
// sorted, the shortest first.
std::vector<std::vector<Term>> needed_terms(const SimpleQuery& query);

}  // namespace lotmark::epcis
