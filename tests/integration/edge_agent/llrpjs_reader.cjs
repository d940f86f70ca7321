// Somebody else's LLRP reader (npm llrpjs): prints its port, then each message it is sent as a line of JSON, and once
// it was set up reports the tags given, a moment apart. node llrpjs_reader.cjs MODULES EPC ...
const { createRequire } = require("node:module");
const [modules, ...epcs] = process.argv.slice(2);
const { LLRPServer, LLRPCore } = createRequire(modules + "/")("llrpjs");

const reader = new LLRPServer({ host: "127.0.0.1", port: 0 });
const success = { LLRPStatus: { StatusCode: "M_Success", ErrorDescription: "" } };
const say = (message) => reader.send(message);

const capabilities = {
  ...success,
  LLRPCapabilities: {
    CanDoRFSurvey: false,
    CanReportBufferFillWarning: false,
    SupportsClientRequestOpSpec: false,
    CanDoTagInventoryStateAwareSingulation: false,
    SupportsEventAndReportHolding: false,
    MaxNumPriorityLevelsSupported: 1,
    ClientRequestOpSpecTimeout: 0,
    MaxNumROSpecs: 1,
    MaxNumSpecsPerROSpec: 1,
    MaxNumInventoryParameterSpecsPerAISpec: 1,
    MaxNumAccessSpecs: 1,
    MaxNumOpSpecsPerAccessSpec: 1,
  },
};

// This library loses a message that arrives together with another.
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 50));

const reportTags = async () => {
  await aMoment();
  await say(new LLRPCore.KEEPALIVE());
  for (const epc of epcs) {
    await aMoment();
    await say(new LLRPCore.RO_ACCESS_REPORT({
      data: {
        TagReportData: {
          EPC_96: { EPC: [...Buffer.from(epc, "hex")] },
          AntennaID: { AntennaID: 2 },
          PeakRSSI: { PeakRSSI: -44 },
          LastSeenTimestampUTC: { Microseconds: new Date() },
        },
      },
    }));
  }
};

const answers = {
  GET_READER_CAPABILITIES: capabilities,
  SET_READER_CONFIG: success,
  GET_ROSPECS: success,
  ADD_ROSPEC: success,
  ENABLE_ROSPEC: success,
  CLOSE_CONNECTION: success,
};
for (const [name, data] of Object.entries(answers)) {
  reader.on(name, async (message) => {
    console.log(JSON.stringify(message.toLLRPData(), (_, v) => (typeof v === "bigint" ? Number(v) : v)));
    await say(new LLRPCore[`${name}_RESPONSE`]({ id: message.getMessageId(), data }));
    if (name === "ENABLE_ROSPEC") await reportTags();
    if (name === "CLOSE_CONNECTION") process.exit(0);
  });
}
reader.on("KEEPALIVE_ACK", () => console.log('{"type":"KEEPALIVE_ACK"}'));
reader.on("disconnect", () => process.exit(0));
reader.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
reader.on("connection", () => {
  say(new LLRPCore.READER_EVENT_NOTIFICATION({
    data: {
      ReaderEventNotificationData: {
        UTCTimestamp: { Microseconds: new Date() },
        ConnectionAttemptEvent: { Status: "Success" },
      },
    },
  }));
});
setTimeout(() => process.exit(1), 60000).unref();
reader._server.on("listening", () => console.log(reader._server.address().port));
reader.listen();
