// Somebody else's LLRP client (npm llrpjs) on the reader of our tests: sets it up, and prints the EPC and antenna of as
// many tags as asked for, one a line. node llrpjs_client.cjs MODULES PORT COUNT
const { createRequire } = require("node:module");
const [modules, port, count] = process.argv.slice(2);
const { LLRPClient, LLRPCore } = createRequire(modules + "/")("llrpjs");

const fail = (why) => {
  console.error(why);
  process.exit(1);
};

const reader = new LLRPClient({ host: "127.0.0.1", port: Number(port) });
reader.on("error", fail);

const listed = (value) => (Array.isArray(value) ? value : [value]);

const transact = async (message) => {
  const answer = await reader.transact(message, 10000);
  const code = answer.getLLRPStatus().getStatusCode();
  if (code !== "M_Success") fail(`${answer.getName()}: ${code}`);
};

const rospec = {
  ROSpecID: 17,
  Priority: 0,
  CurrentState: "Disabled",
  ROBoundarySpec: {
    ROSpecStartTrigger: { ROSpecStartTriggerType: "Immediate" },
    ROSpecStopTrigger: { ROSpecStopTriggerType: "Null", DurationTriggerValue: 0 },
  },
  AISpec: {
    AntennaIDs: [0],
    AISpecStopTrigger: { AISpecStopTriggerType: "Null", DurationTrigger: 0 },
    InventoryParameterSpec: { InventoryParameterSpecID: 1, ProtocolID: "EPCGlobalClass1Gen2" },
  },
};

(async () => {
  let seen = 0;
  reader.on("RO_ACCESS_REPORT", (report) => {
    for (const tag of listed(report.getTagReportData())) {
      console.log(`${tag.getEPCParameter().getEPC().toLowerCase()} ${tag.getAntennaID().getAntennaID()}`);
      seen += 1;
    }
    if (seen === Number(count)) {
      transact(new LLRPCore.CLOSE_CONNECTION()).then(() => process.exit(0), fail);
    }
  });
  await reader.connect();
  const first = await reader.recv(10000);
  const attempt = first.getReaderEventNotificationData().getConnectionAttemptEvent();
  if (attempt.getStatus() !== "Success") fail(attempt.getStatus());
  await transact(new LLRPCore.DELETE_ROSPEC({ data: { ROSpecID: 0 } }));
  await transact(new LLRPCore.ADD_ROSPEC({ data: { ROSpec: rospec } }));
  await transact(new LLRPCore.ENABLE_ROSPEC({ data: { ROSpecID: 17 } }));
})().catch(fail);
