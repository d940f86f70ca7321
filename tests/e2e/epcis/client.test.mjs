// A client of others, npm epcis2.js: it builds events of every type with what may stand in them, and captures them by
// its own capture(); each is then found by its eventID, and by parameters.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { against } from "./schemas.mjs";
import { CONTEXT, EXAMPLE, credentials, eventsIn, get, origin, queryOf, require } from "./server.mjs";

const epcis = require("epcis2.js");

const run = Date.now().toString(36); // its events are its own, whatever the store holds
const id = (name) => `https://farm.example/events/${run}-${name}`;
const item = (serial) => `https://id.gs1.org/01/09506000134352/21/${run}${serial}`;
const pallet = `urn:epc:id:sscc:9506000.${String(Date.now()).padStart(10, "0").slice(-10)}`;
const TIME = "2026-05-04T10:20:30.116+08:00";

const at = (event, name) =>
  event.setEventID(id(name)).setEventTime(TIME).setEventTimeZoneOffset("+08:00").addExtension("farm:n", name);
const place = (kind, extension) => new kind({ id: `urn:epc:id:sgln:9506000.00001.${extension}` });

function objectEvent() {
  const ilmd = new epcis.Ilmd({ "farm:breed": "Kirin", "farm:litter": { "farm:size": 4 } });
  return at(new epcis.ObjectEvent(), "object")
    .setAction(epcis.cbv.actionTypes.add)
    .addEPC(item("a"))
    .addEPC(item("b"))
    .addQuantity(new epcis.QuantityElement({ epcClass: `urn:epc:class:lgtin:9506000.013435.${run}`, quantity: 12.5, uom: "KGM" }))
    .setBizStep(epcis.cbv.bizSteps.commissioning)
    .setDisposition(epcis.cbv.dispositions.active)
    .setPersistentDisposition(
      new epcis.PersistentDisposition({ set: ["completeness_verified"], unset: ["completeness_inferred"] }),
    )
    .setReadPoint(place(epcis.ReadPoint, run))
    .setBizLocation(place(epcis.BizLocation, "0"))
    .addBizTransaction(new epcis.BizTransactionElement({ type: "po", bizTransaction: `https://farm.example/orders/${run}` }))
    .addSource(new epcis.SourceElement({ type: "owning_party", source: `https://farm.example/parties/${run}-1` }))
    .addDestination(new epcis.DestinationElement({ type: "owning_party", destination: `https://farm.example/parties/${run}-2` }))
    .setIlmd(ilmd);
}

const aggregationEvent = () =>
  at(new epcis.AggregationEvent(), "aggregation")
    .setAction("ADD")
    .setParentId(pallet)
    .addChildEPC(item("a"))
    .addChildQuantity(new epcis.QuantityElement({ epcClass: `https://id.gs1.org/01/09506000134352/10/${run}c`, quantity: 7 }))
    .setBizStep("packing");

const associationEvent = () =>
  at(new epcis.AssociationEvent(), "association")
    .setAction("ADD")
    .setParentId(`urn:epc:id:grai:9506000.00001.${run}`)
    .addChildEPC(item("sensor"));

const transactionEvent = () =>
  at(new epcis.TransactionEvent(), "transaction")
    .setAction("OBSERVE")
    .addEPC(item("b"))
    .addBizTransaction(new epcis.BizTransactionElement({ type: "inv", bizTransaction: `https://farm.example/invoices/${run}` }));

const transformationEvent = () =>
  at(new epcis.TransformationEvent(), "transformation")
    .setTransformationID(`https://farm.example/runs/${run}`)
    .addInputEPC(item("a"))
    .addOutputEPC(item("out"))
    .addInputQuantity(
      new epcis.QuantityElement({ epcClass: `https://id.gs1.org/01/09506000134352/10/${run}in`, quantity: 3, uom: "KGM" }),
    )
    .addOutputQuantity(
      new epcis.QuantityElement({ epcClass: `https://id.gs1.org/01/09506000134352/10/${run}out`, quantity: 2, uom: "KGM" }),
    );

function sensorEvent() {
  const element = new epcis.SensorElement()
    .setSensorMetadata(
      new epcis.SensorMetadata({
        time: TIME,
        deviceID: `urn:epc:id:giai:9506000.${run}`,
        bizRules: "https://farm.example/rules/cold",
      }),
    )
    .addSensorReport(new epcis.SensorReportElement({ type: "Temperature", value: 4.5, minValue: 2, maxValue: 8, uom: "CEL" }));
  return at(new epcis.ObjectEvent(), "sensor")
    .setAction("OBSERVE")
    .addEPC(item("chilled"))
    .setReadPoint(place(epcis.ReadPoint, run))
    .addSensorElement(element);
}

const declared = () =>
  objectEvent().setErrorDeclaration(
    new epcis.ErrorDeclaration({
      declarationTime: "2026-06-01T00:00:00.000Z",
      reason: "incorrect_data",
      correctiveEventIDs: [id("aggregation")],
    }),
  );

const MADE = {
  object: objectEvent,
  aggregation: aggregationEvent,
  association: associationEvent,
  transaction: transactionEvent,
  transformation: transformationEvent,
  sensor: sensorEvent,
};

const documentOf = (...events) => {
  const document = new epcis.EPCISDocument({
    "@context": [CONTEXT, { farm: EXAMPLE }],
    creationDate: "2026-05-04T10:30:00.000+08:00",
    schemaVersion: "2.0",
  });
  for (const event of events) document.addEvent(event);
  return document;
};

const found = async (parameters) => {
  const answer = await get(`/events?${queryOf(parameters)}`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(against("epcisQueryDocument", answer.json), null);
  return eventsIn(answer.json)
    .map((event) => event["farm:n"] + (event.errorDeclaration ? " declared wrong" : ""))
    .sort();
};

before(() =>
  epcis.setup({ apiUrl: origin, headers: { "content-type": "application/json", ...credentials } }),
);

for (const [name, make] of Object.entries(MADE)) {
  test(`${name}: its own capture() is taken, and the event comes back as it was built`, async () => {
    const document = documentOf(make());
    assert.equal(document.isValid(), true);
    const response = await epcis.capture(document);
    assert.equal(response.status, 202, JSON.stringify(response));
    const job = await get(response.headers.get("location"));
    assert.equal(against("CaptureJob", job.json), null);
    assert.equal(job.json.success, true, JSON.stringify(job.json.errors));
    const answer = await get(`/events/${encodeURIComponent(id(name))}`);
    assert.equal(answer.status, 200, answer.text);
    const [{ recordTime, ...event }] = eventsIn(answer.json);
    assert.ok(recordTime);
    assert.deepEqual(event, JSON.parse(JSON.stringify(make().toObject())));
  });
}

test("its poll of the job ends with success", async () => {
  const response = await epcis.capture(
    documentOf(at(new epcis.ObjectEvent(), "polled").setAction("OBSERVE").addEPC(item("polled"))),
  );
  const poll = new epcis.CaptureResponse(response);
  await poll.pollForTheCaptureToFinish(5, 200);
  assert.equal(poll.getRunningStatus(), false);
  assert.equal(poll.getSuccessStatus(), true);
  assert.deepEqual(poll.getErrors() ?? [], []);
});

test("an error declaration stands beside the event it declares wrong", async () => {
  const response = await epcis.capture(documentOf(declared()));
  assert.equal((await get(response.headers.get("location"))).json.success, true);
  const both = [["EQ_eventID", id("object")]];
  assert.deepEqual(await found(both), ["object", "object declared wrong"]);
  assert.deepEqual(await found([...both, ["EXISTS_errorDeclaration", "true"]]), ["object declared wrong"]);
  assert.deepEqual(await found([...both, ["EQ_errorReason", "incorrect_data"]]), ["object declared wrong"]);
  assert.deepEqual(await found([["EQ_correctiveEventID", id("aggregation")]]), ["object declared wrong"]);
  assert.deepEqual(await found([...both, ["GE_errorDeclarationTime", "2026-06-01T00:00:00Z"]]), ["object declared wrong"]);
  assert.deepEqual(await found([...both, ["LT_errorDeclarationTime", "2026-06-01T00:00:00Z"]]), []);
});

test("each is found by what it says", async () => {
  const object = ["object", "object declared wrong"];
  const urn = (link) => `urn:epc:id:sgtin:9506000.013435.${link.split("/").at(-1)}`;
  const rows = [
    [
      ["MATCH_epc", item("a")],
      ["aggregation", ...object],
    ],
    [
      ["MATCH_epc", urn(item("a"))],
      ["aggregation", ...object],
    ],
    [
      ["MATCH_anyEPC", item("a")],
      ["aggregation", ...object, "transformation"],
    ],
    [["MATCH_parentID", pallet], ["aggregation"]],
    [["MATCH_inputEPC", item("a")], ["transformation"]],
    [["MATCH_outputEPC", item("out")], ["transformation"]],
    [["MATCH_epcClass", `https://id.gs1.org/01/09506000134352/10/${run}`], object],
    [["MATCH_epcClass", `urn:epc:class:lgtin:9506000.013435.${run}c`], ["aggregation"]],
    [["MATCH_inputEPCClass", `https://id.gs1.org/01/09506000134352/10/${run}in`], ["transformation"]],
    [["MATCH_outputEPCClass", `https://id.gs1.org/01/09506000134352/10/${run}out`], ["transformation"]],
    [["EQ_transformationID", `https://farm.example/runs/${run}`], ["transformation"]],
    [["EQ_bizTransaction_po", `https://farm.example/orders/${run}`], object],
    [["EQ_bizTransaction_inv", `https://farm.example/invoices/${run}`], ["transaction"]],
    [["EQ_bizTransaction_po", `https://farm.example/invoices/${run}`], []],
    [["EQ_source_owning_party", `https://farm.example/parties/${run}-1`], object],
    [["EQ_destination_owning_party", `https://farm.example/parties/${run}-2`], object],
    [
      ["EQ_readPoint", `urn:epc:id:sgln:9506000.00001.${run}`],
      [...object, "sensor"],
    ],
    [["EQ_deviceID", `urn:epc:id:giai:9506000.${run}`], ["sensor"]],
  ];
  for (const [parameter, names] of rows) assert.deepEqual(await found([parameter]), names, parameter.join("="));
});

test("a temperature told in degrees Celsius is found in kelvin", async () => {
  const here = ["EQ_readPoint", `urn:epc:id:sgln:9506000.00001.${run}`];
  assert.deepEqual(await found([here, ["EQ_value_KEL", "277.65"]]), ["sensor"]);
  assert.deepEqual(await found([here, ["GT_value_KEL", "277.65"]]), []);
  assert.deepEqual(await found([here, ["LE_maxValue_FAH", "46.4"], ["GE_minValue_CEL", "2"]]), ["sensor"]);
  assert.deepEqual(await found([here, ["EQ_type", "Temperature"], ["EQ_bizRules", "https://farm.example/rules/cold"]]), [
    "sensor",
  ]);
});

test("fields of its own, and of its instances and lots, are found by name", async () => {
  const one = ["EQ_eventID", id("object")];
  const object = ["object", "object declared wrong"];
  assert.deepEqual(await found([one, ["EQ_farm:n", "object"]]), object);
  assert.deepEqual(await found([one, ["EQ_ILMD_farm:breed", "Kirin"]]), object);
  assert.deepEqual(await found([one, ["EQ_INNER_ILMD_farm:size", "4"]]), object);
  assert.deepEqual(await found([one, ["EXISTS_INNER_ILMD_farm:colour", "true"]]), []);
});
